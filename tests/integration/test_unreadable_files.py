"""Files that cannot be read as a whole: each is refused with a message of its own, and nothing of the day is loaded."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from exports import DAY, DELIMITER, ENTITIES, DayOfFiles

from orchestration.ingest.refusal import ExportRefused


def test_the_day_is_clean_before_it_is_spoilt(day: DayOfFiles) -> None:
    reads = day.read()
    assert reads.keys() == set(ENTITIES)
    for entity, read in reads.items():
        assert (read.rows_quarantined, read.warnings) == (0, [])
        assert read.rows_read == len(day.lines(f"{entity}.csv")) - 1 if entity != "marketing_spend" else True
    day.load()
    assert day.query("select count(*) from ops.quarantine") == [(0,)]
    assert day.query("select sum(rows_loaded) from ops.load_log") == [(sum(r.rows_read for r in reads.values()),)]


def _delete(day: DayOfFiles) -> None:
    (day.folder / "payments.csv").unlink()


def _rename_column(day: DayOfFiles) -> None:
    day.rewrite("payments.csv", lambda lines: [lines[0].replace("Сумма", "Сумма, руб."), *lines[1:]])


def _drop_last_column(day: DayOfFiles) -> None:
    day.rewrite("payments.csv", lambda lines: [line.rpartition(DELIMITER)[0] for line in lines])


def _use_commas(day: DayOfFiles) -> None:
    day.rewrite("payments.csv", lambda lines: [line.replace(DELIMITER, ",") for line in lines])


def _name_a_column_twice(day: DayOfFiles) -> None:
    day.rewrite("payments.csv", lambda lines: [lines[0].replace("Статус", "Способ"), *lines[1:]])


def _write_utf8(day: DayOfFiles) -> None:
    path = day.folder / "payments.csv"
    path.write_bytes(path.read_bytes().decode("cp1251").encode())


def _write_utf8_that_decodes(day: DayOfFiles) -> None:
    """In UTF-8 the letter И has a byte that cp1251 lacks; without it the wrong encoding "succeeds"."""
    day.rewrite("payments.csv", lambda lines: [line.replace("И", "I") for line in lines])
    _write_utf8(day)
    assert (day.folder / "payments.csv").read_bytes().decode("cp1251")


def _plant_a_byte_that_cp1251_lacks(day: DayOfFiles) -> None:
    path = day.folder / "payments.csv"
    lines = path.read_bytes().split(b"\r\n")
    path.write_bytes(b"\r\n".join([*lines[:4], lines[4] + b"\x98", *lines[5:]]))


def _empty(day: DayOfFiles) -> None:
    (day.folder / "payments.csv").write_bytes(b"")


def _break_workbook(day: DayOfFiles) -> None:
    (day.folder / "marketing_spend.xlsx").write_bytes(b"this is no workbook")


def _truncate_workbook(day: DayOfFiles) -> None:
    path = day.folder / "marketing_spend.xlsx"
    path.write_bytes(path.read_bytes()[:-300])


def _deliver_gzip(day: DayOfFiles) -> Path:
    """The payments as `payments.csv.gz`, as another site of this MIS might send them."""
    mapping = day.profile.entities["payments"].model_copy(update={"files": ["payments.csv.gz"]})
    day.profile = day.profile.model_copy(update={"entities": day.profile.entities | {"payments": mapping}})
    plain = day.folder / "payments.csv"
    packed = day.folder / "payments.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    return packed


def _truncate_gzip(day: DayOfFiles) -> None:
    packed = _deliver_gzip(day)
    packed.write_bytes(packed.read_bytes()[:-40])


def _corrupt_gzip(day: DayOfFiles) -> None:
    packed = _deliver_gzip(day)
    content = bytearray(packed.read_bytes())
    content[len(content) // 2] ^= 0xFF
    packed.write_bytes(bytes(content))


def _send_text_as_gzip(day: DayOfFiles) -> None:
    _deliver_gzip(day).write_bytes(b"no archive at all")


REFUSED: dict[str, tuple[Callable[[DayOfFiles], None], str]] = {
    "missing file": (_delete, r"payments\.csv\): the file is missing\. Export it to .*payments\.csv, then run"),
    "renamed column": (_rename_column, r"payments\.csv, row 1\): the header lacks 'Сумма'\..*'Сумма, руб\.'"),
    "missing column": (_drop_last_column, r"payments\.csv, row 1\): the header lacks 'Изменено'"),
    "other delimiter": (_use_commas, r"payments\.csv, row 1\): the header lacks .*text\.delimiter"),
    "column named twice": (_name_a_column_twice, r"payments\.csv, row 1\): the header names a column twice: 'Способ'"),
    "utf-8 for cp1251": (_write_utf8, r"payments\.csv, row 1\): the file is not cp1251.* It may be utf-8"),
    "utf-8 that would pass": (_write_utf8_that_decodes, r"row 1\): the file is UTF-8, but the profile says cp1251: ev"),
    "byte that is no letter": (_plant_a_byte_that_cp1251_lacks, r"payments\.csv, row 5\): the file is not cp1251"),
    "empty file": (_empty, r"payments\.csv, row 1\): the file is empty"),
    "no workbook": (_break_workbook, r"marketing_spend\.xlsx\): the workbook cannot be opened"),
    "cut workbook": (_truncate_workbook, r"marketing_spend\.xlsx\): the workbook cannot be opened"),
    "cut gzip": (_truncate_gzip, r"payments\.csv\.gz\): the archive is damaged"),
    "corrupt gzip": (_corrupt_gzip, r"payments\.csv\.gz\): the archive is damaged"),
    "no gzip": (_send_text_as_gzip, r"payments\.csv\.gz\): the archive is damaged"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_file_that_cannot_be_read_is_refused(day: DayOfFiles, fault: str) -> None:
    spoil, message = REFUSED[fault]
    spoil(day)
    with pytest.raises(ExportRefused) as refused:
        day.read()
    [problem] = refused.value.problems
    assert str(problem).startswith(f"demo_mis {DAY} ")
    assert re.search(message, str(problem)), str(problem)
    assert day.to_load() is None


def test_each_fault_has_a_message_of_its_own(day: DayOfFiles) -> None:
    patterns = {
        pattern for fault, (_, pattern) in REFUSED.items() if fault not in ("no workbook", "no gzip", "cut gzip")
    }
    assert len(patterns) == len(REFUSED) - 3


def test_all_bad_files_are_named_in_one_go(day: DayOfFiles) -> None:
    _write_utf8(day)
    _break_workbook(day)
    day.rewrite("appointments.csv", lambda lines: [lines[0].replace("Статус", "Состояние"), *lines[1:]])
    with pytest.raises(ExportRefused) as refused:
        day.read()
    assert {problem.entity for problem in refused.value.problems} == {"payments", "marketing_spend", "appointments"}


def test_a_day_that_has_not_landed_is_refused(day: DayOfFiles) -> None:
    day.day = date(2026, 2, 3)
    with pytest.raises(ExportRefused, match=r"demo_mis 2026-02-03 .*no export has landed"):
        day.find()


def test_a_good_gzip_reads_as_the_plain_file_does(day: DayOfFiles) -> None:
    plain = day.read()["payments"].rows_read
    _deliver_gzip(day)
    assert day.read()["payments"].rows_read == plain > 0


def test_a_refused_reissue_takes_back_what_was_ready_to_load(day: DayOfFiles) -> None:
    """Batches of the first issue would otherwise be loaded under the name of the second."""
    day.keep("payments")
    day.read()
    day.load()
    loaded = day.query("select * from ops.load_log order by all")
    _write_utf8(day)
    with pytest.raises(ExportRefused):
        day.read()
    assert day.to_load() is None
    assert day.query("select * from ops.load_log order by all") == loaded
