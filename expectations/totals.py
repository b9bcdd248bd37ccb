"""Expectations of sums: what the rows of a child (lines, allocations) make together against the row they belong to.

A total is wrong by a kopeck or right: there is no tolerance. It is told at the parent if that came in this export, else
at the children that came.
"""

from __future__ import annotations

from dataclasses import dataclass

from expectations.relations import latest
from expectations.rules import BATCH, DAYS, Rule, Severity, quoted, row_rule
from models.contracts import load_contracts


@dataclass(frozen=True, kw_only=True)
class Total:
    """One sum. `sums` (SQL over the children that are `counted`) are compared by `fails`, where a row of the parent is
    `parent`."""

    name: str
    parent: str
    child: str
    link: str  # column of the child that names the parent
    sums: str
    counted: str
    fails: str
    reason: str
    amounts: tuple[str, str]  # what is compared: the parent's column, the child's
    told: str  # SQL text of the two figures

    def at_parent(self) -> Rule:
        """The expectation of the parent's suite."""
        parents, sums = self._parents(BATCH, self._key), self._sums(BATCH, self._key)
        return self._rule(
            f"(SELECT parent.*, sums.* FROM {parents} AS parent JOIN ({sums}) AS sums "
            f"ON sums._link = parent.{quoted(self._key)} WHERE parent._export_date IN {_THESE_DAYS})",
            self.fails.replace("parent.", ""),
            self.amounts[0],
        )

    def at_child(self, *, also_beside_its_parent: bool = False) -> Rule:
        """The expectation of the child's suite."""
        elsewhere = "" if also_beside_its_parent else f" AND parent._export_date NOT IN {_THESE_DAYS}"
        wrong = (
            f"SELECT sums._link, {self.told} AS _told FROM {self._parents(BATCH, self.link)} AS parent "
            f"JOIN ({self._sums(BATCH, self.link)}) AS sums ON sums._link = parent.{quoted(self._key)} "
            f"WHERE ({self.fails}){elsewhere}"
        )
        children = latest(
            load_contracts()[self.child], f"{quoted(self.link)} IN (SELECT {quoted(self.link)} FROM {BATCH})"
        )
        return self._rule(
            f"(SELECT child.*, wrong._told FROM {children} AS child JOIN ({wrong}) AS wrong "
            f"ON wrong._link = child.{quoted(self.link)} "
            f"WHERE ({self.counted}) AND child._export_date IN {_THESE_DAYS})",
            "true",
            self.amounts[1],
            told="_told",
        )

    @property
    def _key(self) -> str:
        return load_contracts()[self.parent].key[0]

    def _parents(self, batch: str, column: str) -> str:
        return latest(load_contracts()[self.parent], f"{quoted(self._key)} IN (SELECT {quoted(column)} FROM {batch})")

    def _sums(self, batch: str, column: str) -> str:
        named = f"{quoted(self.link)} IN (SELECT {quoted(column)} FROM {batch})"
        return (
            f"SELECT {quoted(self.link)} AS _link, {self.sums} FROM {latest(load_contracts()[self.child], named)} "
            f"WHERE {named} AND ({self.counted}) GROUP BY 1"
        )

    def _rule(self, relation: str, fails: str, column: str, told: str | None = None) -> Rule:
        return row_rule(
            self.name,
            fails,
            self.reason,
            columns=(column,),
            severity=Severity.WARN,
            relation=relation,
            detail=told or self.told.replace("parent.", ""),
            needs=(self.parent, f"{self.child}.{self.link}"),
        )


_THESE_DAYS = f"(SELECT _export_date FROM {DAYS})"

INVOICE_LINES = Total(
    name="lines_add_up_to_the_invoice",
    parent="invoices",
    child="service_lines",
    link="invoice_id",
    sums="coalesce(sum(net_amount) FILTER (net_amount >= 0), 0) AS _sold, sum(net_amount) AS _net",
    counted="status <> 'voided'",
    # Some systems issue the invoice anew less what was refunded, others leave it as it was.
    fails="parent.status IS DISTINCT FROM 'cancelled' AND parent.invoice_amount NOT BETWEEN _net AND _sold",
    reason="The lines of an invoice make its amount to the kopeck; refunds reduce it. Look for a line that is in "
    "quarantine, was not exported or was changed after the invoice.",
    amounts=("invoice_amount", "net_amount"),
    told="'Lines: ' || _sold || ', less refunds ' || _net || '; invoice: ' || parent.invoice_amount || '.'",
)
PAYMENT_ALLOCATIONS = Total(
    name="allocations_are_within_the_payment",
    parent="payments",
    child="payment_allocations",
    link="payment_id",
    sums="sum(allocated_amount) AS _allocated",
    counted="true",
    fails="abs(_allocated) > if(parent.status = 'failed', 0, abs(parent.payment_amount)) "
    "OR sign(_allocated) * sign(parent.payment_amount) < 0",
    reason="No more can be set against invoices than was paid, and nothing of a payment that failed. Look for an "
    "allocation that was not withdrawn, or a payment that was changed afterwards.",
    amounts=("payment_amount", "allocated_amount"),
    told="'Allocated: ' || _allocated || '; paid: ' || parent.payment_amount "
    "|| coalesce(', ' || parent.status, '') || '.'",
)
INVOICE_ALLOCATIONS = Total(
    name="allocations_are_within_the_invoice",
    parent="invoices",
    child="payment_allocations",
    link="invoice_id",
    sums="sum(allocated_amount) AS _allocated",
    counted="true",
    fails="_allocated > parent.invoice_amount",
    reason="An invoice cannot be paid more than once: debts would come out too small. Look for a payment that was "
    "allocated twice.",
    amounts=("invoice_amount", "allocated_amount"),
    told="'Allocated: ' || _allocated || '; invoice: ' || parent.invoice_amount || '.'",
)
LINE_REFUNDS = Total(
    name="refunds_are_within_their_line",
    parent="service_lines",
    child="service_lines",
    link="original_line_id",
    sums="sum(net_amount) AS _refunded",
    counted="status <> 'voided'",
    fails="parent.net_amount >= 0 AND parent.net_amount + _refunded < 0",
    reason="No more can be given back than the line was sold for: revenue and pay would turn negative. Look for a "
    "refund that was entered twice or names the wrong line.",
    amounts=("net_amount", "net_amount"),
    told="'Refunded: ' || _refunded || '; sold for: ' || parent.net_amount || '.'",
)
