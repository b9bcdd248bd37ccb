"""What was owed on invoices at the end of a day, as far as was known then. See oracle/kpi.py."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oracle.facts import Facts

Row = dict[str, Any]


class KnownInvoices:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._invoices = facts.exports.versions("invoices", "invoice_id")
        self._payments = facts.exports.versions("payments", "payment_id")
        self._allocations = facts.exports.versions("payment_allocations", "payment_id", "invoice_id")
        # It is the clinic's that has the invoice now, and goes with who performed most of it.
        self._now = {
            versions[-1]["invoice_id"]: facts.owned(facts.in_money(versions[-1])) for versions in self._invoices
        }
        self.owed_at = cache(self._owed_at)

    def _owed_at(self, day: date) -> list[tuple[set[str], Decimal]]:
        """The scopes of each invoice that is not paid in full, and what is left of it. Overpaid is not owed."""
        paid = self._paid_at(day)
        found = []
        for row in self._facts.exports.known("invoices", self._invoices, day):
            issued_on = self._facts.local_day(row["issued_at"], row["clinic_id"])
            is_owed = row["status"] not in ("cancelled", "written_off") and issued_on and issued_on <= day
            left = row["invoice_amount"] - paid[row["invoice_id"]]
            if is_owed and left > 0:
                found.append((set(self._now[row["invoice_id"]]["scopes"].values()), left))
        return found

    def _paid_at(self, day: date) -> dict[str, Decimal]:
        payments = {row["payment_id"]: row for row in self._facts.exports.known_at_once(self._payments, day)}
        paid: dict[str, Decimal] = defaultdict(Decimal)
        for row in self._facts.exports.known("payment_allocations", self._allocations, day):
            payment, invoice = payments.get(row["payment_id"], {}), self._now.get(row["invoice_id"])
            if invoice and payment.get("status") in ("done", None):
                moment = row["allocated_at"] or payment.get("paid_at")
                paid_on = self._facts.local_day(moment, invoice["clinic_id"])
                if paid_on and paid_on <= day:
                    paid[row["invoice_id"]] += row["allocated_amount"]
        return paid
