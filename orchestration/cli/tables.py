"""How tables and numbers look in the terminal; shared by the commands that print figures."""

from __future__ import annotations

from decimal import Decimal

from rich.console import Console
from rich.table import Table

NOT_AVAILABLE = "[dim]n/a[/]"


def new_table(*headings: str) -> Table:
    """ ">" is a column of numbers; "#" one of names, which may be cut but never push numbers aside."""
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    for heading in headings:
        right, name = heading.startswith(">"), heading.startswith("#")
        table.add_column(
            heading.lstrip(">#"),
            justify="right" if right else "left",
            no_wrap=right or name,
            max_width=28 if name else None,
        )
    return table


def print_table(console: Console, title: str, table: Table) -> None:
    console.print(f"\n[bold]{title}[/]")
    console.print(table)


def money(amount: Decimal | None) -> str:
    return NOT_AVAILABLE if amount is None else f"{amount:,.2f}".replace(",", " ")
