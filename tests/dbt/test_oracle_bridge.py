"""Every cell of the bridge, the sensitivity table and the tie on the long history, against arithmetic by the book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from oracle.bridge import FORMS, SHARES, Figures, base_of, by_all_orders, by_declared_order, shown_values, to_kopecks
from tricky_build import Built

Key = tuple[str, str, date]  # scope, kind of period, first day
Row = dict[str, Any]


def table(history: Built, name: str, columns: str = "*", where: str = "true") -> list[Row]:
    names = [row[0] for row in history.warehouse.query(f"describe select {columns} from {name}")]
    return [
        dict(zip(names, row, strict=True))
        for row in history.warehouse.query(f"select {columns} from {name} where {where}")
    ]


@pytest.fixture(scope="module")
def forms(history: Built) -> dict[str, dict[Key, Row]]:
    """Form → scope and period → its figures."""
    return {
        form: {
            (row["scope_id"], row["period_kind"], row["period_start"]): row
            for row in table(history, f"marts.mart_{form}__tree")
        }
        for form in FORMS
    }


def whole(value: Any) -> int | None:
    """Money in kopecks."""
    return int(value * 100) if isinstance(value, Decimal) else value


def rounded(value: Fraction | None, places: int) -> Decimal | None:
    """Half away from zero."""
    if value is None:
        return None
    units = abs(value) * 10**places + Fraction(1, 2)
    whole_units = units.numerator // units.denominator
    return (Decimal(whole_units if value >= 0 else -whole_units)).scaleb(-places)


def money(kopecks: int | None) -> Decimal | None:
    return None if kopecks is None else Decimal(kopecks).scaleb(-2)


def test_every_factor_of_every_pair_of_periods(history: Built, forms: dict[str, dict[Key, Row]]) -> None:
    keys = ("tree", "scope_id", "period_kind", "period_start", "against", "branch", "factor")
    cells = (
        "base_start",
        "base_end",
        "factor_position",
        "value_before",
        "value_after",
        "shapley_amount",
        "chain_amount",
    )
    found = {
        tuple(row[key] for key in keys): tuple(row[cell] for cell in cells)
        for row in table(history, "marts.mart_triune__bridge")
    }
    # Whatever any of the forms has of a period. Of two periods without anything nothing is told.
    filled = {
        key
        for form, rows in forms.items()
        for key, row in rows.items()
        if any(row[figure] for factors in FORMS[form].values() for _, figure, _ in factors)
    }
    expected = {}
    for form, rows in forms.items():
        for (scope, kind, start), row in rows.items():
            for against in ("previous", "year_ago"):
                base = rows.get((scope, kind, base_of(kind, start, against))) if kind != "day" else None
                if base is None or not {(scope, kind, start), (scope, kind, base["period_start"])} & filled:
                    continue
                for branch, factors in FORMS[form].items():
                    by_hand = _cells(factors, base, row)
                    for place, ((factor, _, _), cell) in enumerate(zip(factors, by_hand, strict=True)):
                        key = (form, scope, kind, start, against, branch, factor)
                        expected[key] = (base["period_start"], base["period_end"], place + 1, *cell)
    assert len(expected) > 20_000
    assert found.keys() == expected.keys()
    assert [(key, found[key], cell) for key, cell in expected.items() if found[key] != cell] == []


def _cells(factors: list[tuple[str, str, Fraction]], base: Row, row: Row) -> list[tuple[Decimal | None, ...]]:
    before, after = (tuple(whole(of[figure]) for _, figure, _ in factors) for of in (base, row))
    values = zip(shown_values(factors, before), shown_values(factors, after), strict=True)
    parts: list[tuple[int | None, int | None]] = [(None, None)] * len(factors)
    if before[-1] is not None and after[-1] is not None:
        parts = list(zip(_parts(by_all_orders, before, after), _parts(by_declared_order, before, after), strict=True))
    return [
        (rounded(old, 6), rounded(new, 6), money(shapley), money(chain))
        for (old, new), (shapley, chain) in zip(values, parts, strict=True)
    ]


@cache
def _parts(method: Callable[[Figures, Figures], list[Fraction]], before: Figures, after: Figures) -> list[int]:
    return to_kopecks(method(before, after))


def test_every_factor_twenty_per_cent_higher(history: Built, forms: dict[str, dict[Key, Row]]) -> None:
    found = {
        (row["tree"], row["scope_id"], row["period_kind"], row["period_start"], row["branch"], row["factor"]): (
            row["factor_position"], row["value"], row["raised_value"], row["effect_amount"], row["is_beyond_whole"]
        )
        for row in table(history, "marts.mart_triune__sensitivity")
    }  # fmt: skip
    expected = {}
    for form, rows in forms.items():
        for (scope, kind, start), row in rows.items():
            if row["scope_kind"] not in ("network", "clinic") or kind not in ("month", "quarter", "year"):
                continue
            key, totals = (form, scope, kind, start), []
            for branch, factors in FORMS[form].items():
                figures = [whole(row[figure]) for _, figure, _ in factors]
                values, amount = shown_values(factors, figures), row[branch]
                for place, ((factor, _, _), value) in enumerate(zip(factors, values, strict=True)):
                    raised = None if value is None else value * Fraction(6, 5)
                    effect = None if value is None else rounded(Fraction(amount) / 5, 2)
                    beyond = None if raised is None or factor not in SHARES else rounded(raised, 6) > 1  # type: ignore[operator]
                    expected[(*key, branch, factor)] = (
                        place + 1,
                        rounded(value, 6),
                        rounded(raised, 6),
                        effect,
                        beyond,
                    )
                known = len([value for value in values if value is not None])
                if amount is None:
                    expected[(*key, branch, "(all)")] = (0, None, None, None, None)
                else:
                    raised_amount = rounded(Fraction(amount) * Fraction(6, 5) ** known, 2)
                    assert raised_amount is not None
                    totals.append((amount, raised_amount))
                    expected[(*key, branch, "(all)")] = (0, amount, raised_amount, raised_amount - amount, None)
            now, then = (sum(side) for side in zip(*totals, strict=True)) if totals else (None, None)
            effect = None if now is None or then is None else then - now
            expected[(*key, "(all)", "(all)")] = (0, now, then, effect, None)
    assert len(expected) > 1_000
    assert found.keys() == expected.keys()
    assert [(key, found[key], cells) for key, cells in expected.items() if found[key] != cells] == []


def test_every_tie_of_the_three_forms(history: Built, forms: dict[str, dict[Key, Row]]) -> None:
    lines = table(
        history, "facts.fct_service_lines", "source_id, currency, clinic_id, local_date, net_amount", "is_performed"
    )
    ledgers: dict[tuple[str, str | None, str, date], Decimal] = {}
    for line in lines:
        key = (line["source_id"], line["currency"], line["clinic_id"], line["local_date"])
        ledgers[key] = ledgers.get(key, Decimal(0)) + line["net_amount"]
    has_ledger = {
        source
        for (source,) in history.warehouse.query(
            "select source_id from intermediate.int_metrics__available"
            " where mart = 'mart_triune__tie' and metric = 'ledger_revenue_amount' and is_available"
        )
    }
    rows = table(history, "marts.mart_triune__tie")
    assert len(rows) > 1_000
    for row in rows:
        ledger = sum(
            (
                amount
                for (source, currency, clinic, day), amount in ledgers.items()
                if (source, currency) == (row["source_id"], row["currency"])
                and row["clinic_id"] in (None, clinic)
                and row["period_start"] <= day <= row["period_end"]
            ),
            Decimal(0),
        )
        known = ledger if row["source_id"] in has_ledger else None
        assert row["ledger_revenue_amount"] == known
        figures = [forms[form][row["scope_id"], row["period_kind"], row["period_start"]] for form in FORMS]
        for (form, branches), of_form in zip(FORMS.items(), figures, strict=True):
            leaves = [of_form[branch] for branch in branches if of_form[branch] is not None]
            assert row[f"{form}_revenue_amount"] == (sum(leaves) if leaves else None), row
        assert row["is_tied"] is (None if known is None else True)
        commerce, utilisation, potential = figures
        for name, part in (
            ("unattributed_share", commerce["revenue_unattributed_amount"]),
            ("unslotted_share", utilisation["unslotted_revenue_amount"]),
            ("without_plan_share", potential["revenue_without_plan_amount"]),
        ):
            share = Fraction(part) / Fraction(known) if known and part is not None else None
            assert row[name] == rounded(share, 6), (name, row)
