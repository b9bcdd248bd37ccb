"""Expectations of a delivery as a whole, the same for every entity: volume, layout, freshness, control totals.

They compare the day's file with earlier ones of the same entity (`log.*` of `surroundings`).
"""

from __future__ import annotations

from collections.abc import Iterator

from expectations.rules import BATCH, DAYS, Rule, Severity, day_rule, quoted, text_literal, threshold
from models.contracts import Contract

# A day's rows beside the same weekday's: exports follow the week, and the middle one of several is no holiday.
_BY_WEEKDAY = (
    "(SELECT entity, export_date, rows_read, median(rows_read) OVER before AS usual, count(*) OVER before AS weeks "
    "FROM log.days WHERE is_delta WINDOW before AS (PARTITION BY entity, isodow(export_date) ORDER BY export_date "
    "ROWS BETWEEN {weekdays} PRECEDING AND 1 PRECEDING))"
)
_HAS_HISTORY = "weeks * 2 >= {weekdays} AND usual >= {rows}"
_COMPARED = "rows_read || ' rows, usually ' || CAST(usual AS BIGINT)"
_THESE_DAYS = f"export_date IN (SELECT _export_date FROM {DAYS})"


def delivery_rules(contract: Contract) -> Iterator[Rule]:
    """What the day's file of an entity must satisfy as a whole."""
    entity = contract.entity
    yield _usual_volume(entity)
    yield _not_cut(entity)
    yield _not_sent_twice(entity)
    if contract.day or "updated_at" in contract.columns:
        yield _fresh(contract)
    yield _whole_snapshot(entity)
    yield _same_columns(entity)
    yield _control_totals(entity)


def _usual_volume(entity: str) -> Rule:
    return day_rule(
        "volume_is_usual",
        f"SELECT export_date AS _export_date, {_COMPARED} AS detail FROM {_BY_WEEKDAY} "
        f"WHERE entity = {text_literal(entity)} AND {_THESE_DAYS} AND {_HAS_HISTORY} "
        "AND (rows_read < {share} * usual OR rows_read > {times} * usual)",
        "Far fewer or more rows than on the same weekday before: a holiday, or an export that was cut or repeated. "
        "If it was no holiday, export the day again and run it.",
        columns=("_export_date",),
        severity=Severity.WARN,
        needs=(f"{entity}.delta", "daily"),
        threshold=threshold(
            "less than {share} or more than {times} of the median of the same weekday's last {weekdays} exports, if "
            "that is {rows} rows or more",
            share="0.3",
            times=3,
            weekdays=8,
            rows=20,
        ),
    )


def _not_cut(entity: str) -> Rule:
    others = (
        f"SELECT count(*) >= {{others}} AND count(*) FILTER (others.rows_read * 2 >= others.usual) >= 0.75 * count(*) "
        f"FROM {_BY_WEEKDAY} AS others WHERE others.entity <> {text_literal(entity)} "
        "AND others.export_date = mine.export_date AND others.weeks * 2 >= {weekdays} AND others.usual >= {rows}"
    )
    return day_rule(
        "file_is_not_cut",
        f"SELECT export_date AS _export_date, {_COMPARED} AS detail FROM {_BY_WEEKDAY} AS mine "
        f"WHERE entity = {text_literal(entity)} AND {_THESE_DAYS} AND {_HAS_HISTORY} "
        f"AND rows_read < {{share}} * usual AND ({others})",
        "This file is all but empty while the others of the day are as full as ever, so it is no holiday: it was cut. "
        "Export it again; nothing of the day is loaded until then, or until the profile's `checks` allow it.",
        columns=("_export_date",),
        severity=Severity.CRITICAL,
        needs=(f"{entity}.delta", "daily"),
        threshold=threshold(
            "less than {share} of the median of the same weekday's last {weekdays} exports, if that is {rows} rows or "
            "more, while three quarters of the other files ({others} or more) hold at least half of theirs",
            share="0.1",
            weekdays=8,
            rows=50,
            others=3,
        ),
    )


def _whole_snapshot(entity: str) -> Rule:
    return day_rule(
        "snapshot_is_whole",
        f"SELECT export_date AS _export_date, {_COMPARED} AS detail FROM ("
        "SELECT entity, export_date, rows_read, median(rows_read) OVER (PARTITION BY entity ORDER BY export_date "
        "ROWS BETWEEN {exports} PRECEDING AND 1 PRECEDING) AS usual FROM log.days) "
        f"WHERE entity = {text_literal(entity)} AND {_THESE_DAYS} "
        "AND usual >= {rows} AND rows_read < {share} * usual",
        "A full snapshot has lost so many of its rows that it was cut, and whatever it lacks would count as gone. "
        "Export it again; nothing of the day is loaded until then, or until the profile's `checks` allow it.",
        columns=("_export_date",),
        severity=Severity.CRITICAL,
        needs=(f"{entity}.full",),
        threshold=threshold(
            "less than {share} of the median of the last {exports} exports, if that is {rows} rows or more",
            share="0.5",
            exports=3,
            rows=20,
        ),
    )


