"""Replaces texts by made-up ones of the same shape, the same text always by the same, by a key that is thrown away."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_CYRILLIC = "абвгдежзиклмнопрстуфхцчшэюя"
# A date, a moment, a time; or a number of no more digits than money has. A phone or a document is neither.
_MOMENT = re.compile(
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?|\d{1,2}:\d{2}(:\d{2})?"
)
_NUMBER = re.compile(r"[+-]?\(?[\d  ]{1,9}([.,]\d{1,10})*\)?-?")
# A day that may be one: no month beyond 12 and no day beyond 31, wherever they stand.
_DAY = re.compile(r"(\d{4}[./-])?(0?[1-9]|[12]\d|3[01])[./-](0?[1-9]|[12]\d|3[01])([./-](\d{4}|\d{2}))?(?!\d)")
_PART = re.compile(r"\d+")
_TRIES = 1000


@dataclass
class Disguise:
    """Made-up texts of one sample. Different texts stay different, so that ids stay ids."""

    key: bytes
    _made: dict[str, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def text(self, text: str) -> str:
        """A made-up text with letters for letters and digits for digits."""
        if not text.strip():
            return text
        if text not in self._made:
            made = next(
                (
                    made
                    for number in range(_TRIES)
                    if (made := self._shaped(text, number)) not in self._taken | {text}
                    # A number stays one of as many digits: in a workbook the same id may be a number or a text.
                    and (made[0] != "0" or text[0] == "0")
                ),
                # As many ids as their shape has room for: a longer one is free.
                None,
            ) or self._shaped(f"{text}000000" if text.isdigit() else f"{text}-{text}000000", 0)
            self._made[text] = made
            self._taken.add(made)
        return self._made[text]

    def value(self, text: str) -> str:
        """A date, a moment or a number as it is; anything else masked so that it stays none."""
        stripped = text.strip()
        if _MOMENT.fullmatch(stripped) or _NUMBER.fullmatch(stripped):
            return text
        return "".join("9" if sign.isdigit() else "x" if sign.isalpha() else sign for sign in text)

    def day(self, text: str) -> str:
        """A made-up day in the same format: days are of the first twelve, so that any order of the parts will do."""
        if not _DAY.match(text.strip()):
            return self.text(text)
        digest = hmac.new(self.key, text.strip().encode(), hashlib.sha512).digest()
        numbers = iter(digest)
        return _PART.sub(lambda part: _made_up_part(len(part.group()), next(numbers)), text)

    def _shaped(self, text: str, number: int) -> str:
        digest = hmac.new(self.key, f"{number}:{text}".encode(), hashlib.sha512).digest()
        return "".join(_replaced(sign, digest[at % len(digest)] + at) for at, sign in enumerate(text))


def _made_up_part(width: int, chance: int) -> str:
    """A year of four digits, or a month or day."""
    return str(1940 + chance % 60) if width == 4 else f"{chance % 12 + 1:0{width}}"


def _replaced(sign: str, chance: int) -> str:
    if sign.isdigit():
        return str(chance % 10)
    if not sign.isalpha():
        return sign
    letters = _LATIN if sign.isascii() else _CYRILLIC
    letter = letters[chance % len(letters)]
    return letter.upper() if sign.isupper() else letter
