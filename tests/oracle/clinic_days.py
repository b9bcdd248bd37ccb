"""What a clinic earned, was paid and billed on a day, and its three forms, by loops over plain rows."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction
from typing import Any

from oracle.computed import half_away

Row = dict[str, Any]
Figures = dict[str, Any]
KINDS = ("payment", "refund", "deposit", "chargeback")
FORMS = {
    "commerce": ("revenue_primary_amount", "revenue_secondary_amount", "revenue_unattributed_amount"),
    "utilisation": ("slotted_revenue_amount", "unslotted_revenue_amount"),
    "potential": (
        *("revenue_new_plans_amount", "revenue_earlier_plans_amount"),
        *("revenue_unpresented_plans_amount", "revenue_without_plan_amount"),
    ),
}


def finance_days(tables: dict[str, list[Row]]) -> dict[tuple[str, date], Figures]:
    """Clinic and day → what is measured. A line without a cost of its own costs the norm of what it does or undoes."""
    found: dict[tuple[str, date], Figures] = defaultdict(lambda: defaultdict(Fraction))
    lines = {line["service_line_id"]: line for line in tables["fct_service_lines"]}
    for line in lines.values():
        if line["line_status"] == "performed":
            day = found[line["clinic_id"], line["local_date"]]
            is_refund = line["original_line_id"] is not None or line["quantity"] < 0
            day["service_lines"] += 1
            day["refund_lines"] += is_refund
            day["gross_amount"] += Fraction(line["list_amount"])
            day["discount_amount"] += Fraction(line["discount_amount"])
            day["net_revenue_amount"] += Fraction(line["net_amount"])
            day["refund_amount"] += Fraction(line["net_amount"]) if is_refund else 0
            cost = line["direct_cost_amount"]
            if cost is None:
                norm = lines.get(line["original_line_id"], line)["norm_direct_cost_amount"]
                cost = Fraction(norm or 0) * Fraction(line["quantity"])
                day["direct_cost_by_norm_amount"] += cost
            day["direct_cost_amount"] += Fraction(cost)
    for payment in tables["fct_payments"]:
        if payment["payment_status"] in (None, "done"):
            day = found[payment["clinic_id"], payment["local_date"]]
            amount = Fraction(payment["payment_amount"])
            day["movements"] += 1
            day["cash_amount"] += amount
            day[f"{payment['payment_kind']}s"] += 1
            day[f"{payment['payment_kind']}s_amount"] += amount
    for invoice in tables["fct_invoices"]:
        if invoice["invoice_status"] != "cancelled":
            day = found[invoice["clinic_id"], invoice["local_date"]]
            day["invoices"] += 1
            day["invoiced_amount"] += Fraction(invoice["invoice_amount"])
    return found


def three_forms(ledger: Fraction | int, figures: dict[str, Figures]) -> Figures:
    """The forms of a clinic and day beside its ledger, from what each form's oracle measured."""
    sums = {form: Fraction(sum(figures[form][part] for part in parts)) for form, parts in FORMS.items()}
    outside = {
        "unattributed_share": figures["commerce"]["revenue_unattributed_amount"],
        "unslotted_share": figures["utilisation"]["unslotted_revenue_amount"],
        "without_plan_share": figures["potential"]["revenue_without_plan_amount"],
    }
    return {
        "ledger_revenue_amount": ledger,
        **{f"{form}_revenue_amount": amount for form, amount in sums.items()},
        "is_tied": all(amount == ledger for amount in sums.values()),
        **{name: half_away(Fraction(part) / Fraction(ledger), 6) if ledger else None for name, part in outside.items()},
    }
