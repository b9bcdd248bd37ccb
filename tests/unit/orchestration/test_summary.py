"""The summary of a run, made from a report written by hand: what it shows, and how it shows what is not there."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from rich.console import Console

from orchestration.cli.report import ClinicTotals, DayReport, EntityRows, FailedCheck, UnknownReferences
from orchestration.cli.summary import print_summary
from orchestration.running import RunOutcome

_PUBLISHED = RunOutcome("1", True, [])
_REFUSED = RunOutcome("1", False, ["it failed"])
_RED, _GREEN, _YELLOW = "\x1b[31m", "\x1b[32m", "\x1b[33m"
_CLINIC = ClinicTotals(
    "Centre [1]",
    "RUB",
    ledger=Decimal("1234567.80"),
    commerce=Decimal("1234567.80"),
    utilisation=Decimal("1234567.80"),
    potential=Decimal("1234567.80"),
    untied_days=0,
    room_hours=Decimal("100"),
    doctor_hours=Decimal("80"),
    sold_hours=Decimal("1050.25"),
    appointments=1200,
    attended=1000,
)
_POOR = ClinicTotals("South", "USD", None, None, None, None, 0, None, None, None, None, None)
_REPORT = DayReport(
    "demo_mis",
    date(2026, 1, 5),
    date(2026, 1, 6),
    entities=[
        EntityRows("clinics", 3, 3, 0, []),
        EntityRows("payments", 1500, 1498, 2, [("net_amount: not a number (e.g. 2026-01-05/p.csv row 7)", 2)]),
    ],
    checks=[("critical", 40, 0), ("error", 100, 1)],
    failed_checks=[
        FailedCheck(
            "error", "payments", "key_is_unique", 2, "A day holds each [payment] once. Remove it.", ["p.csv row 7"]
        )
    ],
    clinics=[_CLINIC],
    payouts=[("doctor", 5, Decimal("98765.43"))],
    not_available=[("resources", [f"metric_{number}" for number in range(7)])],
    files={"for BI tools": Path("published/marts.duckdb")},
)


_SECONDS = {"read": 1.25, "guard": 0.5, "load": 0.5, "dbt": 2.0}


def _printed(
    report: DayReport,
    outcome: RunOutcome = _PUBLISHED,
    *,
    colours: bool = False,
    seconds: dict[str, float] = _SECONDS,
    warnings: tuple[str, ...] = (),
) -> str:
    console = Console(
        file=io.StringIO(),
        width=140,
        highlight=False,
        force_terminal=colours,
        color_system="standard" if colours else None,
    )
    print_summary(console, report, seconds, list(warnings), outcome)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _line(text: str, word: str) -> str:
    (line,) = [line for line in text.splitlines() if word in line]
    return " ".join(line.split())


def test_rows_of_each_entity_and_of_all_are_shown_with_the_grounds_for_quarantine() -> None:
    text = _printed(_REPORT)
    assert _line(text, "clinics  ").startswith("clinics 3 3 0")
    reason = "2× net_amount: not a number (e.g. 2026-01-05/p.csv row 7)"
    assert _line(text, "2× net_amount") == f"payments 1,500 1,498 2 {reason}"
    assert _line(text, "read = loaded") == "all 1,503 1,501 2 read = loaded + quarantined"


def test_quarantined_rows_catch_the_eye() -> None:
    assert f"{_YELLOW}2" in _printed(_REPORT, colours=True)


def test_many_grounds_for_quarantine_are_cut_with_a_hint_where_the_rest_is() -> None:
    rows = EntityRows("payments", 9, 0, 9, [(f"reason {number}", 1) for number in range(6)])
    text = _printed(replace(_REPORT, entities=[rows]))
    assert "reason 3" in text and "reason 4" not in text
    assert "and 2 more reasons: table ops.quarantine" in text


def test_checks_are_counted_and_failed_ones_named() -> None:
    text = _printed(_REPORT)
    assert "critical 40 passed · error 99/100 passed" in text
    failed = "error key_is_unique: payments 2 (e.g. p.csv row 7). A day holds each [payment] once"
    assert _line(text, "key_is_unique") == failed


def test_a_failed_critical_check_is_red_and_another_yellow() -> None:
    critical = replace(
        _REPORT, failed_checks=[FailedCheck("critical", "clinics", "day_has_rows", 1, "Why.", ["c.csv row 3"])]
    )
    assert f"{_RED}critical" in _printed(critical, colours=True)
    assert f"{_YELLOW}error" in _printed(_REPORT, colours=True)


def test_references_to_what_was_not_delivered_are_counted_and_placed() -> None:
    found = [
        UnknownReferences(
            "lines", f"column_{number}", "services", 1200 - number, ["d/lines.csv row 7", "d/l.csv row 8"]
        )
        for number in range(6)
    ]
    text = _printed(replace(_REPORT, references=found))
    assert _line(text, "References").startswith("References 7,185 to what no export has delivered")
    assert _line(text, "column_0") == "1,200× lines.column_0 → services (e.g. d/lines.csv row 7)"
    assert _line(text, "other columns") == "and 2,391 in other columns"
    assert "References" not in _printed(_REPORT)


def test_the_three_revenues_are_shown_in_full_beside_the_ledger() -> None:
    assert _line(_printed(_REPORT), "RUB") == "Centre [1] " + "1 234 567.80 " * 4 + "RUB ✓"
    assert f"{_GREEN}✓" in _printed(_REPORT, colours=True)
    assert "every clinic and day" in _printed(_REPORT)


def test_days_that_do_not_tie_are_red() -> None:
    untied = replace(_REPORT, clinics=[replace(_CLINIC, untied_days=3)])
    assert f"{_RED}✗ 3 days" in _printed(untied, colours=True)
    assert "the forms differ on 3 clinic-days" in _printed(untied)
    assert "every clinic and day" not in _printed(untied)


def test_what_is_not_available_is_never_shown_as_zero() -> None:
    text = _printed(replace(_REPORT, clinics=[_CLINIC, _POOR]))
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip().startswith("South")]
    assert [line.count("n/a") for line in lines] == [5, 6]
    assert lines[0].endswith("USD n/a")
    assert not [line for line in lines if "0" in line]


def test_a_source_without_money_shows_no_revenues() -> None:
    assert "One net revenue" not in _printed(replace(_REPORT, clinics=[_POOR]))


def test_hours_and_shares_are_shown_also_of_a_clinic_without_rooms() -> None:
    assert _line(_printed(_REPORT), "1,000 of 1,200") == "Centre [1] 100.0 80.0 1 050.2 80.0% 1050.2% 1,000 of 1,200"
    closed = replace(_CLINIC, clinic="Closed", room_hours=Decimal(0), doctor_hours=Decimal(0), sold_hours=Decimal(0))
    assert (
        _line(_printed(replace(_REPORT, clinics=[closed])), "1,000 of") == "Closed 0.0 0.0 0.0 n/a n/a 1,000 of 1,200"
    )


def test_figures_that_rest_on_a_calendar_rule_have_a_star_and_the_rule_below() -> None:
    rule = "room open Mon–Fri 08:00–18:00"
    figures = ["capacity_utilisation", "doctor_fill_rate", "room_hours"]
    text = _printed(replace(_REPORT, assumptions=[(rule, figures)]))
    assert "clinic open* schedule bought loaded* sold* visits" in " ".join(text.split())
    assert _line(text, "calendar rule") == f"* by a calendar rule of the profile, in 3 figures: {rule}"
    assert "*" not in _printed(_REPORT)


def test_a_network_is_cut_to_a_screen_and_says_so() -> None:
    clinics = [replace(_CLINIC, clinic=f"Clinic {number}") for number in range(15)]
    text = _printed(replace(_REPORT, clinics=clinics))
    assert "Clinic 11" in text and "Clinic 12" not in text
    assert "and 3 more clinics" in text


def test_payouts_are_shown_by_role_and_what_is_missing_with_what_needs_it() -> None:
    text = _printed(_REPORT)
    assert _line(text, "doctor ") == "doctor 5 98 765.43"
    assert _line(text, "metric_0") == "resources metric_0, metric_1, metric_2 … and 4 more"
    assert "published/marts.duckdb" in text


def test_seconds_are_shown_by_step_and_in_all() -> None:
    text = _printed(_REPORT, seconds={"read": 1.25, "dbt": 2.0})
    assert _line(text, "Seconds") == "Seconds read 1.2 · dbt 2.0 · total 3.2"


def test_a_published_run_ends_with_a_green_mark() -> None:
    assert f"{_GREEN}✓ published" in _printed(_REPORT, colours=True)


def test_a_refused_run_shows_rows_and_checks_but_no_figures_of_an_earlier_one() -> None:
    text = _printed(_REPORT, _REFUSED)
    assert "1,503" in text and "key_is_unique" in text
    for figure in ("1 234 567.80", "98 765.43", "metric_0", "marts.duckdb", "1,000 of 1,200"):
        assert figure not in text
    assert "✗ not published; what was published before is unchanged" in text


def test_an_empty_report_is_no_error() -> None:
    text = _printed(DayReport("demo_mis", date(2026, 1, 5), date(2026, 1, 5)), _REFUSED)
    assert "not published" in text


def test_rows_and_checks_of_an_earlier_load_are_not_shown_as_those_of_a_refused_day() -> None:
    text = _printed(_REPORT, _REFUSED, seconds={"read": 1.0})
    assert "read = loaded" not in text
    assert "Checks" not in text


def test_a_critical_check_says_where_and_what_to_do() -> None:
    check = FailedCheck("critical", "clinics", "day_has_rows", 1, "Why. What to do.", ["c.csv row 3"])
    text = _printed(replace(_REPORT, failed_checks=[check]), _REFUSED)
    assert "clinics: day_has_rows failed for 1: c.csv row 3. Why. What to do." in text


def test_warnings_come_first() -> None:
    text = _printed(_REPORT, warnings=("the header has unknown columns 'a'",))
    assert text.startswith("! the header has unknown columns 'a'")


def test_what_many_entities_are_asked_is_one_line() -> None:
    holiday = [
        FailedCheck("warn", entity, "volume_is_usual", 2, "Far fewer rows. Run it.", ["2026-05-01: 3 rows, usually 99"])
        for entity in ("invoices", "payments")
    ]
    line = _line(_printed(replace(_REPORT, failed_checks=holiday)), "volume_is_usual")
    assert line == "warn volume_is_usual: invoices 2, payments 2 (e.g. 2026-05-01: 3 rows, usually 99). Far fewer rows"
