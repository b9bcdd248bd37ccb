"""`triune checks`: what every export must satisfy, how much may fail, and what a failure does."""

from __future__ import annotations

import click
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from expectations.rules import Rule, Severity
from models.contracts import load_contracts
from orchestration.cli.run import wide_console

_COLOURS = {Severity.CRITICAL: "red", Severity.ERROR: "yellow", Severity.WARN: "cyan"}
_INDENT = (0, 0, 0, 9)


@click.command()
@click.argument("entity", required=False, type=click.Choice(list(load_contracts())))
@click.option("--source", help="With the severities and thresholds of this source's profile.")
@click.option("--markdown", "as_markdown", is_flag=True, help="The whole list as docs/checks.md.")
def checks(entity: str | None, source: str | None, as_markdown: bool) -> None:
    """List the expectations of ENTITY (default: how many each entity has)."""
    from expectations.catalogue import markdown
    from expectations.overrides import adjusted
    from expectations.suites import load_suite, load_suites
    from models.sources import load_profiles

    if as_markdown:
        click.echo(markdown(), nl=False)
        return
    profiles = load_profiles() if source else {}
    if source and source not in profiles:
        raise click.UsageError(f"there is no profile '{source}'; there are: {', '.join(profiles)}")
    console = wide_console()
    if entity is None:
        for suite in load_suites().values():
            console.print(f"{suite.entity:<22} {_by_severity(suite.rules)}")
        console.print("[dim]`triune checks ENTITY` lists them[/]")
        return
    rules = load_suite(entity).rules
    for rule in adjusted(rules, profiles[source].checks.get(entity, {})) if source else rules:
        _print_rule(console, rule)


def _by_severity(rules: tuple[Rule, ...]) -> str:
    counted = {severity: sum(rule.severity is severity for rule in rules) for severity in Severity}
    return " · ".join(f"[{_COLOURS[severity]}]{severity.value}[/] {count:>2}" for severity, count in counted.items())


def _print_rule(console: Console, rule: Rule) -> None:
    console.print(f"[{_COLOURS[rule.severity]}]{rule.severity.value:<8}[/] [bold]{rule.name}[/]")
    if rule.threshold:
        console.print(Padding(f"[dim]fails if:[/] {escape(str(rule.threshold))}", _INDENT))
    console.print(Padding(escape(rule.reason), _INDENT))
