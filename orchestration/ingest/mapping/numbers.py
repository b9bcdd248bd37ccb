"""SQL that reads numbers exactly: nothing is rounded, and a mark the profile does not use makes no number."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.contracts import ColumnType
from models.file_terms import TextFormat
from orchestration.ingest.quoting import text_literal

# Spaces, also the no-break ones that spreadsheets group thousands with.
_SPACES = "\\s\\x{00A0}\\x{202F}"
# Digits behind the mark that a number may have in an export; more would be rounded away unseen.
_DECIMALS = 10
SCALES = {ColumnType.INTEGER: 0, ColumnType.AMOUNT: 2, ColumnType.QUANTITY: 4}


@dataclass(frozen=True)
class NumberFormat:
    """How the source writes numbers. Numbers that a computation made always have a point."""

    decimal_mark: str = "."
    thousands_mark: str | None = None
    # What may stand beside the digits: a currency, a unit.
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: TextFormat) -> NumberFormat:
        return cls(text.decimal_mark, text.thousands_mark, tuple(text.number_words))

    def exact(self, text: str) -> str:
        """`text` as DECIMAL(38,10), or NULL. A trailing minus and accountants' brackets mean negative."""
        text = self.bare(text)
        shape = f"(?:[+-]?{self._unsigned()}|{self._unsigned()}-|\\({self._unsigned()}\\))"
        digits = f"regexp_replace({text}, {text_literal(f'[{self._grouping()}()-]')}, '', 'g')"
        number = self._with_point(digits)
        is_negative = f"regexp_matches({text}, '[(-]')"
        value = f"try_cast({number} as decimal(38,{_DECIMALS}))"
        return (
            f"case when regexp_full_match({text}, {text_literal(shape)})"
            f" then case when {is_negative} then -{value} else {value} end end"
        )

    def bare(self, text: str) -> str:
        """`text` without the words beside the digits; a sign or a bracket may stand outside or inside of them."""
        if not self.words:
            return text
        words = "|".join(re.escape(word) for word in sorted(self.words, key=len, reverse=True))
        space = f"[{_SPACES}]*"
        before = f"(?i)^([-+(]?){space}(?:{words}){space}"
        behind = f"(?i){space}(?:{words}){space}([)-]?)$"
        for pattern in (before, behind):
            text = f"regexp_replace({text}, {text_literal(pattern)}, '\\1')"
        return text

    def _with_point(self, text: str) -> str:
        return text if self.decimal_mark == "." else f"replace({text}, {text_literal(self.decimal_mark)}, '.')"

    def _unsigned(self) -> str:
        fraction = f"{re.escape(self.decimal_mark)}[0-9]{{0,{_DECIMALS}}}"
        groups = f"[0-9]{{1,3}}(?:[{self._grouping()}][0-9]{{3}})+"
        return f"(?:(?:[0-9]+|{groups})(?:{fraction})?|{fraction})"

    def _grouping(self) -> str:
        return _SPACES + (re.escape(self.thousands_mark) if self.thousands_mark else "")


def computed(text: str) -> str:
    """A number that SQL has written as text, as DECIMAL(38,10), or NULL."""
    return f"try_cast({text} as decimal(38,{_DECIMALS}))"


def typed(text: str, kind: ColumnType, decimal_mark: str, exact: str) -> str:
    """`text` in the type of `kind`, or NULL if it is no number or would lose digits; `exact` is the number in full."""
    scale = SCALES[kind]
    # Nearly every number is short, and a short decimal is read twenty times faster than a long one.
    fraction = f"(?:{re.escape(decimal_mark)}[0-9]{{0,{scale}}})?" if scale else ""
    short = f"[+-]?[0-9]{{1,{16 - scale}}}{fraction}"
    number = text if decimal_mark == "." else f"replace({text}, {text_literal(decimal_mark)}, '.')"
    cast = f"try_cast({number} as {kind.sql_type})"
    return f"case when regexp_full_match({text}, {text_literal(short)}) then {cast} else {fitted(exact, kind)} end"


def fitted(number: str, kind: ColumnType) -> str:
    """A DECIMAL in the type of `kind`, or NULL if it would lose digits."""
    cast = f"try_cast({number} as {kind.sql_type})"
    return f"case when {number} = {cast} then {cast} end"


def converted(number: str, kind: ColumnType, numerator: int, denominator: int) -> str:
    """`number` (DECIMAL) × numerator ÷ denominator in the type of `kind`, or NULL if it would lose digits.

    A division that never ends (minutes in hours) is rounded to the type's last digit, half away from zero.
    """
    scale = SCALES[kind]
    # In integers throughout: a quotient of decimals would be a double.
    units = f"cast(try_cast({number} as decimal(24,6)) * 1000000 as hugeint)"
    up, down = numerator * 10**scale, denominator * 10**6
    whole = f"({units} * {up} // {down})"
    if _ends(denominator):
        whole = f"case when {units} * {up} % {down} = 0 then {whole} end"
    else:
        half = f"(abs({units}) * {2 * up} + {down}) // {2 * down}"
        whole = f"case when {units} < 0 then -({half}) else {half} end"
    step = f"cast('{10**-scale:.{scale}f}' as decimal({max(scale, 1)},{scale}))"
    return f"try_cast(try_cast({whole} as decimal(18,0)) * {step} as {kind.sql_type})"


def _ends(denominator: int) -> bool:
    """Whether a division by it ends after some digits."""
    for factor in (2, 5):
        while denominator % factor == 0:
            denominator //= factor
    return denominator == 1
