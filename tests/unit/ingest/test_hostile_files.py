"""Files that would fill memory or disk, or lead a parser astray: each is read or refused in words, and soon."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from ingest_case import Reader, profile

from models.sources import Profile
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.refusal import ExportRefused

_COLUMNS = {"sale_id": "Номер", "clinic_id": "Филиал"}
_HEADER = "Номер;Филиал\n"


def _profile(file: str = "sales.csv") -> Profile:
    return profile(_COLUMNS, file=file, unknown_columns="ignore")


def _workbook(cells: dict[tuple[int, int], str], merged: tuple[int, int, int, int] | None = None) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, name in enumerate(_COLUMNS.values()):
            sheet.write_string(0, place, name)
        for (row, column), text in cells.items():
            sheet.write_string(row, column, text)
        if merged:
            sheet.merge_range(*merged, "")
    return buffer.getvalue()


def _land_workbook(reader: Reader, content: bytes) -> LandedFile:
    return reader.land(content, name="sales.xlsx")


def test_each_broken_row_says_what_is_wrong_with_it(reader: Reader) -> None:
    content = _HEADER + 'S1\nS2;A;B;C\nS3;"A"B\nS4;"A\n'
    reader.read(reader.land(content), _profile())
    assert reader.quarantined("_row", "reason") == [
        (2, "the row has 1 cells and the header 2: some are missing"),
        (3, "the row has 4 cells and the header 2: one may hold a delimiter without quotes"),
        (4, "a quote stands in the middle of a value, or the value is never ended"),
        (5, "a quote stands in the middle of a value, or the value is never ended"),
    ]


def test_a_broken_row_of_several_lines_refuses_the_file(reader: Reader) -> None:
    """The quotes of two rows close each other; what stands between them is no value."""
    content = _HEADER + 'S1;"A\nS2;B\nS3;C"\nS4;"D\nS5";E;F\n'
    with pytest.raises(ExportRefused, match=r"row 3\): a quote is opened and not closed"):
        reader.read(reader.land(content), _profile())


def test_rows_keep_their_numbers_where_a_stray_quote_and_empty_lines_meet(reader: Reader) -> None:
    content = _HEADER + 'S1;"A"B;"\nS2;"C"\n\nS3;D\n\nS4;E\n'
    reader.read(reader.land(content), _profile())
    assert reader.typed("sale_id", "_row") == [("S2", 3), ("S3", 5), ("S4", 7)]
    assert [row for (row,) in reader.quarantined("_row")] == [2]


@pytest.mark.parametrize("sign", ["x", "щ"])
def test_a_row_of_megabytes_is_a_row_like_any_other(reader: Reader, sign: str) -> None:
    content = f"{_HEADER}S1;{sign * 3_000_001}\nS2;A\nS3;{sign * 3_000_001};B\n"
    result = reader.read(reader.land(content), _profile())
    assert reader.typed("sale_id", "length(clinic_id)") == [("S1", 3_000_001), ("S2", 1)]
    assert result.rows_quarantined == 1


def test_a_header_of_ten_thousand_columns_over_short_rows_is_told_of_row_by_row(reader: Reader) -> None:
    header = ";".join(["Номер", "Филиал", *(f"Поле {number}" for number in range(10_000))])
    result = reader.read(reader.land(f"{header}\n" + "S1;A\n" * 500), _profile())
    assert (result.rows_read, result.rows_quarantined) == (500, 500)


def test_a_message_names_a_few_of_very_many_columns(reader: Reader) -> None:
    header = ";".join(["Номер", *(f"Поле\x01{number}" for number in range(10_000))])
    with pytest.raises(ExportRefused, match="and 9,961 more") as refused:
        reader.read(reader.land(f"{header}\n"), _profile())
    assert str(refused.value).isprintable()


def test_a_row_that_has_run_into_the_header_is_not_quoted(reader: Reader) -> None:
    with pytest.raises(ExportRefused, match="the header lacks 'Филиал'") as refused:
        reader.read(reader.land("Номер;ФилиалP12000345;Иванова Анна Петровна;A\n"), _profile())
    assert "P12000345" not in str(refused.value) and "Иванова" not in str(refused.value)


def test_zeros_of_a_disk_that_was_full_are_refused_before_they_fill_memory(reader: Reader) -> None:
    landed = reader.land(f"{_HEADER}S1;A\n")
    with landed.path.open("ab") as file:
        file.truncate(300 << 20)
    with pytest.raises(ExportRefused, match=r"row 3\): the file holds zero bytes"):
        reader.read(landed, _profile())


def test_a_line_without_an_end_is_refused_before_it_fills_memory(reader: Reader) -> None:
    landed = reader.land(f"{_HEADER}S1;A\n" + "x" * 65_000_000)
    with pytest.raises(ExportRefused, match=r"row 3\): a line is longer than 64,000,000 letters"):
        reader.read(landed, _profile())


@pytest.mark.parametrize("name", ["sales.csv.gz", "export.zip!sales.csv", "export.zip!sales.csv.gz"])
def test_an_archive_that_would_fill_the_disk_is_refused_early(reader: Reader, tmp_path: Path, name: str) -> None:
    rows = b"S1;A\n" * 200_000
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file:
        for _ in range(300):
            file.write(rows)
    content = packed.getvalue() if name.endswith("gz") else gzip.decompress(packed.getvalue())
    landed = reader.land(b"", name=name)
    if landed.member:
        with zipfile.ZipFile(landed.path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(landed.member, content)
    else:
        landed.path.write_bytes(content)
    with pytest.raises(ExportRefused, match="of the archive unpack to more than"):
        reader.read(landed, _profile(name))
    written = sum(path.stat().st_size for path in (tmp_path / "scratch").iterdir())
    assert written < 100 << 20


def test_a_cell_in_the_far_corner_of_a_sheet_is_refused_before_it_takes_memory(reader: Reader) -> None:
    landed = _land_workbook(reader, _workbook({(1, 0): "S1", (1_048_575, 16_383): "x"}))
    with pytest.raises(ExportRefused, match="a sheet spans 1,048,576 rows and 16,384 columns"):
        reader.read(landed, _profile("sales.xlsx"))


def test_a_sheet_with_an_address_beyond_any_sheet_is_refused(reader: Reader) -> None:
    """Without a look at it the process would end: the library asks for more memory than there is."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_workbook({(1, 0): "S1"}))) as old, zipfile.ZipFile(buffer, "w") as new:
        for part in old.namelist():
            new.writestr(part, re.sub(b'r="A2"', b'r="ZZZZ9999999"', old.read(part)))
    with pytest.raises(ExportRefused, match="a sheet spans 9,999,999 rows"):
        reader.read(_land_workbook(reader, buffer.getvalue()), _profile("sales.xlsx"))


