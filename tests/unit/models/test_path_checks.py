"""Paths of a profile: a malformed one, or one that begins where nothing is, is refused by file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.sources import load_profile
from models.yaml_reader import DefinitionError

_PROFILE = """\
source: little
title: A little MIS
delivery: daily
time_zone: Europe/Moscow
entities:
  invoices:
    file: bills.ndjson
    each: $.lines[*]
    mode: delta
    where: "\\"@.kind\\" = 'fee'"
    lookups:
      visit:
        file: visits.ndjson
        each: $.bills[*]
        by: {$.id: "@.bill"}
        where: "\\"@.kind\\" = 'fee' and \\"$.status\\" <> 'lost'"
        required: false
    columns:
      invoice_id: {hash: [$.id, "@.no"]}
      clinic_id: visit.$.place
      payer: visit.@.payer
      issued_at: $.at
      invoice_amount: {sql: "number(\\"@.net\\")", negate_when: "\\"@.kind\\" = 'refund'"}
"""


def _load(tmp_path: Path, *changes: tuple[str, str]) -> list[str]:
    text = _PROFILE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "little.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        load_profile(path)
    except DefinitionError as error:
        return [line.removeprefix(f"{path}:") for line in str(error).splitlines()]
    return []


def test_paths_of_documents_and_of_elements_are_understood_wherever_they_may_stand(tmp_path: Path) -> None:
    assert _load(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        ("each: $.lines[*]", "each: lines[*]", "8: entities.invoices.each: 'lines[*]' is no path"),
        ("each: $.lines[*]", "each: $.lines[", "8: entities.invoices.each: '$.lines[' is not understood from '[' on"),
        ("each: $.lines[*]", "each: '@.a[*]'", "8: entities.invoices.each: '@.a[*]' begins at an element: write '$…'"),
        (
            "each: $.lines[*]",
            "each: $.lines",
            "8: entities.invoices.each: '$.lines' finds one value; for each of its elements write '$.lines[*]'",
        ),
        ("each: $.bills[*]", "each: $.bills", "14: entities.invoices.lookups.visit.each: '$.bills' finds one value"),
        ("each: $.bills[*]", "rows: $.b[", "14: entities.invoices.lookups.visit.rows: '$.b[' is not understood"),
    ],
)
def test_where_elements_are_is_said_by_a_path_that_finds_many(tmp_path: Path, old: str, new: str, refusal: str) -> None:
    assert _load(tmp_path, (old, new))[0].startswith(refusal)


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        (
            "file: bills.ndjson",
            "file: bills.csv",
            "8: entities.invoices.each: 'each' is a path into a JSON document, and this is none",
        ),
        (
            "file: bills.ndjson",
            "file: [bills.ndjson, bills.csv]",
            "8: entities.invoices.each: 'each' is a path into a JSON document, and this is none",
        ),
        (
            "file: visits.ndjson",
            "file: visits.xlsx",
            "14: entities.invoices.lookups.visit.each: 'each' is a path into a JSON document, and this is none",
        ),
    ],
)
def test_only_documents_have_elements(tmp_path: Path, old: str, new: str, refusal: str) -> None:
    assert refusal in _load(tmp_path, (old, new))


def test_a_file_whose_name_does_not_tell_may_say_that_it_is_json(tmp_path: Path) -> None:
    assert _load(tmp_path, ("file: bills.ndjson", "file: bills.txt\n    format: ndjson")) == []


def test_a_path_of_an_element_needs_one(tmp_path: Path) -> None:
    rest = "begins at an element, and nothing says which: give 'each', the path that finds the elements"
    assert _load(tmp_path, ("    each: $.lines[*]\n", "")) == [
        f"18: entities.invoices.columns.invoice_id: '@.no' {rest}",
        f"9: entities.invoices.where: '@.kind' {rest}",
        f"22: entities.invoices.columns.invoice_amount.sql: '@.net' {rest}",
        f"22: entities.invoices.columns.invoice_amount.negate_when: '@.kind' {rest}",
    ]
    assert _load(tmp_path, ("        each: $.bills[*]\n", "")) == [
        f"14: entities.invoices.lookups.visit.by: '@.bill' {rest}",
        f"15: entities.invoices.lookups.visit.where: '@.kind' {rest}",
        f"20: entities.invoices.columns.payer: '@.payer' {rest}",
    ]
    keyed = ("by: {$.id: ", 'by: {"@.no": ')
    assert f"14: entities.invoices.lookups.visit.by: '@.no' {rest}" in _load(
        tmp_path, ("    each: $.lines[*]\n", ""), keyed
    )


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        ("issued_at: $.at", "issued_at: $.at[", "22: entities.invoices.columns.issued_at: '$.at[' is not"),
        (r"number(\"@.net\")", r"number(\"net\")", "23: entities.invoices.columns.invoice_amount.sql: 'net' is no"),
        ("visit.@.payer", "visit.payer", "21: entities.invoices.columns.payer: 'payer' is no path"),
        ('"@.bill"', "bill", "15: entities.invoices.lookups.visit.by: 'bill' is no path"),
    ],
)
def test_every_column_of_a_document_is_named_by_a_path(tmp_path: Path, old: str, new: str, refusal: str) -> None:
    (found,) = _load(tmp_path, (old, new))
    assert found.startswith(refusal)


def test_a_table_may_have_headers_that_look_like_paths(tmp_path: Path) -> None:
    table = ("file: bills.ndjson\n    each: $.lines[*]", "file: bills.csv")
    assert _load(tmp_path, table, ("$.at", '"@at"'), ("$.id, ", '"$ id", ')) == []


def test_a_path_begins_no_further_out_than_there_are_lists(tmp_path: Path) -> None:
    nested = ("each: $.lines[*]", "each: $.lines[*].parts[*]")
    assert _load(tmp_path, nested, ("issued_at: $.at", 'issued_at: "@@.at"')) == []
    assert _load(tmp_path, nested, ("issued_at: $.at", 'issued_at: "@@@.at"')) == [
        "22: entities.invoices.columns.issued_at: '@@@.at' begins further out than the lists of "
        "'$.lines[*].parts[*]'; '$' is the document"
    ]


def test_columns_are_not_made_rows_twice(tmp_path: Path) -> None:
    unpivot = "    unpivot: {columns: [$.a, $.b], name: $.n, value: $.v}\n"
    assert _load(tmp_path, ("    mode: delta\n", f"    mode: delta\n{unpivot}")) == [
        "10: entities.invoices.unpivot: 'each' has made the rows already: name their values by '@' paths, and leave "
        "'unpivot' out"
    ]


def test_elements_are_not_filled_from_above(tmp_path: Path) -> None:
    (problem,) = _load(tmp_path, ("    mode: delta\n", "    mode: delta\n    fill_down: [$.at]\n"))
    assert problem.startswith("10: entities.invoices.fill_down: an element has none above it")
