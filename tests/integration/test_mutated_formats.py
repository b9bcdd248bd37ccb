"""Payments as archives, workbooks, documents and Parquet, spoilt at random: refused, or no row of them is missing."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from mutated import Bench, Outcome, assert_fit_to_show
from mutations import NEWLINES, Draw, break_line, cut_row, damage, delete_rows, put_blank_lines, repeat_row
from other_formats import CSV, GZIP, JSON, NDJSON, PARQUET, XLSX, ZIP, ZIP_BZIP2, ZIP_LZMA, Rows

from models.contracts import load_contracts
from models.sources import SOURCES_DIR, load_profile
from orchestration.demo import DemoSummary

DAY = "2026-02-02"
ROWS = 24
FORMATS = {
    "gzip": GZIP,
    "zip": ZIP,
    "zip with lzma": ZIP_LZMA,
    "zip with bzip2": ZIP_BZIP2,
    "workbook": XLSX,
    "lines of documents": NDJSON,
    "document": JSON,
    "parquet": PARQUET,
}
CASES = settings(deadline=None, derandomize=True, database=None, phases=[Phase.generate])


@pytest.fixture(scope="module")
def rows(demo: DemoSummary) -> Rows:
    header, *lines = (demo.out / DAY / "payments.csv").read_bytes().decode("cp1251").splitlines()[: ROWS + 1]
    return [dict(zip(header.split(";"), line.split(";"), strict=True)) for line in lines]


class Benches:
    """A bench for each format, and the rows that come of the sound file, in order."""

    def __init__(self, folder: Path, rows: Rows, connection: duckdb.DuckDBPyConnection) -> None:
        contract, profile = load_contracts()["payments"], load_profile(SOURCES_DIR / "demo_mis.yaml")
        self.rows = rows
        self.private = frozenset(row["Номер карты"] for row in rows)
        self.of = {
            name: Bench(folder / name, contract, kind.profile(profile), connection) for name, kind in FORMATS.items()
        }
        (folder / "csv").mkdir()
        sound = Bench(folder / "csv", contract, CSV.profile(profile), connection).read(CSV.write(rows))
        self.typed = [_without_place(typed) for _, typed in sorted(sound.typed.items())]

    def read(self, name: str, data: bytes) -> Outcome:
        """Reads a file of the format; what it says is fit to be shown."""
        outcome = self.of[name].read(data)
        assert_fit_to_show(outcome, self.private, self.of[name].folder)
        if outcome.read:
            assert not outcome.typed.keys() & outcome.quarantined.keys()
            assert outcome.read.rows_read == len(outcome.typed) + len(outcome.quarantined)
        return outcome

    def assert_sound(self, outcome: Outcome, first_row: int) -> None:
        """Every row is there, as it is in the CSV file."""
        assert not outcome.problems and not outcome.quarantined
        assert sorted(outcome.typed) == [*range(first_row, first_row + len(self.typed))]
        assert [_without_place(typed) for _, typed in sorted(outcome.typed.items())] == self.typed


def _without_place(typed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in typed.items() if name != "_file"}


@pytest.fixture(scope="module")
def benches(rows: Rows, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Benches]:
    with duckdb.connect(config={"enable_external_file_cache": "false"}) as connection:
        yield Benches(tmp_path_factory.mktemp("formats"), rows, connection)


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_rows_come_of_every_kind_of_file(benches: Benches, name: str) -> None:
    benches.assert_sound(benches.read(name, FORMATS[name].write(benches.rows)), FORMATS[name].first_row)


@settings(CASES, max_examples=120)
@given(data=st.data(), name=st.sampled_from(["gzip", "zip", "zip with lzma", "zip with bzip2"]))
def test_a_spoilt_archive_is_refused_unless_its_content_is_whole(
    benches: Benches, data: st.DataObject, name: str
) -> None:
    spoilt = damage(data.draw, FORMATS[name].write(benches.rows))
    outcome = benches.read(name, spoilt)
    if outcome.read:
        assert _unpacked(name, spoilt) == CSV.write(benches.rows)
        benches.assert_sound(outcome, 2)


@settings(CASES, max_examples=60)
@given(data=st.data())
def test_a_spoilt_workbook_is_refused_unless_its_content_is_whole(benches: Benches, data: st.DataObject) -> None:
    outcome = benches.read("workbook", damage(data.draw, XLSX.write(benches.rows)))
    if outcome.read:
        benches.assert_sound(outcome, 2)


@settings(CASES, max_examples=80)
@given(data=st.data(), part=st.sampled_from(["worksheets/sheet1", "sharedStrings", "styles", "workbook"]))
def test_no_row_of_a_workbook_with_spoilt_parts_is_lost(benches: Benches, data: st.DataObject, part: str) -> None:
    """Spoilt before it was packed, so that its checksums are right."""
    spoilt = _with_part(XLSX.write(benches.rows), f"xl/{part}.xml", lambda text: damage(data.draw, text))
    outcome = benches.read("workbook", spoilt)
    if outcome.read and part == "worksheets/sheet1":
        filled = _filled_rows(spoilt)
        assert filled is None or outcome.typed.keys() | outcome.quarantined.keys() == filled - {1}


@settings(CASES, max_examples=80)
@given(data=st.data())
def test_no_line_of_a_spoilt_file_of_documents_is_lost(benches: Benches, data: st.DataObject) -> None:
    draw: Draw[Any] = data.draw
    lines = NDJSON.write(benches.rows).decode().splitlines()
    known = dict(zip(lines, benches.typed, strict=True))
    for _ in range(draw(st.integers(1, 3))):
        change = draw(st.sampled_from([cut_row, break_line, delete_rows, repeat_row, put_blank_lines]))
        lines = change(draw, lines) or [""]
    text = draw(st.sampled_from(NEWLINES)).join(lines).encode()
    spoilt = damage(draw, text) if draw(st.booleans()) else text
    outcome = benches.read("lines of documents", spoilt)
    found = _lines(spoilt)
    assert outcome.is_refused == (found is None)
    if found is not None:
        assert outcome.typed.keys() | outcome.quarantined.keys() == found.keys()
        for row, line in found.items():
            if line in known:
                assert _without_place(outcome.typed[row]) == known[line]


@settings(CASES, max_examples=60)
@given(data=st.data())
def test_a_spoilt_document_is_refused_unless_all_its_rows_are_there(benches: Benches, data: st.DataObject) -> None:
    spoilt = damage(data.draw, JSON.write(benches.rows))
    outcome = benches.read("document", spoilt)
    try:
        document = json.loads(spoilt.decode())
    except ValueError:
        assert outcome.is_refused
        return
    found = document.get("payments") if isinstance(document, dict) else None
    assert outcome.is_refused == (not isinstance(found, list))
    if outcome.read and isinstance(found, list):
        assert outcome.typed.keys() | outcome.quarantined.keys() == {*range(1, len(found) + 1)}


@settings(CASES, max_examples=60)
@given(data=st.data())
def test_a_spoilt_parquet_file_is_refused_or_none_of_its_rows_is_missing(benches: Benches, data: st.DataObject) -> None:
    spoilt = damage(data.draw, PARQUET.write(benches.rows))
    outcome = benches.read("parquet", spoilt)
    try:
        rows = pq.read_table(io.BytesIO(spoilt)).num_rows
    except (pa.ArrowException, OSError, ValueError):
        return
    if outcome.read:
        assert outcome.read.rows_read == rows


def _unpacked(name: str, data: bytes) -> bytes | None:
    try:
        if name == "gzip":
            return gzip.decompress(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.read("payments.csv")
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile):
        return None


def _with_part(data: bytes, part: str, change: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return buffer.getvalue()


def _filled_rows(workbook: bytes) -> set[int] | None:
    """Rows of the sheet with a cell that holds anything; None if it is no XML."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        try:
            root = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
        except ElementTree.ParseError:
            return None
    cells = [element for element in root.iter() if element.tag.endswith("}c") and len(element)]
    return {int(re.sub("[A-Za-z]", "", cell.get("r", ""))) for cell in cells}


def _lines(data: bytes) -> dict[int, str] | None:
    """Lines that hold anything, by number; None if they are no UTF-8."""
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeError:
        return None
    lines = re.split("\r\n|\r|\n", text)
    return {number: line for number, line in enumerate(lines, 1) if line.strip(" \t")}
