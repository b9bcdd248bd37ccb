"""`each`: the elements of a document are the rows, know its fields, and are counted as rows of its file."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from ingest_case import DAY, Reader, profile

from orchestration.ingest.batches import EntityRead

_FILE = f"{DAY}/bills.ndjson"
_COLUMNS = {"sale_id": "@.no", "clinic_id": "$.clinic.code", "net_amount": "@.net"}


def _bill(clinic: str, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"clinic": {"code": clinic}, "lines": list(lines), **more}


_BILLS = [
    _bill("K1", {"no": "A", "net": "1.50"}, {"no": "B", "net": "2.50"}),
    _bill("K2"),
    {"clinic": {"code": "K3"}},
    _bill("K4", {"no": "C", "net": "4.00"}),
]


def _lines(documents: list[Any]) -> str:
    return "\n".join(json.dumps(document, ensure_ascii=False) for document in documents)


def _read(
    reader: Reader,
    content: str,
    columns: dict[str, Any] | None = None,
    name: str = "bills.ndjson",
    each: str = "$.lines[*]",
    **more: Any,
) -> EntityRead:
    chosen = profile(columns or _COLUMNS, file=name, each=each, text={"decimal_mark": "."}, **more)
    return reader.read(reader.land(content, name=name), chosen)


def test_each_element_is_a_row_that_knows_its_document(reader: Reader) -> None:
    _read(reader, _lines(_BILLS))
    assert reader.typed("sale_id", "clinic_id", "net_amount") == [
        ("A", "K1", Decimal("1.50")),
        ("B", "K1", Decimal("2.50")),
        ("C", "K4", Decimal(4)),
    ]


def test_a_row_is_named_by_the_line_of_its_document_and_its_number_there(reader: Reader) -> None:
    _read(reader, _lines(_BILLS))
    assert reader.typed("_file", "_row") == [(f"{_FILE}[1]", 1), (f"{_FILE}[2]", 1), (f"{_FILE}[1]", 4)]


def test_documents_without_elements_are_no_rows_and_every_element_is_counted_for_its_file(reader: Reader) -> None:
    bills = [*_BILLS, _bill("K5", {"no": "D", "net": "x"}, {"no": "E", "net": "5.00"}, {"no": None, "net": "y"})]
    result = _read(reader, _lines(bills) + '\n{"clinic": ')
    assert sorted(reader.quarantined("_file", "_row", "rule")) == [
        (_FILE, 6, "broken_row"),
        (f"{_FILE}[1]", 5, "not_a_number"),
        (f"{_FILE}[3]", 5, "not_a_number"),
        (f"{_FILE}[3]", 5, "required"),
    ]
    ((file, read, quarantined),) = [(count.file, count.rows_read, count.rows_quarantined) for count in result.files]
    assert (file, read, quarantined) == (_FILE, 7, 3)
    assert result.warnings == []


@pytest.mark.parametrize("name", ["bills.json", "export.zip!data/bills.json"])
def test_rows_of_one_document_have_elements_of_their_own(reader: Reader, name: str) -> None:
    result = _read(reader, json.dumps({"page": {"bills": _BILLS}}), name=name, rows="$.page.bills[*]")
    assert reader.typed("sale_id", "clinic_id", "_row") == [("A", "K1", 1), ("B", "K1", 1), ("C", "K4", 4)]
    assert [(count.file, count.rows_read) for count in result.files] == [(f"{DAY}/{name}", 3)]


@pytest.mark.parametrize(
    ("each", "found"),
    [
        ("$.lines[?@.kind == 'fee']", [("B", 1), ("D", 2)]),
        ("$.lines[*].parts[*]", [("C1", 1), ("C2", 2), ("D1", 3)]),
        ("$['odd name'][*]", [("E", 1)]),
    ],
)
def test_elements_are_those_that_the_path_finds_in_their_order(
    reader: Reader, each: str, found: list[tuple[str, int]]
) -> None:
    parts = [{"no": "C", "parts": [{"no": "C1"}, {"no": "C2"}]}, {"no": "D", "kind": "fee", "parts": [{"no": "D1"}]}]
    bill = _bill("K1", {"no": "A", "kind": "tax"}, {"no": "B", "kind": "fee"}, *parts) | {"odd name": [{"no": "E"}]}
    _read(reader, _lines([bill]), {"sale_id": "@.no"}, each=each)
    assert reader.typed("sale_id", "_file") == [(number, f"{_FILE}[{place}]") for number, place in found]


def test_an_element_knows_the_elements_around_it(reader: Reader) -> None:
    hours = [
        {"days": ["mon", "tue"], "opens": "08:00", "rooms": [{"no": "1", "doors": [{"id": "a"}, {"id": "b"}]}]},
        {"days": [], "opens": "09:00", "rooms": [{"no": "2"}]},
        {"days": ["sat"], "opens": "10:00", "rooms": [{"no": "3", "doors": [{"id": "c"}]}]},
        {"opens": "11:00"},
    ]
    document = _lines([{"id": "K1", "hours": hours}])
    columns = {"sale_id": {"hash": ["$.id", "@", "@@.opens"]}, "clinic_id": "@", "opens_at": "@@.opens"}
    _read(reader, document, columns, each="$.hours[*].days[*]")
    assert [(day, str(at), file) for day, at, file in reader.typed("clinic_id", "opens_at", "_file")] == [
        ("mon", "08:00:00", f"{_FILE}[1]"),
        ("tue", "08:00:00", f"{_FILE}[2]"),
        ("sat", "10:00:00", f"{_FILE}[3]"),
    ]
    deep = {"sale_id": {"sql": '"$.id" || "@@@.opens" || "@@.no" || "@"'}}
    _read(reader, document, deep, each="$.hours[*].rooms[*].doors[*].id")
    assert reader.typed("sale_id") == [("K108:001a",), ("K108:001b",), ("K110:003c",)]


def test_an_element_may_be_a_plain_value(reader: Reader) -> None:
    _read(reader, '{"clinic": "K1", "days": ["mon", 2, null, "wed"]}', {"sale_id": "@", "clinic_id": "$.clinic"},
          each="$.days[*]")  # fmt: skip
    assert reader.typed("sale_id", "clinic_id") == [("mon", "K1"), ("2", "K1"), ("wed", "K1")]
    assert reader.quarantined("_file", "rule") == [(f"{_FILE}[3]", "required")]


def test_paths_of_elements_stand_wherever_paths_may(reader: Reader) -> None:
    columns = {
        "sale_id": {"hash": ["$.id", "@.no"]},
        "clinic_id": {"from": "@.who[*].ref", "match": "^Clinic/(.+)$"},
        "patient_id": {"sql": '"$.id" || \'-\' || "@.no"'},
        "net_amount": {"from": "@.net", "negate_when": "\"@.kind\" = 'refund'"},
        "units": {"sql": 'number("@.net") * 2'},
    }
    lines = [
        {"no": "A", "net": "1.00", "kind": "refund", "who": [{"ref": "Doctor/1"}, {"ref": "Clinic/7"}]},
        {"no": "B", "net": "2.00", "kind": "sale", "who": [{"ref": "Clinic/8"}]},
        {"no": "C", "net": "3.00", "kind": "draft"},
    ]
    _read(reader, _lines([_bill("K1", *lines, id="7")]), columns, where="\"@.kind\" <> 'draft'",
          deleted_when="\"@.kind\" = 'refund' and \"$.id\" = '7'")  # fmt: skip
    assert reader.typed("clinic_id", "net_amount", "units", "_is_deleted") == [
        ("7", Decimal(-1), Decimal(2), True),
        ("8", Decimal(2), Decimal(4), False),
    ]
    assert len(set(reader.typed("sale_id"))) == len(set(reader.typed("patient_id"))) == 2


def test_equal_elements_of_several_documents_are_read_once_at_a_place_that_is_one_of_theirs(reader: Reader) -> None:
    bills = [_bill("K1", {"no": "A"}, {"no": "B"}), _bill("K2", {"no": "C"}), _bill("K3", {"no": "B"})]
    _read(reader, _lines(bills), {"sale_id": "@.no"}, distinct=True)
    assert sorted(reader.typed("sale_id", "_file", "_row")) == [
        ("A", f"{_FILE}[1]", 1),
        ("B", f"{_FILE}[1]", 3),
        ("C", f"{_FILE}[1]", 2),
    ]


def test_a_file_whose_documents_have_no_element_at_all_is_told(reader: Reader) -> None:
    result = _read(reader, _lines(_BILLS), each="$.lineItems[*]")
    assert result.rows_read == 0
    (warning,) = result.warnings
    assert "no document holds anything at '$.lineItems[*]'" in warning and "Correct `each`" in warning
    assert _read(reader, "").warnings == []


# --- look-ups

_SALES = [{"no": "A", "id": 1}, {"no": "B", "id": 2}, {"no": "C", "id": 3}, {"no": "Z", "id": 9}, {"id": 10}]


def _with_bills(reader: Reader, bills: list[Any], **more: Any) -> EntityRead:
    reader.land(_lines(bills), name="bills.ndjson")
    bill = {"file": "bills.ndjson", "each": "$.lines[*]", "by": {"$.no": "@.no"}, **more}
    columns = {"sale_id": "$.id", "clinic_id": "bill.$.clinic.code", "net_amount": "bill.@.net"}
    chosen = profile(columns, file="sales.ndjson", text={"decimal_mark": "."}, lookups={"bill": bill})
    return reader.read(reader.land(_lines(_SALES), name="sales.ndjson"), chosen)


def test_a_look_up_by_elements_brings_fields_of_the_element_and_of_its_document(reader: Reader) -> None:
    result = _with_bills(reader, _BILLS)
    assert reader.typed("sale_id", "clinic_id", "net_amount", "_file") == [
        ("1", "K1", Decimal("1.50"), f"{DAY}/sales.ndjson"),
        ("2", "K1", Decimal("2.50"), f"{DAY}/sales.ndjson"),
        ("3", "K4", Decimal(4), f"{DAY}/sales.ndjson"),
        ("10", None, None, f"{DAY}/sales.ndjson"),
    ]
    assert reader.quarantined("_row", "rule", "reason") == [
        (4, "not_in_lookup", "bills.ndjson has no row with this @.no")
    ]
    assert (result.rows_read, result.rows_quarantined) == (5, 1)


def test_rows_that_need_elements_which_contradict_one_another_are_quarantined(reader: Reader) -> None:
    result = _with_bills(reader, [*_BILLS, _bill("K5", {"no": "A", "net": "9"})])
    assert reader.typed("sale_id", "net_amount") == [("2", Decimal("2.50")), ("3", Decimal(4)), ("10", None)]
    twice = "bills.ndjson has two rows with this @.no that say different things: "
    assert reader.quarantined("_row", "rule", "reason") == [
        (1, "contradictory_lookup", f"{twice}{DAY}/bills.ndjson row 1[1], {DAY}/bills.ndjson row 5[1]"),
        (4, "not_in_lookup", "bills.ndjson has no row with this @.no"),
    ]
    assert (result.rows_read, result.rows_quarantined) == (5, 2)


def test_two_elements_of_one_document_may_contradict_each_other(reader: Reader) -> None:
    _with_bills(reader, [_bill("K1", {"no": "A", "net": "1"}, {"no": "A", "net": "2"})])
    (reason,) = [reason for rule, reason in reader.quarantined("rule", "reason") if rule == "contradictory_lookup"]
    assert reason.endswith(f"{DAY}/bills.ndjson row 1[1], {DAY}/bills.ndjson row 1[2]")


def test_what_has_no_key_contradicts_nothing(reader: Reader) -> None:
    bills = [_bill("K1", {"no": "A", "net": "1"}, {"net": "7"}), _bill("K2", {"net": "8"}, {"no": " ", "net": "9"})]
    _with_bills(reader, bills, required=False)
    assert reader.typed("sale_id", "clinic_id")[0] == ("1", "K1")
