"""A sample holds nobody's data, keeps its format, and fails as the whole export does."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from other_mis import CANARIES, ENCODING
from python_calamine import CalamineWorkbook

from models.sources import SOURCES_DIR
from orchestration.checking.dry_run import check_source
from orchestration.checking.findings import Level, SourceCheck
from orchestration.demo import generate_demo
from orchestration.sampling.disguise import Disguise
from orchestration.sampling.sample import SampleExistsError, take_sample

_KEY = b"a key that the tests keep"


def _structure(check: SourceCheck) -> set[tuple[str, Level, str, str | None]]:
    return {(found.entity, found.level, found.rule, found.column) for found in check.findings}


def _texts(folder: Path) -> str:
    """All text of all files, out of its archive and decoded."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix == ".xlsx":
            book = CalamineWorkbook.from_path(path)
            found += [str(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]
            with zipfile.ZipFile(path) as archive:
                found += [archive.read(name).decode("utf-8", "ignore") for name in archive.namelist()]
        else:
            found += [path.read_bytes().decode(encoding, "ignore") for encoding in (ENCODING, "utf-8")]
    return "\n".join(found)


def _rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(ENCODING)), delimiter=";"))


def _profile(folder: Path, file: str, columns: str, extra: str = "") -> Path:
    path = folder / "little.yaml"
    path.write_text(
        "source: little\ntitle: A little MIS\ndelivery: occasional\ntime_zone: UTC\nentities:\n  clinics:\n"
        f"    file: {file}\n    mode: full\n{extra}    columns:\n{columns}",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def sample(profile: Path, export: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample") / "other"
    take_sample(profile, export, out, rows=4, key=_KEY)
    return out


def test_the_canaries_are_in_the_export_and_none_is_in_the_sample(export: Path, sample: Path) -> None:
    whole, small = _texts(export), _texts(sample)
    assert [canary for canary in CANARIES if canary not in whole] == []
    assert [canary for canary in CANARIES if canary.casefold() in small.casefold()] == []


def test_a_sample_fails_as_the_whole_day_does(profile: Path, export: Path, sample: Path) -> None:
    whole, small = (check_source(profile, folder, day=None) for folder in (max(export.iterdir()), sample))
    assert _structure(whole) == _structure(small) != set()
    assert small.exit_code() == whole.exit_code() == 1


def test_the_newest_day_is_taken_with_its_names_titles_and_headers(export: Path, sample: Path) -> None:
    (day,) = sample.iterdir()
    newest = max(export.iterdir())
    assert day.name == newest.name
    assert {path.name for path in day.iterdir()} == {path.name for path in newest.iterdir()}
    for path in newest.glob("*.csv"):
        header = 2 if path.name.startswith("Приёмы") else 0
        assert _rows(day / path.name)[header] == _rows(path)[header]
    assert len(_rows(day / "Приёмы_18032026.csv")) < len(_rows(newest / "Приёмы_18032026.csv"))


def test_the_same_id_is_disguised_alike_in_every_file_and_keeps_its_shape(sample: Path) -> None:
    (day,) = sample.iterdir()
    cards = {row[0] for row in _rows(day / "Картотека пациентов.csv")[1:]}
    named = {row[3] for row in _rows(day / "Оказанные услуги.csv")[1:]}
    assert named <= cards
    assert all(card[3] == "-" and card.replace("-", "").isdigit() for card in cards)
    assert not cards & {"100-7", "100-8", "101-9"}


def test_free_text_and_columns_that_nothing_uses_are_emptied(sample: Path) -> None:
    (day,) = sample.iterdir()
    rows = _rows(day / "Приёмы_18032026.csv")
    patient, comment = (rows[2].index(name) for name in ("Пациент", "Комментарий администратора"))
    assert {row[patient] + row[comment] for row in rows[3:] if row[0] != "Итого"} == {""}


def test_words_that_the_profile_knows_dates_and_amounts_stay(sample: Path) -> None:
    (day,) = sample.iterdir()
    line = _rows(day / "Оказанные услуги.csv")[1]
    assert line[6:] == ["18.03.2026 09:20", "1", "1 250,50", "50,50", "1 200,00", "Оказана"]


def test_a_text_where_a_date_should_be_is_masked_so_that_it_stays_none(sample: Path) -> None:
    (day,) = sample.iterdir()
    assert "xxxxxxx xxxxxxxxxx" in {row[6] for row in _rows(day / "Оказанные услуги.csv")}


def test_a_birthday_becomes_another_day_of_the_same_format(sample: Path) -> None:
    (day,) = sample.iterdir()
    births = [row[3] for row in _rows(day / "Картотека пациентов.csv")[1:]]
    assert all(len(birth) == 10 and birth[2] == birth[5] == "." for birth in births)
    assert not set(births) & {"23.11.1984", "05.06.1971", "14.02.1990"}


def test_another_key_gives_other_disguises(profile: Path, export: Path, sample: Path, tmp_path: Path) -> None:
    take_sample(profile, export, tmp_path / "again", rows=4, key=_KEY)
    assert _texts(tmp_path / "again") == _texts(sample)
    take_sample(profile, export, tmp_path / "other", rows=4)
    assert _texts(tmp_path / "other") != _texts(sample)


def test_a_folder_that_holds_something_is_not_written_to(profile: Path, export: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SampleExistsError):
        take_sample(profile, export, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_sample_of_the_demo_fails_as_its_day_does(tmp_path: Path) -> None:
    generate_demo(tmp_path / "demo", clinics=2, months=1)
    day = tmp_path / "demo" / "2026-01-26"
    path = SOURCES_DIR / "demo_mis.yaml"
    taken = take_sample(path, day, tmp_path / "sample", rows=10)
    assert taken.left_out == {}
    assert _structure(check_source(path, taken.out)) == _structure(check_source(path, day)) != set()
    people = {row[1] for row in _rows(day / "patients.csv")[1:]} | {row[2] for row in _rows(day / "employees.csv")[1:]}
    words = {word for person in people for word in person.split() if len(word) > 4}
    small = _texts(taken.out)
    assert [word for word in words if word in small] == []


_COLUMNS = """\
      clinic_id: id
      clinic_name: name
      time_zone: zone
      currency: {constant: RUB}
"""
_ROWS = [("K1", "Клиника Звонарёвой", "Europe/Moscow", "тайна"), ("K2", "Дерюгин и Ко", "UTC", "мигрень")]


def test_a_member_of_an_archive_is_written_into_an_archive(tmp_path: Path) -> None:
    content = "id,name,zone,note\n" + "".join(",".join(row) + "\n" for row in _ROWS)
    folder = tmp_path / "files"
    folder.mkdir()
    with zipfile.ZipFile(folder / "export.zip", "w") as archive:
        archive.writestr("data/clinics.csv.gz", gzip.compress(content.encode()))
    path = _profile(tmp_path, "export.zip!data/clinics.csv.gz", _COLUMNS, "    ignore: [note]\n")
    take_sample(path, folder, tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out" / "export.zip") as archive:
        written = gzip.decompress(archive.read("data/clinics.csv.gz")).decode()
    header, first, second = csv.reader(io.StringIO(written))
    assert (header, first[2:], second[2:]) == (["id", "name", "zone", "note"], ["Europe/Moscow", ""], ["UTC", ""])
    assert not {"Звонарёвой", "Дерюгин", "мигрень"} & set(written.replace(",", " ").split())
    assert check_source(path, tmp_path / "out", with_guard=False).exit_code() == 0


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    table = pa.table(
        {"id": [17, 18], "name": ["Звонарёва", "Дерюгин"], "zone": ["UTC", "UTC"], "note": ["тайна", None]}
    )
    pq.write_table(table, folder / "clinics.parquet")
    path = _profile(tmp_path, "clinics.parquet", _COLUMNS, "    ignore: [note]\n")
    take_sample(path, folder, tmp_path / "out")
    written = pq.read_table(tmp_path / "out" / "clinics.parquet")
    assert written.schema == table.schema
    assert written["note"].to_pylist() == [None, None]
    assert not set(written["name"].to_pylist()) & set(table["name"].to_pylist())
    assert check_source(path, tmp_path / "out", with_guard=False).exit_code() == 0


def test_numbers_that_are_ids_stay_different_and_keep_their_length() -> None:
    disguise = Disguise(b"key")
    numbers = [*range(10, 90), 1234567, -5]
    made = [int(disguise.text(str(number))) for number in numbers]
    assert len(set(made)) == len(numbers)
    assert [len(str(abs(number))) for number in made] == [2] * 80 + [7, 1]
    # More of them than two digits have room for.
    assert len({int(disguise.text(str(number))) for number in range(10, 100)}) == 90


def test_documents_keep_their_structure_and_the_words_of_filters(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    document = {
        "id": "K1",
        "name": [{"use": "usual", "text": "Звонарёва"}, {"use": "old", "text": "Дерюгин"}],
        "contact": {"phone": "+79161112233"},
        "beds": 7,
    }
    (folder / "clinics.ndjson").write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")
    columns = (
        '      clinic_id: "$.id"\n      clinic_name: "$.name[?@.use == \'usual\'].text"\n'
        "      time_zone: {constant: UTC}\n      currency: {constant: RUB}\n"
    )
    path = _profile(tmp_path, "clinics.ndjson", columns)
    take_sample(path, folder, tmp_path / "out")
    text = (tmp_path / "out" / "clinics.ndjson").read_text(encoding="utf-8")
    written = json.loads(text)
    assert written["contact"] == {"phone": ""} and written["beds"] is None
    assert written["name"][0]["use"] == "usual"
    assert "Звонарёва" not in text and "Дерюгин" not in text
    assert check_source(path, tmp_path / "out", with_guard=False).exit_code() == 0


def test_elements_of_a_document_are_disguised_where_they_stand_and_all_of_a_chosen_line_are_taken(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    documents = [
        {
            "group": "Звонарёва",
            "sites": [
                {"id": f"K{line}{number}", "kind": "site", "note": "тайна", "zone": "UTC" if line < 4 else "Mars/Base"}
                for number in range(line + 1)
            ],
        }
        for line in range(8)
    ]
    lines = [json.dumps(document, ensure_ascii=False) for document in documents]
    (folder / "clinics.ndjson").write_text("\n".join(lines), encoding="utf-8")
    columns = (
        '      clinic_id: "@.id"\n      clinic_name: $.group\n      time_zone: {from: "@.zone", values: {UTC: UTC}}\n'
        "      currency: {constant: RUB}\n"
    )
    path = _profile(tmp_path, "clinics.ndjson", columns, "    each: $.sites[?@.kind == 'site']\n")
    whole = check_source(path, folder, with_guard=False)
    assert (whole.entities[0].rows_read, whole.entities[0].rows_set_aside) == (36, 26)
    assert whole.findings[0].places[0].file == "clinics.ndjson[1]"
    take_sample(path, folder, tmp_path / "out", rows=1, key=_KEY)
    text = (tmp_path / "out" / "clinics.ndjson").read_text(encoding="utf-8")
    written = [json.loads(line) for line in text.splitlines()]
    # The first line, and the first three of the mistake.
    assert [len(document["sites"]) for document in written] == [1, 5, 6, 7]
    assert written[0]["sites"][0]["zone"] == "UTC"
    assert {site["note"] + site["kind"] for document in written for site in document["sites"]} == {"site"}
    assert not {"Звонарёва", *(f"K{line}{number}" for line in range(6) for number in range(3))} & set(text.split('"'))
    small = check_source(path, tmp_path / "out", with_guard=False)
    assert (small.entities[0].rows_read, small.entities[0].rows_set_aside) == (19, 18)


def test_a_phone_that_is_a_number_is_made_up_too(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "patients.ndjson").write_text('{"id": 17001, "tel": 79161112233, "sex": "F"}\n', encoding="utf-8")
    path = tmp_path / "little.yaml"
    path.write_text(
        "source: little\ntitle: A little MIS\ndelivery: occasional\ntime_zone: UTC\nentities:\n  patients:\n"
        "    file: patients.ndjson\n    mode: full\n    columns:\n"
        '      patient_id: "$.id"\n      phone: "$.tel"\n      sex: {from: "$.sex", values: {F: female}}\n',
        encoding="utf-8",
    )
    take_sample(path, folder, tmp_path / "out")
    written = json.loads((tmp_path / "out" / "patients.ndjson").read_text(encoding="utf-8"))
    assert written["tel"] != 79161112233 and written["id"] != 17001
    assert (len(str(written["tel"])), written["sex"]) == (11, "F")


def test_a_total_keeps_its_word_and_not_whose_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    lines = ["id,name,zone", "K1,Центр,UTC", "Итого по врачу Звонарёва,2,"]
    (folder / "clinics.csv").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    path = _profile(tmp_path, "clinics.csv", _COLUMNS, "    text: {totals: Итого}\n")
    take_sample(path, folder, tmp_path / "out")
    last = (tmp_path / "out" / "clinics.csv").read_text(encoding="utf-8").splitlines()[-1]
    assert last == "Итого,,"


def test_a_format_that_nothing_here_writes_is_named_and_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "clinics.json").write_text('[{"id": "K1"}]', encoding="utf-8")
    columns = '      clinic_id: "$.id"\n      clinic_name: "$.id"\n      time_zone: {constant: UTC}\n'
    path = _profile(tmp_path, "clinics.json", columns + "      currency: {constant: RUB}\n")
    taken = take_sample(path, folder, tmp_path / "out")
    assert list(taken.left_out) and "export it as NDJSON" in next(iter(taken.left_out.values()))
    assert not (tmp_path / "out" / "clinics.json").exists()


def _two_sheets(path: Path) -> None:
    """Clinics below a header of two rows with merged cells, and rooms whose ids are short numbers."""
    path.parent.mkdir()
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Параметры").write_row("A1", ["Отчёт Звонарёвой"])
        clinics, rooms, form = book.add_worksheet("Филиалы"), book.add_worksheet("Кабинеты"), book.add_format()
        clinics.merge_range("A1:B1", "Филиал", form)
        clinics.write_row("A2", ["Код", "Название"])
        clinics.merge_range("C1:C2", "Пояс", form)
        clinics.write_row("A3", ["K1", "Звонарёва"])
        clinics.write_row("A4", ["K2", "Дерюгин"])
        clinics.merge_range("C3:C4", "UTC", form)
        rooms.write_row("A1", ["Код", "Название", "Филиал"])
        for number in range(1, 31):
            rooms.write_row(number, 0, [number, f"Каб. {number}", "K1"])


def test_a_sample_has_every_sheet_of_an_entity_in_parts(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    with xlsxwriter.Workbook(str(tmp_path / "files" / "all.xlsx")) as book:
        for name in ("Север", "Юг"):
            book.add_worksheet(name).write_column("A1", ["id", *(f"{name} {number}" for number in range(30))])
    columns = "{clinic_id: id, clinic_name: id, time_zone: {constant: UTC}, currency: {constant: RUB}}"
    path = tmp_path / "little.yaml"
    path.write_text(
        "source: little\ntitle: A little MIS\ndelivery: occasional\ntime_zone: UTC\nentities:\n  clinics:\n"
        f"    file: all.xlsx\n    mode: full\n    columns: {columns}\n    parts: [{{sheet: Север}}, {{sheet: Юг}}]\n",
        encoding="utf-8",
    )
    take_sample(path, tmp_path / "files", tmp_path / "out", rows=4)
    (clinics,) = check_source(path, tmp_path / "out", with_guard=False).entities
    assert (clinics.rows_loaded, clinics.findings) == (8, [])


_TWO_SHEETS = """\
source: little
title: A little MIS
delivery: occasional
time_zone: UTC
entities:
  clinics:
    file: all.xlsx
    sheet: Филиалы
    text: {header_rows: 2}
    mode: full
    columns: {clinic_id: Филиал Код, clinic_name: Филиал Название, time_zone: Пояс, currency: {constant: RUB}}
  resources:
    file: all.xlsx
    sheet: Кабинеты
    mode: full
    columns:
      resource_id: Код
      clinic_id: Филиал
      resource_name: Название
      resource_kind: {constant: room}
      is_capacity: {constant: "true"}
"""


def test_a_sample_of_a_workbook_has_every_sheet_that_is_read_and_no_id_twice(tmp_path: Path) -> None:
    _two_sheets(tmp_path / "files" / "all.xlsx")
    path = tmp_path / "little.yaml"
    path.write_text(_TWO_SHEETS, encoding="utf-8")
    take_sample(path, tmp_path / "files", tmp_path / "out", rows=40)
    check = check_source(path, tmp_path / "out", with_guard=False)
    assert {entity.entity: entity.rows_loaded for entity in check.entities} == {"clinics": 2, "resources": 30}
    assert not check.findings
    assert not {"Звонарёва", "Звонарёвой", "Дерюгин", "Каб"} & set(re.findall(r"\w+", _texts(tmp_path / "out")))
