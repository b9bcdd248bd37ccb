"""Expectations of rows beside other rows: references and overlaps; `totals` are apart.

They look at what the warehouse will hold (the views of `surroundings`), a row in its latest version, so that a range of
days ends in the same verdicts as its last day. Exports come in any order, so they tell and do not hold back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from expectations.rules import BATCH, DAYS, Rule, Severity, Threshold, quoted, row_rule
from models.contracts import Contract, load_contracts


def references(contract: Contract) -> Iterator[Rule]:
    """Each column that names a row of another entity (or of its own) names one that has been delivered."""
    for name, column in contract.columns.items():
        if column.references:
            yield reference(contract.entity, name, column.references)


def reference(entity: str, column: str, target: str) -> Rule:
    """`column` names a row of `target` that this export or an earlier one holds."""
    return row_rule(
        f"{column}_is_known",
        f"{quoted(column)} IS NOT NULL",
        f"It names one of {target} that no export has delivered yet, so whatever hangs on that is missing. It settles "
        f"itself once {target} are delivered; until then look why they are not, or were put into quarantine.",
        columns=(column,),
        severity=Severity.WARN,
        relation=f"(SELECT * FROM {BATCH} AS named WHERE NOT EXISTS ("
        f"FROM known.{target} AS t WHERE t.{_target_key(target)} = named.{quoted(column)}) AND NOT EXISTS ("
        f"FROM known.id_changes AS c WHERE c.entity = '{target}' AND c.old_id = named.{quoted(column)}))",
        needs=(target, f"{entity}.{column}"),
    )


def _target_key(target: str) -> str:
    """Of a key of several columns, such as plan and version, the first is the one that others name."""
    return quoted(load_contracts()[target].key[0])


def latest(contract: Contract, touched: str) -> str:
    """Relation of the rows that stand, in their latest version, of every key of which some version is `touched`."""
    key = ", ".join(quoted(name) for name in contract.key)
    changed = '"updated_at" DESC NULLS LAST, ' if "updated_at" in contract.columns else ""
    every = f"present.{contract.entity}"
    return (
        f"(SELECT * FROM {every} SEMI JOIN (SELECT {key} FROM {every} WHERE {touched}) USING ({key}) "
        f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY _export_date DESC, {changed}_row DESC) = 1 "
        "AND _is_deleted IS NOT TRUE)"
    )


def no_overlap(
    contract: Contract,
    name: str,
    reason: str,
    *,
    of: str,
    span: tuple[str, str],
    when: str,
    columns: tuple[str, ...],
    threshold: Threshold,
    needs: Sequence[str] = (),
) -> Rule:
    """Two rows of one `of` do not overlap in their `span` (SQL of start and end) by more than `{minutes}`.

    Only rows near the batch in time are compared: no span is longer than a day.
    """
    start, end = span
    near = (
        f"{quoted(of)} IN (SELECT {quoted(of)} FROM {BATCH}) "
        f"AND {start} >= (SELECT min({start}) FROM {BATCH} WHERE {when}) - INTERVAL 1 DAY "
        f"AND {start} <= (SELECT max({start}) FROM {BATCH} WHERE {when}) + INTERVAL 1 DAY"
    )
    key = quoted(contract.key[0])
    in_order = f"PARTITION BY {quoted(of)} ORDER BY _start, {key}"
    relation = (
        "(WITH spans AS ("
        f"SELECT *, {start} AS _start, {end} AS _end FROM {latest(contract, near)} WHERE {when}), "
        "beside AS (SELECT *, max(_end) OVER earlier AS _end_before, arg_max("
        f"{key}, _end) OVER earlier AS _before, lead(_start) OVER later AS _start_after, lead(_end) OVER later AS "
        f"_end_after, lead({key}) OVER later AS _after FROM spans "
        f"WINDOW earlier AS ({in_order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), later AS ({in_order})), "
        # Without a neighbour there is nothing shared; `least` would pass over its NULL.
        "measured AS (SELECT *, "
        "if(_end_before > _start, date_diff('minute', _start, least(_end, _end_before)), 0) AS _shared_before, "
        "if(_start_after < _end, date_diff('minute', _start_after, least(_end, _end_after)), 0) AS _shared_after "
        "FROM beside) "
        f"SELECT * FROM measured WHERE _export_date IN (SELECT _export_date FROM {DAYS}))"
    )
    return row_rule(
        name,
        "(_shared_before > {minutes} OR _shared_after > {minutes})",
        reason,
        columns=columns,
        severity=Severity.WARN,
        relation=relation,
        detail="'Overlaps ' || if(_shared_before > {minutes}, _before, _after) || '.'",
        threshold=threshold,
        needs=(contract.entity, f"{contract.entity}.{of}", *needs),
    )
