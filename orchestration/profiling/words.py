"""Compares names as people write them: `Номер_карты`, `№ карты`, `CardNumber`. Case, endings and order matter little."""

from __future__ import annotations

import re
from functools import cache

_CAMEL = re.compile(r"(?<=[a-zа-яё0-9])(?=[A-ZА-ЯЁ])")
_WORD = re.compile(r"[^\W_]+|№")
# Words that say "which one", in many ways; they tell nothing by themselves.
_NUMBER_WORDS = {"id", "ид", "код", "номер", "num", "number", "no", "code", "uuid", "guid", "№", "n", "key", "ref"}
NUMBER = "#"
_FILLERS = {"at", "on", "of", "the", "в", "на", "is", "amount", "руб", "rub", "usd", "eur", "fact", "date", "дата"}
_LEAST_WEIGHT = 0.4
# Endings of Russian nouns, adjectives and participles; what is left must still be a word.
_ENDING = re.compile(
    "(?<=[а-я]{3})(ами|ями|ого|его|ому|ему|ыми|ими|ая|яя|ое|ее|ые|ие|ий|ый|ой|ей|ам|ям|ах|ях|ов|ев|ом|ем|ию|ия|ии"
    "|[аяоеыиуюьй])$"
)


@cache
def stems(name: str) -> tuple[str, ...]:
    """`Начало приёма` → (начал, прием): what is left of a name without case, endings and punctuation."""
    return tuple(_stem(word) for word in _words(name))


@cache
def is_same(one: str, other: str) -> bool:
    """Whether two names or values are the same words in the same form."""
    return _words(one) == _words(other)


@cache
def likeness(one: str, other: str) -> float:
    """How alike two names are, from 0 to 1."""
    if _words(one) == _words(other):
        return 1.0
    a, b = stems(one), stems(other)
    if not a or not b:
        return 0.0
    if a == b or "".join(_words(one)) == "".join(_words(other)):
        return 0.97
    if sorted(a) == sorted(b):
        return 0.94
    shared = sum(_weight(stem) for stem in set(a) & set(b))
    total = sum(map(_weight, set(a))) + sum(map(_weight, set(b)))
    return round(0.9 * 2 * shared / total, 4)


@cache
def _words(name: str) -> tuple[str, ...]:
    found = _WORD.findall(_CAMEL.sub(" ", name).casefold().replace("ё", "е"))
    return tuple(part for word in found for part in _split_id(word))


def _split_id(word: str) -> tuple[str, ...]:
    """`patientid` → (patient, id), as upper-case headers are written."""
    if word.isascii() and len(word) > 5 and word.endswith("id"):
        return (word[:-2], "id")
    return (word,)


def _stem(word: str) -> str:
    if word in _NUMBER_WORDS:
        return NUMBER
    if word.isascii():
        return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
    return _ENDING.sub("", word)


def _weight(stem: str) -> float:
    return _LEAST_WEIGHT if stem == NUMBER or stem in _FILLERS or len(stem) == 1 else 1.0
