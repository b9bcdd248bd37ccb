"""Counts the demo's files by hand, row by row and minute by minute: a slow second opinion on truth.json. No tests."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

Row = dict[str, str]
Totals = dict[str, Decimal]
PLANTED_FROM = 99_000_000_000_000
COMPLAINT, CONSULTATION, ATTENDED, CAPACITY = "Рекламация", "Консультация", "Завершён", "Учитывать в загрузке"


def current(days: list[Path], entity: str, *key: str) -> list[Row]:
    """Latest version of each key, without the rows planted as dirt."""
    latest: dict[tuple[str, ...], Row] = {}
    for day in days:
        path = day / f"{entity}.csv"
        if path.exists():
            with path.open(encoding="cp1251", newline="") as lines:
                for row in csv.DictReader(lines, delimiter=";"):
                    digits = row[key[0]].lstrip("ABCDEFGHIJKLMNOPRSTX")
                    if not (digits.isdigit() and int(digits) >= PLANTED_FROM):
                        latest[tuple(row[name] for name in key)] = row
    return list(latest.values())


def at(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%d.%m.%Y %H:%M")


def money(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def seconds(minutes: int) -> Decimal:
    return Decimal(60 * minutes)


def recount(days: list[Path]) -> dict[tuple[str, str], Totals]:
    """The measures of truth.json by (clinic, day)."""
    found: dict[tuple[str, str], Totals] = defaultdict(lambda: defaultdict(Decimal))
    resources = {row["Код ресурса"]: row for row in current(days, "resources", "Код ресурса")}
    visits = {row["Номер записи"]: row for row in current(days, "appointments", "Номер записи")}
    _count_hours(found, days, resources, visits)
    _count_rooms(found, days, resources)
    _count_lines(found, days, resources, visits)
    for row in visits.values():
        measures = found[row["Филиал"], at(row["Начало план"]).date().isoformat()]
        status = {ATTENDED: "attended", "Неявка": "no_show", "Отменён": "cancelled", "Перенесён": "rescheduled"}
        measures[f"appointments_{status.get(row['Статус'], 'other')}"] += 1
        measures["consultations"] += row["Статус"] == ATTENDED and row["Вид приёма"] == CONSULTATION
    for row in current(days, "payments", "Номер платежа"):
        if row["Статус"] in ("Проведён", ""):
            measures = found[row["Филиал"], at(row["Дата платежа"]).date().isoformat()]
            measures["payments"] += 1
            measures["payments_amount"] += money(row["Сумма"]) * (-1 if row["Вид"] in ("Возврат", "Чарджбэк") else 1)
    for row in current(days, "leads", "Номер обращения"):
        measures = found[row["Филиал"], at(row["Поступило"]).date().isoformat()]
        measures["leads"] += 1
        measures["leads_booked"] += row["Первая запись"] != ""
    for day in days:
        if (day / "marketing_spend.xlsx").exists():
            sheet: list[list[Any]] = (
                CalamineWorkbook.from_path(day / "marketing_spend.xlsx").get_sheet_by_index(0).to_python()
            )
            for clinic, date, _channel, amount, _updated in sheet[1:]:
                found[clinic, date.isoformat()]["marketing_spend"] += Decimal(str(amount))
    return found


def _interval(row: Row) -> tuple[dt.datetime, dt.datetime]:
    planned = at(row["Начало план"]), at(row["Окончание план"])
    start = at(row["Начало факт"]) if row["Начало факт"] else planned[0]
    end = at(row["Окончание факт"]) if row["Окончание факт"] else planned[1]
    return planned if end < start else (start, end)


def _minutes(start: dt.datetime, end: dt.datetime) -> set[dt.datetime]:
    return {start + dt.timedelta(minutes=n) for n in range(int((end - start).total_seconds()) // 60)}


def _count_hours(
    found: dict[tuple[str, str], Totals], days: list[Path], resources: dict[str, Row], visits: dict[str, Row]
) -> None:
    sold: dict[tuple[str, str, str], set[dt.datetime]] = defaultdict(set)
    shifts: dict[tuple[str, str, str], set[dt.datetime]] = defaultdict(set)
    for row in visits.values():
        if row["Статус"] != ATTENDED:
            continue
        place = row["Филиал"], at(row["Начало план"]).date().isoformat()
        start, end = _interval(row)
        found[place]["attended_seconds"] += seconds(int((end - start).total_seconds()) // 60)
        if row["Кабинет"] and resources[row["Кабинет"]][CAPACITY] == "Да":
            found[place]["slots_sold"] += 1
            sold[*place, row["Кабинет"]] |= _minutes(start, end)
    for row in current(days, "shifts", "Номер смены"):
        if (
            row["Кабинет"]
            and resources[row["Кабинет"]][CAPACITY] == "Да"
            and row["Приём"] != "Нет"
            and row["Отменена"] != "Да"
        ):
            place = row["Филиал"], at(row["Начало"]).date().isoformat()
            shifts[*place, row["Кабинет"]] |= _minutes(at(row["Начало"]), at(row["Окончание"]))
    for key in sold.keys() | shifts.keys():
        measures = found[key[0], key[1]]
        measures["sold_seconds"] += seconds(len(sold[key]))
        measures["shift_seconds"] += seconds(len(shifts[key]))
        measures["doctor_seconds"] += seconds(len(sold[key] | shifts[key]))
        measures["overtime_seconds"] += seconds(len(sold[key] - shifts[key]))


def _count_rooms(found: dict[tuple[str, str], Totals], days: list[Path], resources: dict[str, Row]) -> None:
    def date(text: str) -> dt.date:
        return dt.datetime.strptime(text, "%d.%m.%Y").date()

    def span(rule: Row) -> set[int]:
        start, end = (int(rule[name][:2]) * 60 + int(rule[name][3:]) for name in ("Начало", "Окончание"))
        return set(range(start, end))

    rules: dict[str, list[Row]] = defaultdict(list)
    for rule in current(days, "resource_hours", "Код правила"):
        rules[rule["Ресурс"]].append(rule)
    for resource_id, resource in resources.items():
        if resource[CAPACITY] != "Да":
            continue
        for folder in days:
            day = dt.date.fromisoformat(folder.name)
            if day < date(resource["Введён"]) or (resource["Выведен"] and day > date(resource["Выведен"])):
                continue
            dated = [rule for rule in rules[resource_id] if rule["Дата"] and date(rule["Дата"]) == day]
            weekly = [
                rule
                for rule in rules[resource_id]
                if rule["День недели"] == str(day.isoweekday())
                and date(rule["Действует с"]) <= day
                and (not rule["Действует по"] or day <= date(rule["Действует по"]))
            ]
            opening = [rule for rule in dated if rule["Правило"] == "Работает"] or weekly
            closing = [rule for rule in dated if rule["Правило"] == "Недоступен"]
            minutes = set().union(*map(span, opening)) - set().union(*map(span, closing))
            found[resource["Филиал"], folder.name]["room_seconds"] += seconds(len(minutes))


def _count_lines(
    found: dict[tuple[str, str], Totals], days: list[Path], resources: dict[str, Row], visits: dict[str, Row]
) -> None:
    items = {row["Пункт"]: row["Номер плана"] for row in current(days, "plan_items", "Пункт")}
    shown: dict[str, str] = {}
    for row in current(days, "treatment_plans", "Номер плана", "Версия"):
        if row["Версия"] == "1" and row["Представлен"]:
            shown[row["Номер плана"]] = at(row["Представлен"]).date().isoformat()
            found[row["Филиал"], shown[row["Номер плана"]]]["plans_presented"] += 1
    lines = [row for row in current(days, "service_lines", "Номер строки") if row["Статус"] == "Оказана"]
    paid: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in lines:
        is_complaint = visits.get(row["Запись"], {}).get(COMPLAINT) == "Да"
        if row["Номер карты"] and row["Тип строки"] == "Продажа" and money(row["К оплате"]) > 0 and not is_complaint:
            paid[row["Филиал"], row["Номер карты"]].add(at(row["Оказано"]).date().isoformat())
    for (clinic, _patient), dates in paid.items():
        for day in dates:
            found[clinic, day]["paid_visits"] += 1
            found[clinic, day]["primary_patients" if day == min(dates) else "secondary_patients"] += 1
    for row in lines:
        day = at(row["Оказано"]).date().isoformat()
        measures = found[row["Филиал"], day]
        sign = -1 if row["Тип строки"] == "Возврат" else 1
        net = sign * money(row["К оплате"])
        measures["net_revenue"] += net
        measures["gross_revenue"] += sign * money(row["Сумма по прайсу"])
        measures["discount_amount"] += sign * money(row["Скидка"])
        first = min(paid.get((row["Филиал"], row["Номер карты"]), {""}))
        commerce = "unattributed" if not row["Номер карты"] else "primary" if first == day else "secondary"
        measures[f"{commerce}_revenue"] += net
        visit = visits.get(row["Запись"])
        is_slotted = (
            visit is not None
            and visit["Статус"] == ATTENDED
            and visit["Кабинет"] != ""
            and resources[visit["Кабинет"]][CAPACITY] == "Да"
            and visit["Филиал"] == row["Филиал"]
            and at(visit["Начало план"]).date().isoformat() == day
        )
        measures["slotted_revenue" if is_slotted else "unslotted_revenue"] += net
        presented = shown.get(items.get(row["Пункт плана"], ""), "9999")
        origin = (
            "from_new_plans"
            if presented == day
            else "from_earlier_plans"
            if presented < day
            else "from_unpresented_plans"
        )
        measures[f"revenue_{origin}" if row["Пункт плана"] else "revenue_without_plan"] += net
