"""The till of the long history: lines and their refunds, invoices, payments in parts, expenses and balances."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from long_history_people import SERVICES
from raw_warehouse import Row

KOPECK = Decimal("0.01")
Put = Callable[[str, date, Row], None]


class Till:
    def __init__(self, chances: random.Random, put: Put) -> None:
        self.random = chances
        self.put = put
        self.lines = 0
        self.papers = 0

    def sell(
        self,
        clinic: str,
        patient: str | None,
        visit: str | None,
        service: str,
        employee: str | None,
        moment: datetime,
        day: date,
        item: str | None = None,
        price: Decimal | None = None,
    ) -> None:
        """One line with its invoice and payments, at times with a refund days or months later."""
        quantity = Decimal(self.random.choice(["1", "1", "1", "2", "0.5"]) if item is None else "1")
        gross = ((price or Decimal(SERVICES[service]["price"])) * quantity).quantize(KOPECK, ROUND_HALF_UP)
        discount = (gross * Decimal(self.random.choice(["0", "0", "0.1", "1"]))).quantize(KOPECK, ROUND_HALF_UP)
        payer = self.random.choice([None, None, None, "Insurer A", "Insurer B"])
        row: Row = {
            "service_line_id": self._line(), "clinic_id": clinic, "patient_id": patient, "appointment_id": visit,
            "plan_item_id": item, "service_id": service, "employee_id": employee,
            "ordered_by_employee_id": employee, "resource_id": "D1" if clinic == "K1" and service == "S2" else None,
            "performed_at": moment, "quantity": quantity, "list_amount": gross, "discount_amount": discount,
            "net_amount": gross - discount, "payer": payer,
            "direct_cost_amount": None if self.random.random() < 0.6 else (gross / 5).quantize(KOPECK, ROUND_HALF_UP),
            "fee_level": self.random.choice(["base", "base", "expert", None]),
            "status": self.random.choice(["performed"] * 12 + ["voided", "planned"]),
        }  # fmt: skip
        if self.random.random() < 0.85:
            row["invoice_id"] = self._invoice(row, payer, moment, day)
        self.put("service_lines", day + timedelta(days=self.random.choice([0, 0, 0, 2])), dict(row))
        if row["status"] == "performed" and self.random.random() < 0.06:
            self._refund(row, moment, day)
        elif item and row["status"] == "performed" and self.lines % 10 == 0:  # found out later not to have been
            self.put("service_lines", day + timedelta(days=45), row | {"status": "voided"})

    def _refund(self, row: Row, moment: datetime, day: date) -> None:
        later = timedelta(days=self.random.choice([0, 3, 40]))
        share = Decimal(self.random.choice(["1", "0.5"]))
        amounts = {
            name: -(row[name] * share).quantize(KOPECK, ROUND_HALF_UP) for name in ("list_amount", "discount_amount")
        }
        back = row | {
            "service_line_id": self._line(), "original_line_id": row["service_line_id"], "performed_at": moment + later,
            "quantity": -row["quantity"] * share, **amounts,
            "net_amount": amounts["list_amount"] - amounts["discount_amount"], "direct_cost_amount": None,
        }  # fmt: skip
        self.put("service_lines", day + later, back)

    def _invoice(self, line: Row, payer: str | None, moment: datetime, day: date) -> str:
        self.papers += 1
        invoice = f"N{self.papers}"
        amount: Decimal = line["net_amount"]
        row: Row = {
            "invoice_id": invoice, "clinic_id": line["clinic_id"], "patient_id": line["patient_id"], "payer": payer,
            "issued_at": moment, "invoice_amount": amount, "status": "open",
        }  # fmt: skip
        self.put("invoices", day, dict(row))
        fate = self.random.random()
        if fate < 0.05:
            written = day + timedelta(days=60)
            self.put("invoices", written, row | {"status": self.random.choice(["written_off", "cancelled"])})
        elif fate < 0.85:
            parts = [amount] if fate < 0.65 else [amount / 3, amount - (amount / 3).quantize(KOPECK, ROUND_HALF_UP)]
            for number, part in enumerate(parts):
                late = timedelta(days=number * 25 + self.random.choice([0, 0, 0, 5]))
                self._payment(row, part.quantize(KOPECK, ROUND_HALF_UP), moment + late, day + late)
            self.put("invoices", day + timedelta(days=31), row | {"status": "paid"})
        return invoice

    def _payment(self, invoice: Row, amount: Decimal, moment: datetime, day: date) -> None:
        if amount <= 0:
            return
        self.papers += 1
        kind = self.random.choice(["payment", "payment", "payment", "deposit"])
        status = self.random.choice(["done"] * 9 + [None, "pending", "failed"])
        # An advance was paid before and is allocated now.
        paid = moment - timedelta(days=6) if kind == "deposit" else moment
        row: Row = {
            "payment_id": f"M{self.papers}", "clinic_id": invoice["clinic_id"], "patient_id": invoice["patient_id"],
            "paid_at": paid, "payment_kind": kind, "method": "card", "payment_amount": amount, "status": status,
        }  # fmt: skip
        self.put("payments", day, dict(row))
        if status == "pending" and self.papers % 2:
            self.put("payments", day + timedelta(days=8), row | {"status": "done"})
        allocation = {
            "payment_id": row["payment_id"], "invoice_id": invoice["invoice_id"], "allocated_at": moment,
            "allocated_amount": amount,
        }  # fmt: skip
        if status != "failed":
            noted = day + timedelta(days=12 if self.papers % 5 == 0 else 0)
            self.put("payment_allocations", noted, allocation)

    def office(self, clinic: str, day: date, number: Callable[[str], str]) -> None:
        """The month's expenses, and at the end of a quarter the balance."""
        for kind in ("payroll", "rent", "marketing", "administration", "materials", "depreciation", "interest", "tax"):
            if self.random.random() < 0.85:
                amount = Decimal(self.random.randrange(100_000, 9_000_000)) / 100
                expense = {
                    "expense_id": number("X"), "clinic_id": clinic, "expense_date": day, "expense_kind": kind,
                    "expense_amount": amount,
                }  # fmt: skip
                self.put("expenses", day, expense)
        if day.month % 3 == 1 and clinic != "K2":
            for code, amount in (("assets", "9000000"), ("cash", "250000.50"), ("debt", "700000"), ("multiple", "6.5")):
                value = amount if code == "multiple" else Decimal(amount) + self.random.randrange(100_000)
                balance = {"clinic_id": clinic, "balance_date": day, "balance_code": code, "balance_amount": value}
                self.put("balances", day, balance)

    def _line(self) -> str:
        self.lines += 1
        return f"L{self.lines}"
