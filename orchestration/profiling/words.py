"""Compares names as people write them: `Номер_карты`, `№ карты`, `CardNumber`, `Дата рожд.`; case and endings aside."""

from __future__ import annotations

import re
from functools import cache

from models.synonyms import load_synonyms

_CAMEL = re.compile(r"(?<=[a-zа-яё0-9])(?=[A-ZА-ЯЁ])")
# A word, with the full stop that says it is cut short.
_WORD = re.compile(r"[^\W_]+\.?|[№#]")
# Endings of Russian nouns, adjectives and participles; what is left must still be a word.
_ENDING = re.compile(
    "(?<=[а-я]{3})(ами|ями|ого|его|ому|ему|ыми|ими|ая|яя|ое|ее|ые|ие|ий|ый|ой|ей|ам|ям|ах|ях|ов|ев|ом|ем|ию|ия|ии"
    "|[аяоеыиуюьй])$"
)
# Words that say "which one", in many ways; they tell nothing by themselves.
_NUMBER_WORDS = {"id", "ид", "код", "номер", "num", "number", "no", "code", "uuid", "guid", "№", "#", "n", "key", "ref"}
NUMBER = "#"
# Words that say little about what a column is of.
_FILLERS = "at on of the в на и is amount руб rub usd eur fact date дата time время"
_LEAST_WEIGHT = 0.4
_SHORTEST_CUT = 3
# The same words; in another order; some words of many.
_EQUAL, _SHUFFLED, _PARTLY = 0.97, 0.94, 0.9


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
    if "".join(_words(one)) == "".join(_words(other)):
        return _EQUAL
    return _likeness_of_stems(stems(one), stems(other))


def likeness_within(name: str, other: str, topic: frozenset[str]) -> float:
    """The same where the stems of `topic` go without saying: among patients `Пол пациента` is `пол`."""
    bare, bare_other = (tuple(stem for stem in stems(text) if stem not in topic) for text in (name, other))
    if not bare or not bare_other or set(bare) == {NUMBER}:
        return likeness(name, other)
    return max(likeness(name, other), _EQUAL * _likeness_of_stems(bare, bare_other))


def _likeness_of_stems(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    if not one or not other:
        return 0.0
    one, other = _completed(one, other), _completed(other, one)
    if one == other:
        return _EQUAL
    if sorted(one) == sorted(other):
        return _SHUFFLED
    shared = sum(_weight(stem) for stem in set(one) & set(other))
    total = sum(map(_weight, set(one))) + sum(map(_weight, set(other)))
    return round(_PARTLY * 2 * shared / total, 4)


def _completed(stems_: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Words cut short by a full stop, as the other name has them in full."""
    return tuple(
        next((full for full in other if len(stem) > _SHORTEST_CUT and full.startswith(stem[:-1])), stem.rstrip("."))
        if stem.endswith(".")
        else stem
        for stem in stems_
    )


@cache
def _words(name: str) -> tuple[str, ...]:
    found = _WORD.findall(_CAMEL.sub(" ", name).casefold().replace("ё", "е"))
    full = load_synonyms().abbreviations
    whole = [part for word in found for part in full.get(word.rstrip("."), word).split()]
    return tuple(part for word in whole for part in _split_id(word))


def _split_id(word: str) -> tuple[str, ...]:
    """`patientid` → (patient, id), as upper-case headers are written."""
    if word.isascii() and len(word) > 5 and word.endswith("id"):
        return (word[:-2], "id")
    return (word,)


def _stem(word: str) -> str:
    if word.rstrip(".") in _NUMBER_WORDS:
        return NUMBER
    if word.isascii():
        return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
    return _ENDING.sub("", word)


_FILLER_STEMS = {_stem(word) for word in _FILLERS.split()}


def _weight(stem: str) -> float:
    return _LEAST_WEIGHT if stem == NUMBER or stem in _FILLER_STEMS or len(stem) == 1 else 1.0
