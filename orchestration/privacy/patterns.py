"""What personal data look like, for texts that should hold none. One set for SQL (RE2), Python and the scanner."""

from __future__ import annotations

import re

# In a text that is not supposed to be personal: narrow, because a false alarm hides a channel or stops CI.
PATTERNS = {
    "e-mail": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}",
    "phone": r"\+\d(?:[ ()-]{0,2}\d){9,13}|\b[78][ (-]{1,2}\d{3}[ )-]{1,2}\d{3}[ -]?\d{2}[ -]?\d{2}\b",
    "SNILS": r"\b\d{3}-\d{3}-\d{3}[ -]\d{2}\b",
    "passport": r"\b\d{2} \d{2} (?:№ ?)?\d{6}\b|\b\d{4} (?:№ ?)\d{6}\b",
    "policy or card": r"\b\d{4} \d{4} \d{4} \d{4}\b",
    # \b knows no Cyrillic in RE2.
    "full name": r"[А-ЯЁ][а-яё-]+ [А-ЯЁ][а-яё]+ [А-ЯЁ][а-яё]+(?:[вьмктн]ич|[ое]вна|ична|инична)(?:[^а-яё]|$)",
}
# In a text that is wrong anyway, e.g. a name where a date should be: wide, because the row's place is enough.
_SUSPICIOUS = (r"[А-ЯЁA-Z][а-яёa-z]+[ ,]+[А-ЯЁA-Z][а-яёa-z.]+", r"(?:^|[^.,\d])\d(?:[ ()]?\d){9,}")
HIDDEN = "(personal data)"

PERSONAL = "|".join(f"(?:{pattern})" for pattern in PATTERNS.values())
_PERSONAL_OR_SUSPICIOUS = "|".join([PERSONAL, *(f"(?:{pattern})" for pattern in _SUSPICIOUS)])


def masked_sql(text: str) -> str:
    """SQL of `text`, or of HIDDEN where it holds personal data. Texts without the marks of any are told apart fast."""
    marks = " or ".join(f"contains({text}, '{mark}')" for mark in " @+-")
    masked = f"case when regexp_matches({text}, '{PERSONAL}') then '{HIDDEN}' else {text} end"
    return f"(case when {marks} then {masked} else {text} end)"


def shown_sql(text: str, *, beside_names: bool = False) -> str:
    """SQL of what a message may quote of `text`, a value that is wrong where it stands.

    `beside_names`: the file exports names, and in a row that has slipped the wrong value may be one: words are hidden.
    """
    words = r"|\pL{2}" if beside_names else ""
    return f"(case when regexp_matches({text}, '{_PERSONAL_OR_SUSPICIOUS}{words}') then '{HIDDEN}' else {text} end)"


def shown(text: str) -> str:
    """What a message may quote of `text`, in Python."""
    return HIDDEN if re.search(_PERSONAL_OR_SUSPICIOUS, text) else text


def redacted(text: str) -> str:
    """`text` with HIDDEN in place of each personal datum: the last line of defence of whatever leaves the machine."""
    return re.sub(PERSONAL, HIDDEN, text)
