"""What personal data look like, for texts that should hold none. One set for SQL (RE2), Python and the scanner."""

from __future__ import annotations

import re

# In a text that is not supposed to be personal: narrow, because a false alarm hides a channel or stops CI.
PATTERNS = {
    "e-mail": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}",
    "phone": r"\+\d(?:[ ()-]{0,2}\d){9,13}|\b[78][ (-]{1,2}\d{3}[ )-]{1,2}\d{3}[ -]?\d{2}[ -]?\d{2}\b"
    r"|(?i:тел|телефон|моб|phone)[ .:№]{0,3}[78]?(?:[ ()-]{0,2}\d){10}",
    "SNILS": r"\b\d{3}-\d{3}-\d{3}[ -]\d{2}\b",
    "passport": r"\b\d{2} \d{2} (?:№ ?)?\d{6}\b|\b\d{4} (?:№ ?)\d{6}\b",
    "policy or card": r"\b\d{4} \d{4} \d{4} \d{4}\b",
    "document": r"(?i:снилс|паспорт|полис|омс)[ .:№]{0,3}\d(?:[ -]{0,2}\d){8,15}",
    # Also declined, but not to "-овной" and "-овне": основной, на уровне. \b knows no Cyrillic in RE2.
    "full name": r"(?i:[а-яё-]{2,} [а-яё]{2,} [а-яё]{2,}(?:[вьмктн]ич(?:а|у|ем)?|[ое]вн[аыу]|инична|китична))"
    r"(?:[^А-ЯЁа-яё]|$)",
    # A surname behind the initials is mostly what a hospital is named after: "Больница С.П. Боткина".
    "name with initials": r"[А-ЯЁ][А-ЯЁа-яё-]{2,} [А-ЯЁ]\. ?[А-ЯЁ]\.(?: ?[^А-ЯЁ ]|$)",
}
# Only in labels: an id may be eleven digits of its own.
_BARE_PHONE = r"(?:^|[^\d.,])[78]9\d{9}(?:[^\d.,]|$)"
# In a text that is wrong anyway, e.g. a name where a date should be: wide, because the row's place is enough.
_SUSPICIOUS = (r"[А-ЯЁA-Z][а-яёa-z]+[ ,]+[А-ЯЁA-Z][а-яёa-z.]+", r"(?:^|[^.,\d])\d(?:[ ()]?\d){9,}")
HIDDEN = "(personal data)"
_CODE_DIGITS = 16

PERSONAL = "|".join(f"(?:{pattern})" for pattern in PATTERNS.values())
_PERSONAL_OR_SUSPICIOUS = "|".join([PERSONAL, *(f"(?:{pattern})" for pattern in _SUSPICIOUS)])


def masked_label_sql(text: str) -> str:
    """SQL of `text`, a label, or of HIDDEN where it holds personal data."""
    return f"(case when regexp_matches({text}, '{PERSONAL}|{_BARE_PHONE}') then '{HIDDEN}' else {text} end)"


def masked_id_sql(text: str, code: str) -> str:
    """SQL of `text`, an id; where it holds personal data, of HIDDEN and the beginning of its keyed `code`: ids that are
    phones still tell rows apart.

    Most ids are plain letters and digits, which are told apart fast.
    """
    hidden = f"'{HIDDEN} ' || left({code}, {_CODE_DIGITS})"
    masked = f"case when regexp_matches({text}, '{PERSONAL}') then {hidden} else {text} end"
    return f"(case when regexp_full_match({text}, '[A-Za-z0-9_]*') then {text} else {masked} end)"


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