def test_a_workbook_that_unpacks_beyond_measure_is_refused(reader: Reader) -> None:
    buffer = io.BytesIO(_workbook({(1, 0): "S1"}))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/picture.bin", b"\x00" * (80 << 20))
    with pytest.raises(ExportRefused, match="unpack to more than"):
        reader.read(_land_workbook(reader, buffer.getvalue()), _profile("sales.xlsx"))


def test_a_workbook_whose_bytes_have_changed_is_refused_though_it_could_be_opened(reader: Reader) -> None:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_workbook({(1, 0): "S1", (1, 1): "A"}))) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as new,
    ):
        for part in old.namelist():
            new.writestr(part, old.read(part))
    spoilt = buffer.getvalue().replace(b"<t>S1</t>", b"<t>S7</t>")
    with pytest.raises(ExportRefused, match="the checksums differ"):
        reader.read(_land_workbook(reader, spoilt), _profile("sales.xlsx"))


def test_merged_cells_beside_the_table_are_no_cells_of_it(reader: Reader) -> None:
    landed = _land_workbook(reader, _workbook({(1, 0): "S1", (1, 1): "A"}, merged=(0, 8, 3, 9)))
    reader.read(landed, _profile("sales.xlsx"))
    assert reader.typed("sale_id", "clinic_id") == [("S1", "A")]


def test_a_newline_of_any_kind_in_a_cell_ends_no_row(reader: Reader) -> None:
    landed = _land_workbook(reader, _workbook({(1, 0): "S1", (1, 1): "A\rB\r\nC", (2, 0): "S2", (2, 1): "D"}))
    reader.read(landed, _profile("sales.xlsx"))
    assert reader.typed("sale_id", "_row") == [("S1", 2), ("S2", 3)]
    assert reader.typed("clinic_id")[0][0].split("\n") == ["A", "B", "C"]


@pytest.mark.parametrize("content", ['{"sales": {}}', '{"sold": [{"id": "S1"}]}', '{"sales": null}', "7"])
def test_a_document_without_the_list_of_rows_is_refused(reader: Reader, content: str) -> None:
    chosen = profile({"sale_id": "$.id"}, file="sales.json", rows="$.sales[*]")
    with pytest.raises(ExportRefused, match=r"holds nothing at '\$\.sales\[\*\]'"):
        reader.read(reader.land(content, name="sales.json"), chosen)
    assert reader.read(reader.land('{"sales": []}', name="sales.json"), chosen).rows_read == 0


def test_no_text_inside_a_line_of_json_divides_it(reader: Reader) -> None:
    chosen = profile({"sale_id": "$.id"}, file="sales.ndjson")
    reader.read(reader.land('{"id": "\\\\x1f"}\n{"id": "S\x1f2"}\n', name="sales.ndjson"), chosen)
    assert reader.typed("sale_id", "_row") == [("\\x1f", 1)]
    assert reader.quarantined("_row") == [(2,)]
