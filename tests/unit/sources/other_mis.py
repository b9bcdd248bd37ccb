"""An export of a made-up MIS that `synonyms.yaml` was not written for: titles, totals, a moment in two columns.

The names in it are invented; each is a canary that must never be seen outside of the files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

ENCODING = "cp1251"
DAYS = (dt.date(2026, 3, 16), dt.date(2026, 3, 17), dt.date(2026, 3, 18))
# Personal data, wherever they stand: in their own columns, in a comment, and where they do not belong.
CANARIES = (
    "Звонарёва",
    "Ксения",
    "Пантелеймоновна",
    "Дерюгин",
    "9161112233",
    "112-233-445 95",
    "Тайная",
    "мигрень",
    "23.11.1984",
)
_PATIENTS = (
    ("100-7", "Звонарёва Ксения Пантелеймоновна", "+7 (916) 111-22-33", "23.11.1984", "жен", "112-233-445 95"),
    ("100-8", "Дерюгин Пётр Ильич", "+79161112233", "05.06.1971", "муж", ""),
    ("101-9", "Дерюгина Анна Ильинична", "", "14.02.1990", "жен", ""),
)
# What each header means: the truth that a draft is compared with.
TRUTH = {
    "clinics": {"clinic_id": "Код", "clinic_name": "Наименование клиники", "city": "Город"},
    "employees": {
        "employee_id": "Таб. №",
        "employee_name": "ФИО сотрудника",
        "staff_role": "Должность",
        "specialty": "Специализация",
        "clinic_id": "Клиника",
    },
    "patients": {
        "patient_id": "№ карты",
        "patient_name": "ФИО пациента",
        "phone": "Моб. телефон",
        "birth_date": "Дата рожд.",
        "sex": "Пол пациента",
        "document_number": "СНИЛС",
    },
    "services": {"service_id": "Код услуги", "service_name": "Наименование услуги", "service_category": "Группа услуг"},
    "appointments": {
        "appointment_id": "ID приёма",
        "clinic_id": "Клиника",
        "patient_id": "№ карты пациента",
        "employee_id": "Врач (таб. №)",
        "visit_kind": "Тип приёма",
        "status": "Статус приёма",
        "updated_at": "Изменён",
    },
    "service_lines": {
        "service_line_id": "ID строки",
        "clinic_id": "Клиника",
        "patient_id": "№ карты пациента",
        "appointment_id": "ID приёма",
        "service_id": "Код услуги",
        "employee_id": "Исполнитель (таб. №)",
        "performed_at": "Дата и время оказания",
        "quantity": "Кол-во",
        "list_amount": "Стоимость по прайсу",
        "discount_amount": "Сумма скидки",
        "net_amount": "Итого к оплате",
        "status": "Статус",
    },
    "payments": {
        "payment_id": "№ платежа",
        "clinic_id": "Клиника",
        "patient_id": "№ карты пациента",
        "paid_at": "Дата оплаты",
        "payment_kind": "Тип операции",
        "method": "Способ оплаты",
        "payment_amount": "Сумма, руб.",
    },
}


def write_export(folder: Path, days: Sequence[dt.date] = DAYS) -> Path:
    """Writes a folder a day; returns `folder`."""
    for number, day in enumerate(days):
        (folder / str(day)).mkdir(parents=True)
        _write_day(folder / str(day), number, day)
    return folder


def _write_day(folder: Path, number: int, day: dt.date) -> None:
    _csv(
        folder / "Клиники.csv",
        ["Код;Наименование клиники;Город", "ЦН;Клиника на Цветном;Москва", "СВ;Клиника у реки;Казань"],
    )
    _csv(
        folder / "Сотрудники.csv",
        [
            "Таб. №;ФИО сотрудника;Должность;Специализация;Клиника",
            "0017;Дерюгин Пётр Ильич;Врач;Неврология;ЦН",
            "0018;Звонарёва Ксения Пантелеймоновна;Медсестра;;ЦН",
            "0021;Тайная Мария Львовна;Врач;Терапия;СВ",
        ],
    )
    patients = ["№ карты;ФИО пациента;Моб. телефон;Дата рожд.;Пол пациента;СНИЛС"]
    patients += [";".join(patient) for patient in _PATIENTS]
    _csv(folder / "Картотека пациентов.csv", patients)
    _csv(
        folder / "Прейскурант.csv",
        [
            "Код услуги;Наименование услуги;Группа услуг",
            "A01;Приём невролога;Приёмы",
            "A02;МРТ головы;Диагностика",
            "B07;Массаж спины;Массаж",
        ],
    )
    visits, lines = _visits(number, day)
    _csv(folder / f"Приёмы_{day:%d%m%Y}.csv", visits)
    _csv(folder / "Оказанные услуги.csv", lines)
    _payments(folder / "Оплаты.xlsx", number, day)


def _visits(number: int, day: dt.date) -> tuple[list[str], list[str]]:
    on = f"{day:%d.%m.%Y}"
    visits = [
        'Выгрузка приёмов;"МИС Тест"',
        "",
        "ID приёма;Клиника;№ карты пациента;Пациент;Врач (таб. №);Дата приёма;Время начала;Время окончания;Тип приёма;"
        "Статус приёма;Комментарий администратора;Изменён",
    ]
    lines = [
        "ID строки;ID приёма;Клиника;№ карты пациента;Код услуги;Исполнитель (таб. №);Дата и время оказания;Кол-во;"
        "Стоимость по прайсу;Сумма скидки;Итого к оплате;Статус"
    ]
    for place, (card, name, *_) in enumerate(_PATIENTS * 2):
        visit, clinic, doctor = f"V{number}{place}", *(("ЦН", "0017") if place % 2 else ("СВ", "0021"))
        kind = ("Первичный приём", "Процедура", "Обследование")[place % 3]
        status = ("Состоялся", "Не явился", "Состоялся", "Отменён", "Состоялся", "Состоялся")[place]
        comment = "мигрень; звонить Тайной" if place == 1 else ""
        visits.append(
            f'{visit};{clinic};{card};{name};{doctor};{on};{9 + place}:00;{9 + place}:30;{kind};{status};"{comment}";'
            f"{on} 20:1{place}"
        )
        service = ("A01", "A02", "B07")[place % 3]
        lines.append(
            f"L{number}{place};{visit};{clinic};{card};{service};{doctor};{on} {9 + place:02}:20;1;1 250,50;50,50;"
            "1 200,00;Оказана"
        )
    # A total below the table, and a row that a reader must set aside.
    visits.append("Итого приёмов;6")
    lines.append(f"L{number}9;V{number}0;ЦН;100-7;A01;0017;звонить Звонарёвой;1;10,00;0,00;10,00;Оказана")
    return visits, lines


def _payments(path: Path, number: int, day: dt.date) -> None:
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("Касса")
        form = workbook.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        header = [
            "№ платежа",
            "Клиника",
            "№ карты пациента",
            "Дата оплаты",
            "Тип операции",
            "Способ оплаты",
            "Сумма, руб.",
        ]
        sheet.write_row(1, 0, ["Касса за день"])
        sheet.write_row(2, 0, header)
        for place, kind in enumerate(("Оплата", "Возврат", "Оплата")):
            sheet.write_row(3 + place, 0, [f"{number}00{place}", "ЦН", "100-7"])
            sheet.write_datetime(3 + place, 3, dt.datetime.combine(day, dt.time(12, place)), form)
            sheet.write_row(3 + place, 4, [kind, "Карта", 1200.5])


def _csv(path: Path, lines: list[str]) -> None:
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(ENCODING))
