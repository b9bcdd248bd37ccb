"""What an export of service lines must satisfy. Revenue is their sum, so the arithmetic is checked to the kopeck."""

from __future__ import annotations

from collections.abc import Iterator

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, Severity, between, mostly, not_ahead, row_rule
from expectations.totals import INVOICE_LINES, LINE_REFUNDS
from models.contracts import Contract

# Wider than the columns, or a very large amount would overflow the subtraction.
_WRONG_NET = "net_amount <> CAST(list_amount AS DECIMAL(20, 2)) - discount_amount"
_AMOUNTS = ("net_amount", "list_amount", "discount_amount")


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `service_lines`."""
    return (*contract_rules(contract), *_arithmetic(), *_signs(), *_plausibility(), *_totals())


def _arithmetic() -> Iterator[Rule]:
    adds_up = row_rule(
        "net_is_list_less_discount",
        _WRONG_NET,
        "Net must be list less discount to the kopeck, or revenue cannot be split into its parts. "
        "Correct the line in the MIS, or the amounts that the profile maps.",
        columns=_AMOUNTS,
        severity=Severity.ERROR,
    )
    yield adds_up
    yield mostly(
        "most_lines_add_up",
        [adds_up],
        "On so many of the day's lines net is not list less discount that the profile maps a wrong amount. "
        "Correct the profile; nothing of the day is loaded until then.",
        columns=_AMOUNTS,
    )
    yield row_rule(
        "discount_is_not_larger_than_list",
        "abs(discount_amount) > abs(list_amount)",
        "A discount larger than the price would make a sale negative. Correct the discount, or map it as an "
        "amount, not a percentage.",
        columns=("discount_amount", "list_amount"),
        severity=Severity.ERROR,
    )


def _signs() -> Iterator[Rule]:
    yield row_rule(
        "discount_has_the_sign_of_list",
        "sign(discount_amount) * sign(list_amount) < 0",
        "A discount lowers the price: on a sale it is positive, on a refund negative like the list amount. "
        "Turn its sign in the source profile.",
        columns=("discount_amount", "list_amount"),
        severity=Severity.ERROR,
    )
    yield row_rule(
        "negative_line_is_a_refund",
        "(list_amount < 0 OR net_amount < 0) AND original_line_id IS NULL AND quantity >= 0",
        "Only a refund is negative: it names the line that it takes back or has a negative quantity. Correct the "
        "line in the MIS, "
        "or tell the profile how this MIS marks refunds.",
        columns=("net_amount", "list_amount", "quantity", "original_line_id"),
        severity=Severity.ERROR,
    )
    yield row_rule(
        "quantity_has_the_sign_of_list",
        "sign(quantity) * sign(list_amount) < 0",
        "Quantity and amount of a line point the same way; here units are added while money is taken back, or "
        "the reverse. "
        "Turn the sign in the source profile.",
        columns=("quantity", "list_amount"),
        severity=Severity.WARN,
    )
    yield row_rule(
        "direct_cost_of_a_sale_is_not_negative",
        "direct_cost_amount < 0 AND quantity > 0 AND original_line_id IS NULL",
        "A sale does not cost less than nothing: it would raise the margin and the pay that rests on it. Correct "
        "the cost.",
        columns=("direct_cost_amount", "quantity"),
        severity=Severity.ERROR,
    )


def _plausibility() -> Iterator[Rule]:
    yield row_rule(
        "line_with_an_amount_has_a_quantity",
        "quantity = 0 AND list_amount <> 0",
        "Nothing was done, yet it costs money: the price of one unit cannot be told. Correct the quantity in the MIS.",
        columns=("quantity", "list_amount"),
        severity=Severity.ERROR,
    )
    yield row_rule(
        "line_does_not_take_back_itself",
        "original_line_id = service_line_id",
        "A refund takes back another line. Check which column the profile maps to original_line_id.",
        columns=("original_line_id", "service_line_id"),
        severity=Severity.ERROR,
    )
    yield between(
        "quantity",
        "More than 10,000 units on one line is rarely meant. Check the quantity.",
        least=-10_000,
        most=10_000,
        severity=Severity.WARN,
    )
    yield not_ahead(
        "performed_at",
        "A line of a day still ahead cannot have been performed. Check its status, or the date format of the profile.",
        when="status = 'performed'",
    )


def _totals() -> Iterator[Rule]:
    yield INVOICE_LINES.at_child()
    yield LINE_REFUNDS.at_child(also_beside_its_parent=True)
