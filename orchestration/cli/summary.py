"""Prints what came out of a run: rows, checks, the three revenues, hours, payouts, files, what is not available."""

from __future__ import annotations

from decimal import Decimal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.assets.batches import GUARD
from orchestration.assets.raw import LOAD
from orchestration.cli.report import ClinicTotals, DayReport, FailedCheck
from orchestration.cli.tables import NOT_AVAILABLE, money, new_table, print_table
from orchestration.running import RunOutcome

_SHOWN_CLINICS = 12
_SHOWN_METRICS = 3
_SHOWN_INPUTS = 10
_SHOWN_REASONS = 4


def print_summary(
    console: Console, report: DayReport, seconds: dict[str, float], warnings: list[str], outcome: RunOutcome
) -> None:
    """Prints the sections that the run reached; ends with where to look, or with what to mend."""
    for warning in warnings:
        console.print(f"[yellow]![/] {escape(warning)}")
    if LOAD in seconds:
        _print_rows(console, report)
    if GUARD in seconds:
        _print_checks(console, report)
    if LOAD in seconds:
        _print_references(console, report)
    if outcome.succeeded:
        _print_revenues(console, report)
        _print_hours(console, report)
        _print_assumptions(console, report)
        _print_payouts(console, report)
        _print_not_available(console, report)
        _print_files(console, report)
    spent = " · ".join(f"{step} {value:.1f}" for step, value in seconds.items())
    console.print(f"\n[bold]Seconds[/]  {spent} · [bold]total {sum(seconds.values()):.1f}[/]")
    verdict = (
        "[green]✓ published[/]"
        if outcome.succeeded
        else "[red]✗ not published; what was published before is unchanged[/]"
    )
    console.print(verdict)


def _print_rows(console: Console, report: DayReport) -> None:
    if not report.entities:
        return
    table = new_table("entity", ">read", ">loaded", ">quarantined", "why")
    for rows in report.entities:
        why = "\n".join(f"{count}× {escape(reason)}" for reason, count in rows.reasons[:_SHOWN_REASONS])
        hidden = len(rows.reasons) - _SHOWN_REASONS
        more = f"\n[dim]and {hidden} more reasons: table ops.quarantine[/]" if hidden > 0 else ""
        quarantined = f"[yellow]{rows.quarantined:,}[/]" if rows.quarantined else "0"
        table.add_row(rows.entity, f"{rows.read:,}", f"{rows.loaded:,}", quarantined, why + more)
    total = [sum(getattr(rows, name) for rows in report.entities) for name in ("read", "loaded", "quarantined")]
    table.add_section()
    table.add_row("[bold]all[/]", *(f"[bold]{count:,}[/]" for count in total), "read = loaded + quarantined")
    print_table(console, "Rows", table)


def _print_checks(console: Console, report: DayReport) -> None:
    if not report.checks:
        return
    parts = [
        f"{severity} {count - failed}/{count} passed" if failed else f"{severity} {count} passed"
        for severity, count, failed in report.checks
    ]
    console.print(f"\n[bold]Checks[/]  {' · '.join(parts)}")
    for (severity, expectation), checks in _alike(report.failed_checks).items():
        found = ", ".join(f"{check.entity} {check.rows_failed:,}" for check in checks)
        if severity == "critical":
            for check in checks:
                what = f"{check.entity}: {expectation} failed for {check.rows_failed:,}"
                console.print(f"  [red]critical[/] {what}: {escape('; '.join(check.samples))}. {escape(check.reason)}")
        else:
            example, reason = escape(checks[0].samples[0]), escape(_first_sentence(checks[0].reason))
            console.print(f"  [yellow]{severity}[/] {expectation}: {found} (e.g. {example}). {reason}")


def _alike(checks: list[FailedCheck]) -> dict[tuple[str, str], list[FailedCheck]]:
    """Checks by severity and name: what every entity is asked would fill the screen on a holiday."""
    alike: dict[tuple[str, str], list[FailedCheck]] = {}
    for check in checks:
        alike.setdefault((check.severity, check.expectation), []).append(check)
    return alike


def _print_references(console: Console, report: DayReport) -> None:
    if not report.references:
        return
    total = sum(found.rows for found in report.references)
    console.print(f"\n[bold]References[/]  {total:,} to what no export has delivered")
    for found in report.references[:_SHOWN_REASONS]:
        what = f"{found.rows:,}× {found.entity}.{found.column} → {found.target}"
        console.print(f"  [yellow]{what}[/] (e.g. {escape(found.samples[0])})")
    if len(report.references) > _SHOWN_REASONS:
        others = sum(found.rows for found in report.references[_SHOWN_REASONS:])
        console.print(f"  [dim]and {others:,} in other columns[/]")


