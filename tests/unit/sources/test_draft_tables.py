"""Which tables an export holds: sheets, clinics' own folders, headers of two rows and none, names with a date."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml
from little_draft import drafted, text_of

from models.sources import load_profile
from orchestration.checking.dry_run import check_source
from orchestration.profiling.draft import draft_source
from orchestration.profiling.files import general_name, is_dated
from orchestration.profiling.layout import Layout, table_layout, text_layout
from orchestration.profiling.write import draft_text

_DOCTORS = [["Код", "ФИО", "Должность"], ["007", "Сидоров С.С.", "Врач"], ["012", "Яковлева Я.Я.", "Врач"]]


def _drafted(folder: Path) -> dict[str, Any]:
    text = draft_text(draft_source("little", folder), "source.schema.json")
    return yaml.safe_load(text)


@pytest.fixture
def workbooks(tmp_path: Path) -> Path:
    """Two days of one workbook each: parameters, visits below a merged header of two rows, doctors."""
    for day in (date(2026, 3, 4), date(2026, 3, 5)):
        folder = tmp_path / "exports" / str(day)
        folder.mkdir(parents=True)
        with xlsxwriter.Workbook(str(folder / f"Выгрузка_{day:%d.%m.%Y}.xlsx")) as book:
            form = book.add_format()
            book.add_worksheet("Параметры").write_row("A1", ["Отчёт", "Выгрузка"])
            visits, doctors = book.add_worksheet("Приёмы"), book.add_worksheet("Врачи")
            visits.merge_range("A1:F1", f"Приёмы за {day:%d.%m.%Y}", form)
            for column, name in (("A", "№ записи"), ("B", "№ карты"), ("C", "Врач"), ("F", "Статус")):
                visits.merge_range(f"{column}2:{column}3", name, form)
            visits.merge_range("D2:E2", "План", form)
            visits.write_row("D3", ["Начало", "Окончание"])
            for row in range(3, 9):
                at = f"{day:%d.%m.%Y} {row + 6:02d}"
                said = ["007", f"{at}:00", f"{at}:30", "Завершён"]
                visits.write_row(row, 0, [f"{day:%d}{row:04d}", f"{row:05d}", *said])
            visits.write("A10", "Итого")
            for row, cells in enumerate(_DOCTORS):
                doctors.write_row(row, 0, cells)
    return tmp_path / "exports"


def test_each_sheet_of_a_workbook_may_be_an_entity(workbooks: Path, tmp_path: Path) -> None:
    draft = _drafted(workbooks)
    visits, doctors = draft["entities"]["appointments"], draft["entities"]["employees"]
    assert (visits["file"], visits["sheet"], doctors["sheet"]) == ("Выгрузка_*.xlsx", "Приёмы", "Врачи")
    assert visits["text"] == {"header_row": 2, "header_rows": 2, "totals": "Итого"}
    assert visits["columns"]["planned_start_at"] == "План Начало"
    path = tmp_path / "little.yaml"
    path.write_text(draft_text(draft_source("little", workbooks), "source.schema.json"), encoding="utf-8")
    check = check_source(path, workbooks, with_guard=False)
    loaded = {entity.entity: entity.rows_loaded for entity in check.entities}
    assert (loaded["appointments"], loaded["employees"]) == (12, 4)


def test_folders_inside_a_day_are_clinics_and_say_what_they_write_otherwise(tmp_path: Path) -> None:
    for clinic, encoding, words in (("north", "utf-8", "Терапевт"), ("south", "cp1251", "Хирург и терапевт")):
        folder = tmp_path / "exports" / "2026-03-04" / clinic
        folder.mkdir(parents=True)
        lines = "Код;ФИО;Должность;Специальность\n" + "".join(
            f"{clinic}{n};А Б;Врач;{words} взрослый\n" for n in range(9)
        )
        (folder / "Врачи.csv").write_bytes(lines.encode(encoding))
    draft = _drafted(tmp_path / "exports")
    assert draft["clinics"]["north"] == {
        "folder": "north",
        "entities": {"clinics": {"columns": {"clinic_name": {"constant": "north"}}}},
    }
    assert draft["clinics"]["south"]["text"] == {"encoding": "cp1251"}
    assert "clinic_id" not in draft["entities"]["employees"]["columns"]
    path = tmp_path / "little.yaml"
    path.write_text(draft_text(draft_source("little", tmp_path / "exports"), "source.schema.json"), encoding="utf-8")
    assert load_profile(path).parts(date(2026, 3, 4))[1].profile.text.encoding == "cp1251"
    check = check_source(path, tmp_path / "exports", with_guard=False)
    assert {entity.entity: entity.rows_loaded for entity in check.entities}["employees"] == 18


def test_a_layout_that_changes_is_told_with_the_days_of_the_other(tmp_path: Path) -> None:
    for number, header in ((1, "Код;Имя"), (2, "Код;Имя"), (3, "Код врача;Имя;Пол")):
        folder = tmp_path / "exports" / f"2026-03-0{number}"
        folder.mkdir(parents=True)
        rows = "".join(f"{n}{';x' * header.count(';')}\n" for n in range(9))
        (folder / "Врачи.csv").write_text(f"{header}\n{rows}", encoding="utf-8")
    text = draft_text(draft_source("little", tmp_path / "exports"), "source.schema.json")
    assert "# Врачи.csv has other columns on 2026-03-0" in text


@pytest.mark.parametrize(
    ("name", "general", "dated"),
    [
        ("visits_2026-01-05.csv", "visits_*.csv", True),
        ("Касса за март 2026 г.csv", "Касса за * г.csv", True),
        ("Journal March 2026.csv", "Journal *.csv", True),
        ("Выгрузка_04.03.2026.xlsx", "Выгрузка_*.xlsx", True),
        ("20260304_visits.csv", "*_visits.csv", True),
        ("form 1.csv", "form *.csv", False),
        ("Марта врачи.csv", "* врачи.csv", True),
        ("remarks.csv", "remarks.csv", False),
    ],
)
def test_a_name_with_a_day_or_a_month_will_be_another_next_time(name: str, general: str, dated: bool) -> None:
    assert (general_name(name), is_dated(name)) == (general, dated)


def test_of_one_day_a_dated_name_becomes_a_pattern_and_says_what_the_file_is(tmp_path: Path) -> None:
    lines = "Номер;Дата и время;Приход\n" + "".join(f"П{n};05.03.2026 10:0{n};10,50\n" for n in range(9))
    draft = drafted(tmp_path, **{"Касса за март 2026": lines})
    assert draft["entities"]["payments"]["file"] == "Касса за *.csv"


def test_a_table_that_is_called_one_entity_is_not_taken_for_another(tmp_path: Path) -> None:
    header = "Дата;Наряд;№;№ карты;Код;Услуга;Цена;Сумма;Тип\n"
    rows = "".join(
        f"05.03.2026;Н{n};{line};{n};A01;Осмотр;10,00;10,00;{'Возврат' if n == 3 else 'Продажа'}\n"
        for n in range(9)
        for line in (1, 2)
    )
    draft = drafted(tmp_path, **{"Оказанные услуги": header + rows})
    lines = draft["entities"]["service_lines"]["columns"]
    # A stand-in has the sign of what it stands for.
    assert lines["net_amount"] == lines["list_amount"] == {"from": "Сумма", "negate_when": "\"Тип\" = 'Возврат'"}


def test_a_header_of_two_rows_is_told_from_a_title_above_one() -> None:
    groups = "№;Сумма;;Врач\n;План;Факт;\n1;2,50;3,50;а\n2;2,50;3,50;б\n"
    assert text_layout(groups).table == Layout(header_row=1, header_rows=2)
    title = "Период:;март;;\n№;План;Факт;Врач\n1;2,50;3,50;а\n2;2,50;3,50;б\n"
    assert text_layout(title).table == Layout(header_row=2)


def test_of_a_file_without_a_header_no_value_is_taken_for_a_name(tmp_path: Path) -> None:
    rows = "1;Иванова Анна Петровна;12.03.1980;+79161234567\n2;Петров Иван Ильич;05.04.1975;+79161234568\n"
    assert table_layout([row.split(";") for row in rows.splitlines()]).names == tuple(
        f"column {n}" for n in range(1, 5)
    )
    text = text_of(tmp_path, patients=rows)
    assert "Иванова" not in text and "7916" not in text and "1980" not in text
