"""`triune bridge`: why revenue changed between two periods. `triune what-if`: what it would be with other factors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from models.metrics import load_catalogue

if TYPE_CHECKING:
    import duckdb
    from rich.console import Console

    from models.trees import Factor, Tree
    from orchestration.bridging.branches import BranchBridge, Effect
    from orchestration.bridging.figures import Scope
    from orchestration.bridging.periods import Period


_BEYOND = "[yellow]![/]"


class PeriodOption(click.ParamType[Any]):
    name = "period"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        from orchestration.bridging.periods import PeriodError, parse_period

        try:
            return parse_period(str(value))
        except PeriodError as error:
            self.fail(str(error), param, ctx)


_clinic = click.option("--clinic", help="Of this clinic, e.g. K1; else of the network.")
_scope = click.option("--scope", help="Of this scope_id of the marts: a practitioner, specialty or resource.")
_tree = click.option("--tree", help="Only this form: commerce, utilisation or potential.")


@click.command("bridge")
@click.option(
    "--from", "base", type=PeriodOption(), required=True, help="2026, 2026-Q1, 2026-03, 2026-W10, 2026-03-05."
)
@click.option("--to", "period", type=PeriodOption(), required=True, help="A period of the same kind.")
@_clinic
@_scope
@_tree
def bridge_command(base: Period, period: Period, clinic: str | None, scope: str | None, tree: str | None) -> None:
    """Why revenue changed: the part of each factor of the three forms.

    The parts sum to the change, to the kopeck. `part` does not depend on the order of the factors (Shapley); `chain` is
    the part by chain substitution, in the order shown.
    """
    if base.kind != period.kind:
        raise click.UsageError(f"{base} is a {base.kind} and {period} a {period.kind}: compare two of a kind")
    from orchestration.bridging.branches import bridge, revenue
    from orchestration.bridging.figures import find_scope, read_figures
    from orchestration.cli.run import wide_console

    console = wide_console()
    with _marts() as marts:
        for chosen in _trees(tree):
            found = find_scope(marts, chosen, scope, clinic)
            before, after = (read_figures(marts, chosen, found, each) for each in (base, period))
            title = f"{_label(chosen)} · {found.scope_id} · {base} → {period}"
            totals = (revenue(chosen, before), revenue(chosen, after))
            _print_bridge(console, title, found, bridge(chosen, before, after), totals)


@click.command("what-if")
@click.option("--period", type=PeriodOption(), required=True, help="2026, 2026-Q1, 2026-03, 2026-W10, 2026-03-05.")
@click.option("--change", "changes", multiple=True, metavar="FACTOR=PER_CENT", help="E.g. slot_value=+10; repeatable.")
@click.option("--rise", type=int, help="Per cent by which every factor rises.  [default: parameter sensitivity_pct]")
@_clinic
@_scope
@_tree
def what_if_command(
    period: Period, changes: tuple[str, ...], rise: int | None, clinic: str | None, scope: str | None, tree: str | None
) -> None:
    """What revenue would be if factors were others: each alone, and all of a branch together."""
    from orchestration.bridging.branches import effects, revenue
    from orchestration.bridging.figures import find_scope, read_figures
    from orchestration.cli.run import wide_console

    if changes and rise is not None:
        raise click.UsageError("either --rise, for all factors, or --change")
    trees = _trees(tree)
    growths = _changes(changes, trees) if changes else _rises(rise, trees)
    console = wide_console()
    with _marts() as marts:
        for chosen in trees:
            found = find_scope(marts, chosen, scope, clinic)
            figures = read_figures(marts, chosen, found, period)
            if shown := effects(chosen, figures, growths):
                title = f"{_label(chosen)} · {found.scope_id} · {period}"
                _print_effects(console, title, found, shown, revenue(chosen, figures))


@contextmanager
def _marts() -> Iterator[duckdb.DuckDBPyConnection]:
    from orchestration.bridging.figures import NotPublishedError, published_marts
    from orchestration.settings import load_settings

    try:
        with published_marts(load_settings().published) as connection:
            yield connection
    except NotPublishedError as error:
        raise click.UsageError(str(error)) from None


def _trees(name: str | None) -> list[Tree]:
    trees = load_catalogue().trees
    if name and name not in trees:
        raise click.UsageError(f"there is no tree '{name}'; there are: {', '.join(trees)}")
    return [trees[name]] if name else list(trees.values())


def _rises(rise: int | None, trees: list[Tree]) -> dict[str, Fraction]:
    per_cent = int(load_catalogue().parameters["sensitivity_pct"].default) if rise is None else rise
    return {name: 1 + Fraction(per_cent, 100) for name in _factors(trees)}


def _changes(changes: tuple[str, ...], trees: list[Tree]) -> dict[str, Fraction]:
    known = _factors(trees)
    growths: dict[str, Fraction] = {}
    for change in changes:
        name, _, per_cent = change.partition("=")
        if name not in known:
            raise click.UsageError(f"there is no factor '{name}'; there are: {', '.join(known)}")
        try:
            growths[name] = 1 + Fraction(per_cent.strip().removesuffix("%")) / 100
        except (ValueError, ZeroDivisionError):
            raise click.UsageError(f"'{change}': write the per cent as a number, e.g. {name}=+10") from None
    return growths


def _factors(trees: list[Tree]) -> list[str]:
    return [factor.name for tree in trees for branch in tree.branches for factor in branch.factors]


def _print_bridge(
    console: Console, title: str, scope: Scope, branches: list[BranchBridge], totals: tuple[int, int]
) -> None:
    from orchestration.cli.tables import new_table, print_table

    table = new_table("factor", ">before", ">after", f">part, {scope.currency}", ">of it", ">chain")
    change = totals[1] - totals[0]
    for branch in branches:
        for part in branch.parts:
            values = (_value(part.factor, part.before), _value(part.factor, part.after))
            table.add_row(
                _words(part.factor.name),
                *values,
                _kopecks(part.shapley),
                _share(part.shapley, change),
                _kopecks(part.chain),
            )
    table.add_section()
    total = (_kopecks(totals[0], sign=False), _kopecks(totals[1], sign=False), _kopecks(change))
    table.add_row("[bold]Revenue[/]", *(f"[bold]{text}[/]" for text in total), "", f"[bold]{_kopecks(change)}[/]")
    print_table(console, title, table)


def _print_effects(console: Console, title: str, scope: Scope, effects: list[Effect], total: int) -> None:
    from orchestration.cli.tables import new_table, print_table

    table = new_table("factor", ">now", ">then", f">effect, {scope.currency}", ">of revenue")
    changed = Counter(effect.branch.name for effect in effects if effect.factor)
    for effect in effects:
        if effect.factor:
            values = (_value(effect.factor, effect.before), _value(effect.factor, effect.after) + _mark(effect))
            table.add_row(_words(effect.factor.name), *values, _kopecks(effect.effect), _share(effect.effect, total))
        elif changed[effect.branch.name] > 1:
            values = (_amount(effect.before), _amount(effect.after))
            name = f"[dim]= {_words(effect.branch.name)}[/]"
            table.add_row(name, *values, _kopecks(effect.effect), _share(effect.effect, total))
    together = sum(effect.effect or 0 for effect in effects if effect.factor is None)
    table.add_section()
    sums = (_kopecks(total, sign=False), _kopecks(total + together, sign=False), _kopecks(together))
    table.add_row("[bold]Revenue[/]", *(f"[bold]{text}[/]" for text in sums), _share(together, total))
    print_table(console, title, table)
    if any(map(_mark, effects)):
        console.print(f"{_BEYOND} more than the whole: so much cannot be had")


def _mark(effect: Effect) -> str:
    """A share that would be above 1 catches the eye."""
    from models.metric_terms import Unit

    is_share = effect.factor is not None and effect.factor.unit is Unit.SHARE
    return _BEYOND if is_share and effect.after is not None and effect.after > 1 else ""


def _label(tree: Tree) -> str:
    return load_catalogue().domains[tree.name].label


def _words(name: str) -> str:
    return name.removesuffix("_amount").replace("_", " ")


def _kopecks(kopecks: int | None, *, sign: bool = True) -> str:
    from orchestration.cli.tables import NOT_AVAILABLE, money

    if kopecks is None:
        return NOT_AVAILABLE
    return ("+" if sign and kopecks > 0 else "") + money(Decimal(kopecks).scaleb(-2))


def _amount(kopecks: Fraction | None) -> str:
    return _kopecks(None if kopecks is None else round(kopecks), sign=False)


def _value(factor: Factor, value: Fraction | None) -> str:
    from models.metric_terms import Unit
    from orchestration.cli.tables import NOT_AVAILABLE

    if value is None:
        return NOT_AVAILABLE
    places = {Unit.COUNT: 0, Unit.SHARE: 1, Unit.HOURS: 1, Unit.AMOUNT: 2}.get(factor.unit, 3)
    number = value * 100 if factor.unit is Unit.SHARE else value
    text = f"{round(number * 10**places) / Decimal(10) ** places:,.{places}f}".replace(",", " ")
    return f"{text}%" if factor.unit is Unit.SHARE else text


def _share(part: int | None, whole: int) -> str:
    if part is None or not whole:
        return ""
    return f"[dim]{round(Fraction(part * 1000, whole)) / Decimal(10):.1f}%[/]"
