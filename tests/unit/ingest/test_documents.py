"""JSON: a document a line, or one document that holds the rows; columns are named by paths."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from ingest_case import Reader, profile

from orchestration.ingest.batches import EntityRead
from orchestration.ingest.formats.json_paths import text_sql
from orchestration.ingest.refusal import ExportRefused

_COLUMNS = {
    "sale_id": "$.id",
    "clinic_id": "$.clinic.code",
    "net_amount": "$.totals[0].net",
    "sold_at": {"from": "$.at", "format": "iso8601"},
}


def _read(
    reader: Reader, content: str | bytes, name: str, columns: dict[str, Any] | None = None, **more: Any
) -> EntityRead:
    chosen = profile(columns or _COLUMNS, file=name, text={"decimal_mark": "."}, **more)
    return reader.read(reader.land(content, name=name), chosen)


def _sale(number: int) -> dict[str, Any]:
    return {
        "id": f"S{number}",
        "clinic": {"code": "K1"},
        "totals": [{"net": 10.5 * number}],
        "at": "2026-01-05T10:00:00Z",
    }


_TYPED = [("S1", "K1", Decimal("10.50"), datetime(2026, 1, 5, 10)), ("S2", "K1", Decimal(21), datetime(2026, 1, 5, 10))]
_NAMES = ("sale_id", "clinic_id", "net_amount", "sold_at")


@pytest.mark.parametrize("name", ["sales.ndjson", "sales.jsonl.gz"])
def test_a_document_a_line_is_a_row_a_line(reader: Reader, name: str) -> None:
    content = "\n".join(json.dumps(_sale(number), ensure_ascii=False) for number in (1, 2)).encode()
    _read(reader, gzip.compress(content) if name.endswith("gz") else content, name)
    assert reader.typed(*_NAMES) == _TYPED
    assert [row for (row,) in reader.typed("_row")] == [1, 2]


def test_a_line_that_is_no_json_goes_to_quarantine_and_empty_lines_are_passed_over(reader: Reader) -> None:
    lines = [json.dumps(_sale(1)), "", '{"id": "S9", "clin', "  ", json.dumps(_sale(2)), "nonsense"]
    result = _read(reader, "\n".join(lines), "sales.ndjson")
    assert reader.typed("sale_id", "_row") == [("S1", 1), ("S2", 5)]
    assert reader.quarantined("_row", "rule", "reason") == [
        (3, "broken_row", "the line is no JSON"),
        (6, "broken_row", "the line is no JSON"),
    ]
    assert (result.rows_read, result.rows_quarantined) == (4, 2)


@pytest.mark.parametrize(
    ("document", "rows"),
    [
        ([_sale(1), _sale(2)], None),
        ({"data": {"items": [_sale(1), _sale(2)]}}, "$.data.items[*]"),
        ({"pages": [{"rows": [_sale(1)]}, {"rows": [_sale(2)]}]}, "$.pages[*].rows[*]"),
        ({"entry": [{"type": "sale", "body": _sale(1)}, {"type": "note"}, {"type": "sale", "body": _sale(2)}]},
         "$.entry[?@.type == 'sale'].body"),
    ],
)  # fmt: skip
def test_one_document_holds_its_rows_where_the_profile_says(reader: Reader, document: Any, rows: str | None) -> None:
    _read(reader, json.dumps(document), "sales.json", **({"rows": rows} if rows else {}))
    assert reader.typed(*_NAMES) == _TYPED
    assert [row for (row,) in reader.typed("_row")] == [1, 2]


def test_one_object_is_one_row(reader: Reader) -> None:
    _read(reader, json.dumps(_sale(1)), "sales.json")
    assert reader.typed("sale_id") == [("S1",)]


def test_a_document_that_is_cut_off_is_refused(reader: Reader) -> None:
    with pytest.raises(ExportRefused, match="the file is no JSON"):
        _read(reader, json.dumps([_sale(1)])[:-5], "sales.json")


def test_of_many_values_the_first_that_fits_is_taken(reader: Reader) -> None:
    columns = {
        "sale_id": "$.id",
        "clinic_id": {"from": "$.people[*].ref", "match": "^Practitioner/(.+)$"},
        "visits": {"from": "$.codes[?@.system == 'x'].value"},
    }
    documents: list[dict[str, Any]] = [
        {"id": "S1", "people": [{"ref": "Patient/1"}, {"ref": "Practitioner/7"}, {"ref": "Practitioner/8"}]},
        {"id": "S2", "people": [], "codes": [{"system": "y", "value": 1}, {"system": "x", "value": 2}]},
        {"id": "S3"},
    ]
    _read(reader, "\n".join(map(json.dumps, documents)), "sales.ndjson", columns)
    assert reader.typed("sale_id", "clinic_id", "visits") == [("S1", "7", None), ("S2", None, 2), ("S3", None, None)]


def test_expressions_may_name_paths(reader: Reader) -> None:
    columns = {"sale_id": "$.id", "clinic_id": {"sql": """"$.clinic.code" || '-' || "$.id\""""}}
    _read(reader, json.dumps(_sale(1)), "sales.ndjson", columns, where="\"$.totals[0].net\" = '10.5'")
    assert reader.typed("clinic_id") == [("K1-S1",)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("$.a", "1"),
        ("$['odd name'].b-c", "x"),
        ("$.list[1]", "second"),
        ("$.missing.a.b", None),
        ("$.null", None),
        ("$.list[*]", '["first","second"]'),
        ("$.things[?@.k.t=='b'].v[*]", '["3","4"]'),
        ("$.things[*].nothing", "[]"),
        ("$.object", '{"x":1}'),
    ],
)
def test_paths_find_what_they_name(path: str, text: str | None) -> None:
    document = {
        "a": 1,
        "odd name": {"b-c": "x"},
        "list": ["first", "second"],
        "null": None,
        "object": {"x": 1},
        "things": [{"k": {"t": "a"}, "v": [1, 2]}, {"k": {"t": "b"}, "v": [3, 4]}],
    }
    row = duckdb.execute(f"select {text_sql('$1', path)}", [json.dumps(document)]).fetchone()
    assert row == (text,)