def _print_revenues(console: Console, report: DayReport) -> None:
    shown = report.clinics[:_SHOWN_CLINICS]
    if not any(clinic.ledger is not None for clinic in shown):
        return
    table = new_table("#clinic", ">commerce", ">utilisation", ">sales\npotential", ">ledger", ">", ">")
    for clinic in shown:
        forms = (clinic.commerce, clinic.utilisation, clinic.potential, clinic.ledger)
        table.add_row(escape(clinic.clinic), *(money(form) for form in forms), clinic.currency, _tie(clinic))
    _add_rest(table, report.clinics)
    print_table(console, "One net revenue, three forms", table)
    untied = sum(clinic.untied_days for clinic in report.clinics)
    if untied:
        console.print(f"[red]✗ the forms differ on {untied} clinic-days: table mart_triune__clinic_day[/]")
    else:
        console.print("[green]✓[/] commerce = utilisation = sales potential = ledger, every clinic and day")


def _tie(clinic: ClinicTotals) -> str:
    if clinic.ledger is None:
        return NOT_AVAILABLE
    return f"[red]✗ {clinic.untied_days} days[/]" if clinic.untied_days else "[green]✓[/]"


def _print_hours(console: Console, report: DayReport) -> None:
    headings = {
        ">rooms\nopen": "room_hours",
        ">in the\nschedule": "doctor_hours",
        ">bought": "sold_hours",
        ">loaded": "doctor_fill_rate",
        ">sold": "capacity_utilisation",
        ">visits": "appointments",
    }
    table = new_table("#clinic", *(heading + _mark(report, metric) for heading, metric in headings.items()))
    for clinic in report.clinics[:_SHOWN_CLINICS]:
        visits = NOT_AVAILABLE if clinic.attended is None else f"{clinic.attended:,} of {clinic.appointments:,}"
        table.add_row(
            escape(clinic.clinic),
            *(_hours(hours) for hours in (clinic.room_hours, clinic.doctor_hours, clinic.sold_hours)),
            _share(clinic.doctor_hours, clinic.room_hours),
            _share(clinic.sold_hours, clinic.room_hours),
            visits,
        )
    _add_rest(table, report.clinics)
    print_table(console, "Hours", table)


def _mark(report: DayReport, metric: str) -> str:
    """A star beside a figure that rests on a calendar rule."""
    return "*" if any(metric in metrics for _, metrics in report.assumptions) else ""


def _print_assumptions(console: Console, report: DayReport) -> None:
    for rule, metrics in report.assumptions:
        console.print(f"[yellow]*[/] by a calendar rule of the profile, in {len(metrics)} figures: {escape(rule)}")
    if report.assumptions:
        console.print("  [dim]which figures: table mart_triune__assumptions[/]")


def _print_payouts(console: Console, report: DayReport) -> None:
    if not report.payouts:
        return
    table = new_table("role", ">people", ">amount")
    for role, people, amount in report.payouts:
        table.add_row(role, f"{people:,}", money(amount))
    print_table(console, "Incentive payouts of these months, in the ledger", table)


def _print_not_available(console: Console, report: DayReport) -> None:
    if not report.not_available:
        return
    table = new_table("needs", "metrics")
    for missing, metrics in report.not_available[:_SHOWN_INPUTS]:
        more = f" … and {len(metrics) - _SHOWN_METRICS} more" if len(metrics) > _SHOWN_METRICS else ""
        table.add_row(missing, ", ".join(metrics[:_SHOWN_METRICS]) + more)
    hidden = len(report.not_available) - _SHOWN_INPUTS
    if hidden > 0:
        table.add_row(f"[dim]… and {hidden} more[/]", "[dim]table mart_triune__not_available[/]")
    print_table(console, "Not available from this source", table)


def _print_files(console: Console, report: DayReport) -> None:
    console.print("\n[bold]Where to look[/]")
    for what, path in report.files.items():
        console.print(f"  {what:<28} {path}", soft_wrap=True)


def _add_rest(table: Table, clinics: list[ClinicTotals]) -> None:
    if len(clinics) > _SHOWN_CLINICS:
        table.add_row(f"[dim]… and {len(clinics) - _SHOWN_CLINICS} more clinics[/]")


def _first_sentence(text: str) -> str:
    sentence, _, _ = text.partition(". ")
    return sentence.rstrip(".")


def _hours(hours: Decimal | None) -> str:
    return NOT_AVAILABLE if hours is None else f"{hours:,.1f}".replace(",", " ")


def _share(part: Decimal | None, whole: Decimal | None) -> str:
    return NOT_AVAILABLE if part is None or not whole else f"{part / whole:.1%}"
