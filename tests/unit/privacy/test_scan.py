"""The scanner: it sees each kind of leak in each kind of file, says where, and never says what."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from orchestration.cli import triune
from orchestration.privacy.scan import ScanError, scan
from orchestration.privacy.terms import Needle, NeedlesError, Terms, read_needles

NAME = "Канарейкина Пелагея"
NEEDLES = "name: Канарейкин*\nphone: +7 900 555-01-01\npatient id: P21999533\npassport: 45 08 955101\n"


@pytest.fixture
def needles(tmp_path: Path) -> Path:
    path = tmp_path / "needles.txt"
    path.write_text(NEEDLES, encoding="utf-8")
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    return path


def _found(home: Path, needles: Path) -> set[tuple[str, str, str]]:
    report = scan([home], Terms(read_needles(needles)))
    return {(str(found.path.relative_to(home)), found.place, found.what) for found in report.findings}


def _table(path: Path, values: str, target: str = "t") -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create table {target} as select * from (values {values}) as rows (id, remark)")
        connection.execute("force checkpoint")


def _parquet(path: Path, values: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    copy = f"copy (select * from (values {values}) as rows (id, remark)) to '{path}' (format parquet, compression zstd)"
    duckdb.execute(copy)


def _sqlite(path: Path, value: str | bytes) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("create table event_logs (id integer, event)")
        connection.execute("insert into event_logs values (1, ?)", [value])
    connection.close()


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<si>{NAME}</si>" * 9)


# Kind of place → how to leak there, and the place that must be named.
LEAKS: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "a log": ("dbt.log", lambda path: path.write_text(f"row of {NAME}!\n", encoding="utf-8"), "bytes"),
    "a name in capitals": ("x.log", lambda path: path.write_text(NAME.upper(), encoding="utf-8"), "bytes"),
    "an export in cp1251": ("quarantine.csv", lambda path: path.write_text(f"1;{NAME}", encoding="cp1251"), "bytes"),
    "UTF-16": ("quarantine.txt", lambda path: path.write_text(NAME, encoding="utf-16"), "bytes"),
    "escaped JSON": ("run.json", lambda path: path.write_text(json.dumps({"a": f"x\n{NAME}"})), "bytes"),
    "a packed log": ("run.log.gz", lambda path: path.write_bytes(gzip.compress(f"{NAME} ".encode() * 9)), "bytes"),
    "a workbook": ("quarantine.xlsx", _zip, "bytes"),
    "a table": ("w.duckdb", lambda path: _table(path, f"(1, 'x'), (2, '{NAME}')"), "main.t.remark"),
    "a batch": ("a/_export_date=2026-01-05/d.parquet", lambda path: _parquet(path, f"(1, '{NAME}')"), "remark"),
    "a nested value": ("b/d.parquet", lambda path: _parquet(path, f"(1, {{'a': ['{NAME}']}})"), "remark"),
    "an event": ("index.db", lambda path: _sqlite(path, json.dumps([NAME])), "event_logs.event"),
    "a packed snapshot": ("runs.db", lambda path: _sqlite(path, zlib.compress(NAME.encode())), "event_logs.event"),
}


@pytest.mark.parametrize("kind", LEAKS)
def test_a_leak_is_found_in(home: Path, needles: Path, kind: str) -> None:
    name, leak, place = LEAKS[kind]
    (home / name).parent.mkdir(parents=True, exist_ok=True)
    leak(home / name)
    assert (name, place, "name (line 1)") in _found(home, needles)


def test_the_name_of_a_file_is_searched_and_not_told(home: Path, needles: Path) -> None:
    (home / "sandbox").mkdir()
    (home / "sandbox" / f"{NAME.replace(' ', '_')}.txt").write_text("nothing")
    (home / "sandbox" / "+7 900 555-01-01.txt").write_text("nothing")
    kinds = ("name (line 1)", "phone (line 2)", "phone")
    assert _found(home, needles) == {("sandbox", "name of a file", kind) for kind in kinds}


def test_a_clean_home_is_clean(home: Path, needles: Path) -> None:
    _table(home / "w.duckdb", "(1, 'Ivanova'), (2, NULL)")
    _parquet(home / "b" / "d.parquet", "(1, 'Канарейка')")
    _sqlite(home / "index.db", json.dumps(["2026-01-05 10:00:00", 504106]))
    (home / "empty.log").touch()
    assert _found(home, needles) == set()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("79005550101", "phone (line 2)"),
        ("89005550101", "phone (line 2)"),
        ("4508955101", "passport (line 4)"),
        ("see P21999533.", "patient id (line 3)"),
    ],
)
def test_a_number_is_found_however_it_is_written(home: Path, needles: Path, text: str, what: str) -> None:
    (home / "x.log").write_text(f"a {text} b")
    _table(home / "w.duckdb", f"(1, '{text}')")
    assert {(name, what) for name, _, what in _found(home, needles)} >= {("x.log", what), ("w.duckdb", what)}


def test_a_number_in_a_column_of_numbers_is_found(home: Path, needles: Path) -> None:
    _table(home / "w.duckdb", "(79005550101, 'x')")
    assert ("w.duckdb", "main.t.id", "phone (line 2)") in _found(home, needles)


def test_an_id_inside_another_id_is_not_a_find(home: Path, needles: Path) -> None:
    (home / "x.log").write_text("TP21999533 P219995331")
    _table(home / "w.duckdb", "('TP21999533', 'P219995331')")
    assert _found(home, needles) == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to anna.petrova@mail.example today", "e-mail"),
        ("call +7 916 123-45-67", "phone"),
        ("call 8 (495) 123-45-67", "phone"),
        ("SNILS 112-233-445 95", "SNILS"),
        ("45 08 123456", "passport"),
        ("7755 0000 5550 0101", "policy or card"),
        ("Петров Иван Сергеевич, врач", "full name"),
        ("для Ивановой: Иванова Анна Петровна", "full name"),
        ("ИВАНОВОЙ АННЫ ПЕТРОВНЫ", "full name"),
        ("Иванова А. П., жена", "name with initials"),
        ("паспорт 4508 123456", "document"),
    ],
)
def test_what_looks_personal_is_found_without_needles(home: Path, text: str, kind: str) -> None:
    (home / "x.log").write_text(text, encoding="utf-8")
    (home / "y.json").write_text(json.dumps(text))
    _table(home / "w.duckdb", f"(1, '{text}')")
    found = scan([home], Terms()).findings
    assert {(one.path.name, one.what) for one in found} >= {(name, kind) for name in ("x.log", "y.json", "w.duckdb")}


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05T10:00:00+03:00 504 106 rows in 12.5 s",
        "Яндекс Директ",
        "Клиника Триада на Лесной",
        "7f3a9b2c-1234-5678-9abc-def012345678",
        "73 915 925.89 of 48 464 828",
        "user@host:/path",
    ],
)
def test_what_is_not_personal_is_no_alarm(home: Path, text: str) -> None:
    (home / "x.log").write_text(text, encoding="utf-8")
    _table(home / "w.duckdb", f"(1, '{text}')")
    assert scan([home], Terms()).findings == []


def test_rows_are_counted(home: Path, needles: Path) -> None:
    _table(home / "w.duckdb", f"(1, '{NAME}'), (2, '{NAME}'), (3, 'x')")
    found = scan([home / "w.duckdb"], Terms(read_needles(needles), {})).findings
    assert [one.count for one in found if one.place == "main.t.remark"] == [2]


def test_a_database_that_somebody_writes_to_is_no_proof(home: Path) -> None:
    (home / "w.duckdb").write_bytes(b"\0" * 8 + b"DUCK" + b"\0" * 40)
    with pytest.raises(ScanError, match=r"w\.duckdb cannot be opened"):
        scan([home], Terms())


@pytest.mark.parametrize("data", [gzip.compress(b"x" * 99, mtime=0)[:-9], b"PK\x03\x04 and no archive"])
def test_an_archive_that_cannot_be_unpacked_is_no_proof(home: Path, data: bytes) -> None:
    (home / "export.gz").write_bytes(data)
    with pytest.raises(ScanError, match="cannot be unpacked"):
        scan([home], Terms())


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "holds 0 needles"), ("Канарейкина", "line 1: write 'kind: text'"), ("name: x", "3 characters")],
)
def test_needles_that_cannot_be_used_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "needles.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NeedlesError, match=message):
        read_needles(path)


def test_a_needle_is_not_shown_by_its_label() -> None:
    assert "555" not in Needle("phone (line 2)", "+7 900 555-01-01").label


def _triune(monkeypatch: pytest.MonkeyPatch, home: Path, *arguments: str) -> Result:
    monkeypatch.setenv("TRIUNE_HOME", str(home))
    return CliRunner().invoke(triune, ["privacy", "scan", *arguments], catch_exceptions=False)


def test_the_command_says_where_and_not_what_and_fails(
    home: Path, needles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "dbt").mkdir()
    (home / "dbt" / "dbt.log").write_text(f"row of {NAME}, +7 900 555-01-01", encoding="utf-8")
    result = _triune(monkeypatch, home, "--needles", str(needles))
    assert result.exit_code == 1
    assert "dbt/dbt.log  bytes: name (line 1), 1×" in result.output
    assert "Пелагея" not in result.output and "555" not in result.output


def test_the_command_leaves_the_landing_out_and_is_content_with_a_clean_home(
    home: Path, needles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "landing").mkdir()
    (home / "landing" / "patients.csv").write_text(NAME, encoding="utf-8")
    (home / "x.log").write_text("fine")
    result = _triune(monkeypatch, home, "--needles", str(needles))
    assert (result.exit_code, "no personal data found (1 files" in result.output) == (0, True)


def test_the_command_ends_with_2_where_it_cannot_look(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = _triune(monkeypatch, home, str(home / "nowhere"))
    assert (result.exit_code, "not there" in result.output) == (2, True)