def _same_columns(entity: str) -> Rule:
    compared = (
        f"WITH own AS (SELECT * FROM log.columns WHERE entity = {text_literal(entity)}), "
        "days AS (SELECT export_date AS today, lag(export_date) OVER (ORDER BY export_date) AS earlier "
        "FROM (SELECT DISTINCT export_date FROM own)), "
        "kinds AS (SELECT today, column_name, count(*) FILTER (export_date = today) AS is_here, "
        "count(*) FILTER (export_date = earlier) AS was_here, "
        "any_value(kind) FILTER (export_date = today AND filled >= {rows}) AS kind, "
        "any_value(kind) FILTER (export_date = earlier AND filled >= {rows}) AS kind_before "
        "FROM days JOIN own ON export_date IN (today, earlier) WHERE earlier IS NOT NULL GROUP BY ALL) "
        "SELECT today AS export_date, CASE WHEN was_here = 0 THEN 'new: ' || column_name "
        "WHEN is_here = 0 THEN 'gone: ' || column_name "
        "ELSE column_name || ' was ' || kind_before || ', is ' || kind END AS change "
        "FROM kinds WHERE was_here = 0 OR is_here = 0 OR kind <> kind_before"
    )
    return day_rule(
        "columns_are_as_before",
        "SELECT export_date AS _export_date, string_agg(change, '; ' ORDER BY change) AS detail "
        f"FROM ({compared}) WHERE {_THESE_DAYS} GROUP BY 1",
        "The layout of the file has changed since the last one. See in the MIS what the change means and bring the "
        "profile up to it.",
        columns=("_export_date",),
        severity=Severity.WARN,
        needs=(entity,),
        threshold=threshold("a kind is told from {rows} filled rows on", rows=20),
    )


def _fresh(contract: Contract) -> Rule:
    moments = [f"max({quoted(name)})" for name in ("updated_at", contract.day) if name and name in contract.columns]
    newest = f"CAST(coalesce({', '.join(moments)}) AS DATE)"
    return day_rule(
        "export_is_fresh",
        f"SELECT _export_date, 'newest: ' || {newest} AS detail FROM {BATCH} GROUP BY _export_date "
        f"HAVING {newest} < _export_date - INTERVAL {{days}} DAY",
        "A daily export of changes holds none of the last days: it is an old one, or the MIS stopped writing. Look at "
        "the job that exports.",
        columns=("_export_date",),
        severity=Severity.WARN,
        needs=(f"{contract.entity}.delta", "daily"),
        threshold=threshold("the newest change is more than {days} days before the export", days=7),
    )


def _not_sent_twice(entity: str) -> Rule:
    return day_rule(
        "file_is_not_sent_twice",
        "SELECT now.export_date AS _export_date, 'the same bytes as ' || max(before.export_date) AS detail "
        "FROM log.deliveries AS now JOIN log.deliveries AS before USING (entity, file_sha256) "
        f"WHERE entity = {text_literal(entity)} AND before.export_date < now.export_date AND now.rows_read > 0 "
        f"AND now.{_THESE_DAYS} GROUP BY 1",
        "An export of changes never repeats itself to the byte: an old file was copied into the day's folder. Export "
        "the day itself; its changes are missing.",
        columns=("_export_date",),
        severity=Severity.WARN,
        needs=(f"{entity}.delta", "daily"),
    )


def _control_totals(entity: str) -> Rule:
    return day_rule(
        "control_totals_agree",
        "SELECT export_date AS _export_date, string_agg(what || ': ' || coalesce(expected, 'none') || ' told, ' || "
        "coalesce(found, 'none') || ' read', '; ' ORDER BY what) AS detail FROM log.controls "
        f"WHERE entity = {text_literal(entity)} AND expected IS DISTINCT FROM found GROUP BY 1",
        "The source's own totals differ from what was read, rows in quarantine included: the file was cut or altered "
        "on its way. Copy or export it again; nothing of the day is loaded until then.",
        columns=("_export_date",),
        severity=Severity.CRITICAL,
        needs=("controls",),
    )
