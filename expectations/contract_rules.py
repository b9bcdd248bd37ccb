"""Expectations that follow from a contract alone: keys, required columns, code lists, plausible dates, pseudonyms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from expectations.rules import BATCH, Rule, Severity, given, known_code, mostly, quoted, row_rule, threshold
from models.contracts import HASHED, ColumnType, Contract, EntityKind

# Ends of validity: systems write 9999-12-31 for "no end", which is harmless.
_OPEN_ENDED = {"valid_to", "closed_on", "dismissed_on"}


def contract_rules(contract: Contract, severities: Mapping[str, Severity] | None = None) -> tuple[Rule, ...]:
    """Every expectation that `contract` states. `severities` overrides that of a required column by its name."""
    return tuple(_rules(contract, severities or {}))


def _rules(contract: Contract, severities: Mapping[str, Severity]) -> Iterator[Rule]:
    unique = _unique_key(contract)
    yield unique
    required = {
        name: given(
            name,
            severities.get(name, Severity.ERROR),
            f"Required: {column.description} Fill it in the MIS, or map the right column in the source profile.",
        )
        for name, column in contract.columns.items()
        if column.required and name in contract.stored_columns
    }
    if contract.kind is EntityKind.FACT or contract.entity == "patients":
        yield _usable_keys(contract, [unique, *(required[name] for name in contract.key)])
    stored = contract.stored_columns
    for name, column in contract.columns.items():
        if name not in stored:
            continue
        if name in required:
            yield required[name]
        if column.codes:
            known = ", ".join(column.codes)
            reason = f"Only {known} have a meaning here. Map the value in the profile, or correct it in the MIS."
            yield known_code(name, list(column.codes), reason)
        if column.type in (ColumnType.DATE, ColumnType.TIMESTAMP):
            yield _plausible(name)
        if column.privacy in HASHED:
            yield _pseudonym(name)


def _unique_key(contract: Contract) -> Rule:
    key = ", ".join(quoted(name) for name in contract.key)
    changed = '"updated_at" DESC NULLS LAST, ' if "updated_at" in contract.columns else ""
    # Keys are counted first, which is cheap; only rows of repeated ones are ranked.
    repeated = f"SELECT _export_date, {key} FROM {BATCH} WHERE {_has_key(contract)} GROUP BY ALL HAVING count(*) > 1"
    ranked = (
        "(SELECT *, row_number() OVER same_key AS _rank, first_value(_row) OVER same_key AS _kept_row, "
        f"first_value(_file) OVER same_key AS _kept_file "
        f"FROM {BATCH} SEMI JOIN ({repeated}) USING (_export_date, {key}) "
        f"WINDOW same_key AS (PARTITION BY _export_date, {key} ORDER BY {changed}_row DESC, _file DESC))"
    )
    kept = "the one changed last" if changed else "the last one"
    return row_rule(
        "key_is_unique",
        "_rank > 1",
        f"A day holds each {' + '.join(contract.key)} once, or it would count twice; of several rows {kept} is kept. "
        "Remove the repeated row from the export.",
        columns=tuple(contract.key),
        severity=Severity.ERROR,
        relation=ranked,
        detail="'Kept: row ' || _kept_row || ' of ' || _kept_file || '.'",
        may_be_lowered=False,
    )


def _usable_keys(contract: Contract, watched: list[Rule]) -> Rule:
    return mostly(
        "most_keys_are_usable",
        watched,
        f"So many of the day's rows repeat or lack {' + '.join(contract.key)} that the file is damaged, or the "
        "profile maps the wrong column as the key. Correct the profile or export the day again; nothing of the day is "
        "loaded until then.",
        columns=tuple(contract.key),
    )


def _has_key(contract: Contract) -> str:
    return " AND ".join(f"{quoted(name)} IS NOT NULL" for name in contract.key)


def _plausible(column: str) -> Rule:
    too_early = f"{quoted(column)} < DATE '1900-01-01'"
    too_late = f"{quoted(column)} > _export_date + INTERVAL {{years}} YEAR"
    is_end = column in _OPEN_ENDED
    span = "not lie before 1900" if is_end else "lie between 1900 and some years after the export"
    return row_rule(
        f"{column}_is_plausible",
        too_early if is_end else f"({too_early} OR {too_late})",
        f"A date must {span}; beyond it is a typing error or a wrong date format. "
        "Correct it in the MIS, or the format in the source profile.",
        columns=(column,),
        severity=Severity.ERROR,
        threshold=None if is_end else threshold("{years} years after the export", years=5),
    )


def _pseudonym(column: str) -> Rule:
    return row_rule(
        f"{column}_is_a_pseudonym",
        f"(length({quoted(column)}) <> 32 OR NOT regexp_full_match({quoted(column)}, '[0-9a-f]+'))",
        "An identifier of a patient or a document must never enter the warehouse; the reader replaces it by 32 "
        "hexadecimal characters. The batch was not made by the reader: read the day again.",
        columns=(column,),
        severity=Severity.CRITICAL,
        may_be_lowered=False,
    )
