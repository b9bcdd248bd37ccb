"""What the scanner looks for: needles (texts known to be personal) and patterns, in SQL, in text and in bytes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from orchestration.privacy.patterns import PATTERNS

MOST_NEEDLES = 500
_PREFIX_MARK = "*"
# Numbers are stored as numbers, too: of so many digits the digits alone are looked for.
_TELLING_DIGITS = 9
_PHONE_DIGITS = 10
# Before a needle: no letter or digit, unless they end an escape of JSON ("\n", "\t", "\u0430").
_NO_LETTER = "[^0-9A-Za-zА-Яа-яЁё]"
_BEFORE = rf"(?:^|{_NO_LETTER}|\\[nrt]|\\u[0-9a-f]{{4}})"
_BEFORE_BYTES = rb"(?:^|[^0-9A-Za-z]|\\[nrt]|\\u[0-9a-f]{4})"
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


class NeedlesError(ValueError):
    """A file of needles cannot be used."""


@dataclass(frozen=True)
class Needle:
    """One text; `label` stands for it in reports, which never repeat it. With `*` at its end it is a beginning."""

    label: str
    text: str

    @property
    def forms(self) -> tuple[str, ...]:
        """The text, and its digits alone where they are telling; of a phone without the country's."""
        digits = re.sub(r"\D", "", self.text)
        is_number = len(digits) >= _TELLING_DIGITS and not re.search(r"[^\W\d_]", self.text)
        whole = self.text.removesuffix(_PREFIX_MARK)
        return (whole, digits[-_PHONE_DIGITS:] if self.label.startswith("phone") else digits) if is_number else (whole,)

    @property
    def pattern(self) -> str:
        """RE2. A number needs no bounds: it may stand inside another writing of itself."""
        whole, *digits = self.forms
        after = "" if self.text.endswith(_PREFIX_MARK) else f"(?:$|{_NO_LETTER})"
        before = _BEFORE if whole[:1].isalnum() else ""
        return "|".join([f"(?i:{before}{re.escape(whole)}{after})", *digits])

    @cached_property
    def byte_pattern(self) -> re.Pattern[bytes]:
        whole, *digits = self.forms
        after = b"" if self.text.endswith(_PREFIX_MARK) else rb"(?:$|[^0-9A-Za-z])"
        before = _BEFORE_BYTES if whole[:1].isalnum() else b""
        written = b"|".join(re.escape(form) for form in _encoded(whole))
        numbers = [form for number in digits for form in _encoded(number)]
        return re.compile(b"|".join([before + b"(?:" + written + b")" + after, *numbers]))

    @cached_property
    def bytes_(self) -> tuple[bytes, ...]:
        """What must be there if the needle is: fast to look for."""
        return tuple({encoded for form in self.forms for encoded in _encoded(form)})


@dataclass(frozen=True)
class Terms:
    """Needles and, unless switched off, the patterns of personal data."""

    needles: list[Needle] = field(default_factory=list)
    patterns: dict[str, str] = field(default_factory=lambda: dict(PATTERNS))

    @property
    def any_in_sql(self) -> str:
        """RE2 of whatever may be a find: fast, because it heeds no bounds."""
        forms = [f"(?i:{re.escape(form)})" for needle in self.needles for form in needle.forms]
        return "|".join([*forms, *self.patterns.values()])

    @property
    def in_sql(self) -> dict[str, str]:
        """Label → RE2 pattern."""
        return {needle.label: needle.pattern for needle in self.needles} | self.patterns

    def in_bytes(self, data: bytes) -> dict[str, int]:
        """Label of each needle in `data` → how often, whatever the encoding."""
        found: dict[str, int] = {}
        for needle in self.needles:
            if any(written in data for written in needle.bytes_):
                count = sum(1 for _ in needle.byte_pattern.finditer(data))
                found |= {needle.label: count} if count else {}
        return found

    def in_text(self, text: str) -> dict[str, int]:
        """The same of patterns in a text, also one with the escapes of JSON."""
        plain = _ESCAPED.sub(lambda code: chr(int(code.group(1), 16)), text)
        counts = {name: sum(1 for _ in re.finditer(pattern, plain)) for name, pattern in self.patterns.items()}
        return {name: count for name, count in counts.items() if count}


def read_needles(path: Path) -> list[Needle]:
    """Needles of a file with `kind: text` on each line.

    Raises:
        NeedlesError: there are none, too many, or the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NeedlesError(f"{path} cannot be read as UTF-8 text ({type(error).__name__})") from None
    needles = []
    for number, line in enumerate(lines, 1):
        kind, colon, text = line.partition(":")
        if line.strip() and not line.startswith("#"):
            if not colon or len(text.strip()) < 3:
                raise NeedlesError(f"{path}, line {number}: write 'kind: text', with a text of 3 characters or more")
            needles.append(Needle(f"{kind.strip()} (line {number})", text.strip()))
    if not 0 < len(needles) <= MOST_NEEDLES:
        raise NeedlesError(f"{path} holds {len(needles)} needles; give 1 to {MOST_NEEDLES}, one per line")
    return needles


def _encoded(text: str) -> set[bytes]:
    """The text as a file may hold it: in any letter case, in the encodings of exports, escaped as in JSON."""
    written = {json.dumps(form)[1:-1].encode() for form in (text, text.upper(), text.lower(), text.title())}
    for form in (text, text.upper(), text.lower(), text.title()):
        written |= {form.encode(encoding, "ignore") for encoding in ("utf-8", "cp1251", "utf-16-le")}
    return written - {b""}
