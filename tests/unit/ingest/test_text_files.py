"""Text files before a row is parsed: encodings, archives, headers; a file that cannot be read says why."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest
from ingest_case import DAY, NEXT_DAY, Reader, profile

from models.file_terms import TextFormat
from models.sources import Profile
from orchestration.ingest.formats import readable
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.refusal import ExportRefused, FileProblem

_TEXT = "Номер;Филиал\nS1;Центр\nS2;Юг\n"
_COLUMNS = {"sale_id": "Номер", "clinic_id": "Филиал"}
_ROWS = [("S1", "Центр", 2), ("S2", "Юг", 3)]


def _profile(encoding: str = "utf-8", **changes: object) -> Profile:
    text = {"encoding": encoding, "delimiter": ";", "decimal_mark": ","}
    return profile(_COLUMNS, text=text, **changes)


def _rows(reader: Reader) -> list[tuple[object, ...]]:
    return reader.typed("sale_id", "clinic_id", "_row")


def _refusal(reader: Reader, content: str | bytes, encoding: str = "utf-8", name: str = "sales.csv") -> FileProblem:
    landed = reader.land(content, name=name)
    with pytest.raises(ExportRefused) as caught:
        reader.read(landed, _profile(encoding))
    (problem,) = caught.value.problems
    assert problem.remedy
    assert problem.file == f"2026-01-05/{name}"
    return problem


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "koi8-r"])
def test_a_file_in_the_encoding_of_the_profile_is_read(reader: Reader, encoding: str) -> None:
    reader.read(reader.land(_TEXT, encoding=encoding), _profile(encoding))
    assert _rows(reader) == _ROWS


@pytest.mark.parametrize("declared", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_is_not_part_of_the_first_name(reader: Reader, declared: str) -> None:
    result = reader.read(reader.land(_TEXT, encoding="utf-8-sig"), _profile(declared))
    assert _rows(reader) == _ROWS
    assert result.warnings == []


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_newline_ends_a_row(reader: Reader, newline: str) -> None:
    reader.read(reader.land(_TEXT.replace("\n", newline)), _profile())
    assert _rows(reader) == _ROWS


def test_newlines_may_be_mixed_in_one_file(reader: Reader) -> None:
    result = reader.read(reader.land("Номер;Филиал\r\nS1;Центр\nS2;Юг\r\nS3;Север\rS4;Запад"), _profile())
    assert result.rows_read == 4
    assert [row for _, _, row in _rows(reader)] == [2, 3, 4, 5]


def test_the_last_row_needs_no_newline(reader: Reader) -> None:
    reader.read(reader.land(_TEXT.rstrip("\n")), _profile())
    assert _rows(reader) == _ROWS


def test_a_gzipped_file_is_read(reader: Reader) -> None:
    reader.read(reader.land(gzip.compress(_TEXT.encode()), name="sales.csv.gz"), _profile())
    assert _rows(reader) == _ROWS


def test_a_member_of_a_zip_is_read_and_named(reader: Reader) -> None:
    reader.read(reader.land(_TEXT, name="export.zip!csv/sales.csv"), _profile())
    assert _rows(reader) == _ROWS
    assert reader.typed("_file")[0] == ("2026-01-05/export.zip!csv/sales.csv",)


def test_a_missing_member_of_a_zip_is_named(reader: Reader) -> None:
    landed = reader.land(_TEXT, name="export.zip!other.csv")
    with pytest.raises(ExportRefused, match=r"the archive has no member 'sales\.csv'"):
        reader.read(landed.beside("export.zip!sales.csv"), _profile())


@pytest.mark.parametrize("kept", [5, 30, -9, -1])
def test_a_truncated_gzip_is_refused(reader: Reader, kept: int) -> None:
    data = gzip.compress((_TEXT * 50).encode())[:kept]
    assert "damaged" in _refusal(reader, data, name="sales.csv.gz").reason


def test_no_damage_to_a_gzip_goes_unnoticed(reader: Reader) -> None:
    lines = "".join(f"S{number};Филиал {number % 7}\n" for number in range(300))
    data = gzip.compress(("Номер;Филиал\n" + lines).encode())
    dice = random.Random(7)
    for _ in range(40):
        spoilt = bytearray(data)
        # Behind the ten bytes of the gzip header, which hold no data.
        spoilt[dice.randrange(10, len(spoilt))] ^= 1 << dice.randrange(8)
        with pytest.raises(ExportRefused):
            reader.read(reader.land(bytes(spoilt), name="sales.csv.gz"), _profile())


def test_a_damaged_zip_is_refused(reader: Reader) -> None:
    landed = reader.land(_TEXT * 100, name="export.zip!sales.csv")
    whole = landed.path.read_bytes()
    middle = len(whole) // 2
    for spoilt in (whole[:middle], whole[:45] + b"\xff\xff" + whole[47:], b"no archive at all", b""):
        landed.path.write_bytes(spoilt)
        with pytest.raises(ExportRefused, match="the archive is damaged"):
            reader.read(landed, _profile())


def test_a_zip_with_a_password_is_refused(reader: Reader) -> None:
    landed = reader.land(_TEXT, name="export.zip!sales.csv")
    data = bytearray(landed.path.read_bytes())
    for flags in (6, data.index(b"PK\x01\x02") + 8):
        data[flags] |= 1
    landed.path.write_bytes(data)
    with pytest.raises(ExportRefused, match="encrypted"):
        reader.read(landed, _profile())


def test_zero_bytes_inside_a_file_are_damage_and_no_part_of_an_id(reader: Reader) -> None:
    problem = _refusal(reader, "Номер;Филиал\nS1;Центр\nS2" + 500 * "\0" + "3;Юг\n")
    assert (problem.row, problem.reason) == (3, "the file holds zero bytes where text should be")
    assert problem.remedy == "Export or copy it again"
    # One alone is damage, too: a file of an even length could be UTF-16, but for its letters.
    assert _refusal(reader, "Id;Name\nS1;Nor\0h\n").remedy == "Export or copy it again"


def test_utf_16_that_is_taken_for_a_one_byte_encoding_is_refused_with_a_hint(reader: Reader) -> None:
    problem = _refusal(reader, "Id;Name\nS1;North\n".encode("utf-16-le"), encoding="cp1251")
    assert (problem.row, problem.remedy) == (1, "It may be utf-16: set text.encoding in the profile")


def test_another_encoding_is_refused_with_its_row_and_a_hint(reader: Reader) -> None:
    problem = _refusal(reader, "id;name\nS1;North\nS2;Юг\n".encode("cp1251"))
    assert (problem.row, problem.reason) == (3, "the file is not utf-8, as the profile says")
    assert "It may be cp1251" in problem.remedy


def test_utf_16_without_a_byte_order_mark_is_refused(reader: Reader) -> None:
    problem = _refusal(reader, _TEXT.encode("utf-8"), encoding="utf-16")
    assert (problem.row, problem.reason) == (1, "the file is not utf-16, as the profile says")
    assert "It may be utf-8" in problem.remedy


def test_the_row_of_a_wrong_letter_is_right_deep_in_a_large_file(reader: Reader) -> None:
    rows = ["S1;abcdefgh"] * 500_000
    problem = _refusal(reader, "\n".join(["id;name", *rows, "S2;Юг"]).encode("cp1251"))
    assert problem.row == 500_002


def test_utf_8_is_refused_where_the_profile_says_cp1251(reader: Reader) -> None:
    problem = _refusal(reader, _TEXT.encode(), encoding="cp1251")
    assert "the file is UTF-8, but the profile says cp1251" in problem.reason


def test_plain_ascii_is_read_whatever_the_profile_says(reader: Reader) -> None:
    ascii_columns = {"sale_id": "id", "clinic_id": "clinic"}
    text = {"encoding": "cp1251", "delimiter": ";"}
    reader.read(reader.land("id;clinic\nS1;A\n"), profile(ascii_columns, text=text))
    assert reader.typed("sale_id", "clinic_id") == [("S1", "A")]


def test_a_file_that_ends_inside_a_letter_is_refused(reader: Reader) -> None:
    assert "ends inside a utf-8 character" in _refusal(reader, "Номер;Филиал\nS1;Ю".encode()[:-1]).reason


def test_an_empty_file_is_refused(reader: Reader) -> None:
    assert "the file is empty" in _refusal(reader, b"").reason
    assert "the file is empty" in _refusal(reader, b"\xef\xbb\xbf").reason


@pytest.mark.parametrize("first", ["", ";;", " ; "])
def test_an_empty_first_row_is_no_header(reader: Reader, first: str) -> None:
    problem = _refusal(reader, f"{first}\n{_TEXT}")
    assert (problem.reason, problem.row) == ("the first row is empty", 1)


def test_a_header_without_rows_is_an_empty_delivery(reader: Reader) -> None:
    result = reader.read(reader.land("Номер;Филиал\n"), _profile())
    assert [(day.rows_read, day.rows_typed) for day in result.files] == [(0, 0)]


@pytest.mark.parametrize("header", ["Номер;Филиал;Номер", "Номер;Филиал;номер", "Номер; Филиал ;Филиал"])
def test_a_name_that_is_read_and_stands_twice_in_the_header_is_refused(reader: Reader, header: str) -> None:
    problem = _refusal(reader, f"{header}\nS1;A;B\n")
    assert "the header names a column twice: " in problem.reason
    assert "'name (2)'" in problem.remedy


def test_a_quote_that_is_never_closed_in_the_header_is_refused(reader: Reader) -> None:
    problem = _refusal(reader, 'Номер;"Филиал\n' + "S1;A\n" * 40_000)
    assert problem.row == 1


def test_a_missing_column_is_refused_and_the_columns_there_are_listed(reader: Reader) -> None:
    problem = _refusal(reader, "Номер,Филиал\nS1,A\n")
    assert problem.reason == "the header lacks 'Номер', 'Филиал'"
    assert "'Номер,Филиал'" in problem.remedy


def test_an_unknown_column_is_a_warning_a_refusal_or_nothing_as_the_profile_says(reader: Reader) -> None:
    landed = reader.land("Номер;Филиал;Примечание\nS1;A;x\n")
    assert "unknown columns 'Примечание'" in reader.read(landed, _profile()).warnings[0]
    assert reader.read(landed, _profile(ignore=["Примечание"])).warnings == []
    assert reader.read(landed, _profile(unknown_columns="ignore")).warnings == []
    with pytest.raises(ExportRefused, match="unknown columns 'Примечание'"):
        reader.read(landed, _profile(unknown_columns="refuse"))


def test_a_delimiter_at_the_end_of_each_row_makes_a_column_without_a_name(reader: Reader) -> None:
    result = reader.read(reader.land("Номер;Филиал;\nS1;Центр;\nS2;Юг;\n"), _profile())
    assert _rows(reader) == _ROWS
    assert "'column 3'" in result.warnings[0]


@pytest.mark.parametrize("name", ["filename", "csv_path", "c0", "select", "a b", 'a"b', "a'b", "Карта: №"])
def test_no_name_of_a_column_gets_in_the_way(reader: Reader, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    chosen = profile({"sale_id": "Номер", "clinic_id": name}, unknown_columns="ignore")
    reader.read(reader.land(f"Филиал;{quoted};Номер\nЮг;Центр;S1\n"), chosen)
    assert reader.typed("sale_id", "clinic_id") == [("S1", "Центр")]


def test_all_files_that_cannot_be_read_are_named_at_once_and_no_batch_changes(reader: Reader) -> None:
    reader.read(reader.land(_TEXT), _profile())
    files = [reader.land(b""), reader.land("Номер\nS9\n", day=NEXT_DAY)]
    with pytest.raises(ExportRefused) as caught:
        reader.read(files, _profile())
    assert [(problem.day, problem.row) for problem in caught.value.problems] == [(DAY, 1), (NEXT_DAY, 1)]
    assert _rows(reader) == _ROWS


def test_a_file_that_grows_while_it_is_read_is_refused(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    decode = readable.decode

    def decode_and_grow(landed: LandedFile, text: TextFormat, path: Path) -> None:
        decode(landed, text, path)
        with landed.path.open("a", encoding="utf-8") as file:
            file.write("S3;Центр\n")

    monkeypatch.setattr(readable, "decode", decode_and_grow)
    assert _refusal(reader, _TEXT).reason == "the file changed while it was read"


def test_a_file_that_cannot_be_opened_is_refused(reader: Reader) -> None:
    landed = reader.land(_TEXT)
    landed.path.unlink()
    with pytest.raises(ExportRefused, match="the file cannot be opened"):
        reader.read(landed, _profile())
