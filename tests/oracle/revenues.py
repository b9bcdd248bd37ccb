"""When the money of work counts: the clock of revenue by loops over plain rows, invoice by invoice.

Written from the words of the parameter `revenue_clock`, not from the SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle.computed import half_away

Row = dict[str, Any]
AMOUNTS = ("list_amount", "discount_amount", "net_amount")
NOTHING = dict.fromkeys(AMOUNTS, Decimal(0))


class Revenues:
    """Money of performed lines: each row is the line with the day and the part of it that counts then."""

    def __init__(self, clock: str, tables: dict[str, list[Row]]) -> None:
        self._clock = clock
        self._all_lines = {line["service_line_id"]: line for line in tables["fct_service_lines"]}
        self._invoices = {
            row["invoice_id"]: row
            for row in tables["fct_invoices"]
            if row["invoice_status"] != "cancelled" and row["local_date"]
        }
        self._paid: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for row in tables["fct_payment_allocations"]:
            if row["is_settled"] and row["local_date"]:
                self._paid[row["invoice_id"]][row["local_date"]] += row["allocated_amount"]

    def of(self, lines: Iterable[Row]) -> Iterator[Row]:
        if self._clock == "performed":
            yield from lines
            return
        works: dict[str, list[Row]] = defaultdict(list)
        for line in lines:
            original = self._all_lines.get(line["original_line_id"], {})
            invoice = self._invoices.get(line["invoice_id"] or original.get("invoice_id"))
            if invoice and self._clock == "invoiced":
                yield line | {"local_date": max(line["local_date"], invoice["local_date"])}
            elif invoice:
                works[invoice["invoice_id"]].append(line)
        for invoice_id, of_invoice in works.items():
            yield from self._as_paid(
                sorted(of_invoice, key=lambda line: line["service_line_id"]), self._paid[invoice_id]
            )

    def _as_paid(self, lines: list[Row], payments: dict[date, Decimal]) -> Iterator[Row]:
        counted = {line["service_line_id"]: NOTHING for line in lines}
        for day in sorted({*payments, *(line["local_date"] for line in lines)}):
            done = [line for line in lines if line["local_date"] <= day]
            share = _share(
                sum((amount for on, amount in payments.items() if on <= day), Decimal(0)),
                sum((line["net_amount"] for line in done), Decimal(0)),
            )
            sums, rounded = NOTHING, NOTHING
            for line in done:
                sums = {name: sums[name] + line[name] for name in AMOUNTS}
                up_to = {name: half_away(Fraction(sums[name]) * share, 2) for name in AMOUNTS}
                now = {name: up_to[name] - rounded[name] for name in AMOUNTS}
                before, rounded = counted[line["service_line_id"]], up_to
                counted[line["service_line_id"]] = now
                if now != before:
                    yield line | {"local_date": day} | {name: now[name] - before[name] for name in AMOUNTS}


def work_and_money(lines: list[Row], revenues: Revenues) -> list[Row]:
    """Rows of work on its day, and of `money` on the days on which it counts; where both are one, one row."""
    money = [row | {"money": row["net_amount"], "is_work": False} for row in revenues.of(lines)]
    work = [line | {"money": Decimal(0), "is_work": True} for line in lines]
    worked_on = {line["service_line_id"]: line["local_date"] for line in lines}
    whole = {line["service_line_id"]: line["net_amount"] for line in lines}
    return [
        row | {"worked_on": worked_on[row["service_line_id"]], "net_amount": whole[row["service_line_id"]]}
        for row in (*work, *money)
    ]


def _share(paid: Decimal, earned: Decimal) -> Fraction:
    """How much of what was earned is paid: neither less than nothing nor more than all. What costs nothing is paid."""
    if earned == 0:
        return Fraction(1)
    return min(max(Fraction(paid) / Fraction(earned), Fraction(0)), Fraction(1))
