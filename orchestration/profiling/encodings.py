"""Tells the encoding of a text: by strict decoding, and by how plausible the letters are that come out.

Any bytes are valid cp1251, koi8-r, cp866 and latin-1 (or nearly): only the letters tell them apart.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CYRILLIC = ("cp1251", "koi8-r", "cp866")
_WESTERN = "latin-1"
# Three of four letters of any Russian text are of these.
_FREQUENT = frozenset("оеаинтсрвлкмдп")
_RARE = frozenset("ъщэфцю")
_WORD = re.compile(r"[^\W\d_]+")
# What one-byte encodings hold that no export does: frames, control characters, signs of mathematics.
_STRANGE = re.compile(r"[\x80-\x9f\u2500-\u25ff\u2219-\u22ff]")


@dataclass(frozen=True)
class EncodingGuess:
    """`confidence` is between 0 and 1; `evidence` says in words what it rests on."""

    encoding: str
    confidence: float
    evidence: str


def guess_encoding(data: bytes, *, is_cut: bool = False) -> EncodingGuess:
    """The encoding of `data`; with `is_cut` it may end inside a character."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return EncodingGuess(encoding, 0.99, "byte order mark")
    if wide := _without_mark(data):
        return EncodingGuess(wide, 0.95, "every other byte is the same")
    if data.isascii():
        return EncodingGuess("utf-8", 0.9, "ASCII alone")
    if _is_utf8(data, is_cut):
        return EncodingGuess("utf-8", 0.99, "valid UTF-8 beyond ASCII")
    scores = {encoding: _russian(data.decode(encoding, "replace")) for encoding in _CYRILLIC}
    scores[_WESTERN] = _western(data.decode(_WESTERN))
    best, second = sorted(scores, key=lambda name: -scores[name])[:2]
    margin = scores[best] - scores[second]
    return EncodingGuess(best, round(min(0.97, 0.5 + margin), 2), f"its letters make words; next {second}")


def _without_mark(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte is one of two, that of ASCII and that of Cyrillic."""
    head = data[:4096]
    for encoding, high in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if high.count(0) and high.count(0) + high.count(4) > 0.9 * len(high):
            return encoding
    return None


def _is_utf8(data: bytes, is_cut: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(data, final=not is_cut)
    except UnicodeDecodeError:
        return False
    return True


def _russian(text: str) -> float:
    """How much of what is beyond ASCII are letters as Russian uses them: frequent, and large only where words begin."""
    beyond = sum(1 for sign in text if ord(sign) > 127)
    good = 0.0
    for word in _WORD.findall(text):
        if word.isascii():
            continue
        if any(sign.isascii() for sign in word):
            good -= len(word)
        elif word.islower() or word.isupper() or word.istitle():
            good += sum(1.0 if sign in _FREQUENT else 0.0 if sign in _RARE else 0.4 for sign in word.lower())
            # Small letters are the rule: koi8-r and cp1251 read as each other swap the case.
            good -= 0.1 * len(word) if word.isupper() else 0
        else:
            good -= 0.5 * len(word)
    return good / beyond - len(_STRANGE.findall(text)) / beyond


def _western(text: str) -> float:
    """How much of what is beyond ASCII are single accented letters inside words of ASCII letters."""
    beyond = sum(1 for sign in text if ord(sign) > 127)
    good = 0.0
    for word in _WORD.findall(text):
        accented = sum(1 for sign in word if not sign.isascii())
        # One accent in a word of three letters or more; a word of accents alone is another alphabet.
        good += accented if 0 < accented <= len(word) / 2 else -accented
    return good / beyond - len(_STRANGE.findall(text)) / beyond
