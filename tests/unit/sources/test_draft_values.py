"""What values tell a draft: formats of dates, numbers, yes and no, codes; and what a person must decide."""

from __future__ import annotations

from pathlib import Path

import pytest
from little_draft import comment_at, drafted, text_of

_VISITS = "visit id;clinic;patient;start;status\n"


def _visits(*starts: str) -> str:
    return _VISITS + "".join(f"V{n};K1;P{n};{start};completed\n" for n, start in enumerate(starts))


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        (("05.01.2026 10:00", "31.01.2026 11:30"), "%d.%m.%Y %H:%M"),
        (("05/01/2026 10:00", "31/01/2026 11:30"), "%d/%m/%Y %H:%M"),
        (("01/05/2026 10:00", "01/31/2026 11:30"), "%m/%d/%Y %H:%M"),
        (("2026-01-05 10:00:00", "2026-01-31 11:30:00"), "%Y-%m-%d %H:%M:%S"),
        (("2026-01-05T10:00:00Z", "2026-01-31T11:30:00Z"), "iso8601"),
        (("2026-01-05T10:00:00+03:00", "2026-01-31T11:30:00+03:00"), "iso8601"),
        (("05.01.26 10:00", "31.01.26 11:30"), "%d.%m.%y %H:%M"),
        (("01/05/2026 10:00 AM", "01/31/2026 11:30 PM"), "%m/%d/%Y %I:%M %p"),
    ],
)
def test_the_format_of_moments_follows_from_all_of_them(tmp_path: Path, starts: tuple[str, ...], expected: str) -> None:
    assert drafted(tmp_path, visits=_visits(*starts))["formats"]["timestamp"] == expected


def test_an_order_of_day_and_month_that_no_date_tells_is_for_a_person(tmp_path: Path) -> None:
    text = text_of(tmp_path, visits=_visits("05/01/2026 10:00", "06/02/2026 10:00"))
    assert comment_at(text, "timestamp").startswith("DECIDE: no date tells whether the day or the month comes first")


def test_one_column_tells_the_order_for_the_others(tmp_path: Path) -> None:
    files = {
        "visits": _visits("01/05/2026 10:00"),
        "patients": "patient id;name;dob\nP0;A;12/31/1980\nP1;B;01/02/1990\n",
    }
    formats = drafted(tmp_path, **files)["formats"]
    assert (formats["timestamp"], formats["date"]) == ("%m/%d/%Y %H:%M", "%m/%d/%Y")


def test_a_mere_date_where_a_moment_is_wanted_has_its_own_format(tmp_path: Path) -> None:
    columns = drafted(tmp_path, visits=_visits("05.01.2026", "31.01.2026"))["entities"]["appointments"]["columns"]
    assert columns["planned_start_at"] == {"from": "start", "format": "%d.%m.%Y"}


def test_day_and_time_in_two_columns_become_one_moment(tmp_path: Path) -> None:
    text = "visit id;clinic;patient;visit date;visit time;status\nV1;K1;P1;2026-01-31;10:30;completed\n"
    columns = drafted(tmp_path, visits=text)["entities"]["appointments"]["columns"]
    assert columns["planned_start_at"] == {
        "sql": """"visit date" || ' ' || nullif("visit time", '')""",
        "format": "%Y-%m-%d %H:%M",
    }


_PAYMENTS = "payment id;clinic;paid;payment type;amount\n"


@pytest.mark.parametrize(
    ("amounts", "mark", "thousands"),
    [
        (("10,50", "1200,00"), ",", None),
        (("10.50", "1200.00"), ".", None),
        (("1 200,50", "10,00"), ",", None),
        (("1,200.50", "10.00"), ".", ","),
        (("1.200,50", "10,00"), ",", "."),
    ],
)
def test_marks_of_decimals_and_thousands(
    tmp_path: Path, amounts: tuple[str, ...], mark: str, thousands: str | None
) -> None:
    rows = "".join(f'M{n};K1;2026-01-05 10:00;payment;"{amount}"\n' for n, amount in enumerate(amounts))
    text = drafted(tmp_path, payments=_PAYMENTS + rows)["text"]
    assert (text["decimal_mark"], text.get("thousands_mark")) == (mark, thousands)


def test_a_comma_before_three_digits_alone_is_for_a_person(tmp_path: Path) -> None:
    rows = "".join(f"M{n};K1;2026-01-05 10:00;payment;{n}1,200\n" for n in range(1, 4))
    assert comment_at(text_of(tmp_path, payments=_PAYMENTS + rows), "decimal_mark").startswith("DECIDE: ")


def test_refunds_without_a_sign_are_turned_and_those_with_one_are_not(tmp_path: Path) -> None:
    rows = "M1;K1;2026-01-05 10:00;payment;10.00\nM2;K1;2026-01-05 11:00;refund;{}\n"
    for number, (amount, expected) in enumerate(
        (("4.00", {"from": "amount", "negate_when": "\"payment type\" = 'refund'"}), ("-4.00", "amount"))
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        draft = drafted(folder, payments=_PAYMENTS + rows.format(amount))
        assert draft["entities"]["payments"]["columns"]["payment_amount"] == expected


def test_words_for_yes_and_no_are_those_of_the_columns_that_are_it(tmp_path: Path) -> None:
    text = "slot id;clinic;start;booked\nS1;K1;2026-01-05 10:00;Y\nS2;K1;2026-01-05 11:00;N\n"
    assert drafted(tmp_path, slots=text)["booleans"] == {"true": ["Y"], "false": ["N"]}


def test_a_column_that_says_the_opposite_is_turned(tmp_path: Path) -> None:
    text = "slot id;clinic;start;is available\nS1;K1;2026-01-05 10:00;Y\nS2;K1;2026-01-05 11:00;N\n"
    columns = drafted(tmp_path, slots=text)["entities"]["slots"]["columns"]
    assert columns["is_booked"] == {"from": "is available", "values": {"Y": "N", "N": "Y"}}


def test_a_value_without_a_code_is_named_with_its_count(tmp_path: Path) -> None:
    text = text_of(
        tmp_path, visits=_visits("2026-01-05 10:00", "2026-01-05 11:00") + "V9;K1;P9;2026-01-06 10:00;archived\n"
    )
    assert comment_at(text, "status").startswith(
        "DECIDE: which code is 'archived' (1×)? known codes: scheduled, attended"
    )


def test_a_required_column_that_is_not_there_is_left_open(tmp_path: Path) -> None:
    text = text_of(tmp_path, visits="visit id;clinic;start;status\nV1;K1;2026-01-05 10:00;completed\n")
    assert "      # patient_id:  # DECIDE: required, and no column looks like it\n" in text


def test_a_doctor_named_instead_of_numbered_is_no_id(tmp_path: Path) -> None:
    text = "visit id;clinic;patient;Врач;start;status\nV1;K1;P1;Иванов Пётр Ильич;2026-01-05 10:00;completed\n"
    entity = drafted(tmp_path, visits=text)["entities"]["appointments"]
    assert entity["ignore"] == ["Врач"] and "employee_id" not in entity["columns"]


def test_keys_tell_which_entity_a_column_names_where_its_header_does_not(tmp_path: Path) -> None:
    doctors = "".join(f"D-10{n};Doctor {n};doctor\n" for n in range(6))
    visits = "".join(f"V{n};K1;P{n};D-10{n % 6};2026-01-05 10:0{n};completed\n" for n in range(9))
    files = {
        "doctors": "employee id;name;role\n" + doctors,
        "visits": "visit id;clinic;patient;held by;start;status\n" + visits,
    }
    assert drafted(tmp_path, **files)["entities"]["appointments"]["columns"]["employee_id"] == "held by"


def test_months_in_words_and_money_with_its_currency_are_seen(tmp_path: Path) -> None:
    rows = "".join(f"{n};{n} марта 2026 г.;1\u00a0{n}00,50 руб.\n" for n in range(1, 10))
    draft = drafted(tmp_path, payments=f"Номер платежа;Дата платежа;Сумма\n{rows}")
    assert draft["text"]["decimal_mark"] == "," and draft["text"]["number_words"] == ["руб."]
    columns = draft["entities"]["payments"]["columns"]
    assert columns["paid_at"] == {"from": "Дата платежа", "format": "%d %B %Y г."}
    assert columns["payment_amount"] == "Сумма"


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["5-мар-26", "17-апр-26"], "%d-%b-%y"),
        (["Mar 5, 2026", "Apr 17, 2026"], "%b %d, %Y"),
        (["March 5, 2026 9:05 AM", "April 17, 2026 12:30 PM"], "%B %d, %Y %I:%M %p"),
        (["5 марта 2026, 9:05", "17 апреля 2026, 12:30"], "%d %B %Y, %H:%M"),
    ],
)
def test_formats_of_months_in_words(tmp_path: Path, cells: list[str], form: str) -> None:
    rows = "".join(f"{n};{cell};1\n" for n, cell in enumerate(cells))
    draft = drafted(tmp_path, payments=f"payment id;paid at;amount\n{rows}")
    assert form in str(draft)


def test_brackets_around_grouped_dollars_are_numbers(tmp_path: Path) -> None:
    draft = drafted(tmp_path, payments='payment id;paid at;amount\n1;2026-01-01;"($1,234.50)"\n2;2026-01-02;$2.00\n')
    text = draft["text"]
    assert (text["decimal_mark"], text["thousands_mark"], text["number_words"]) == (".", ",", ["$"])


def test_visits_with_a_day_and_no_time_are_for_a_person(tmp_path: Path) -> None:
    rows = "".join(f"{n};{n};{n + 10}.03.2026;Завершён\n" for n in range(9))
    text = text_of(tmp_path, visits=f"№ записи;№ карты;Дата;Статус\n{rows}")
    assert "DECIDE: days without a time" in comment_at(text, "planned_start_at")


def test_words_are_read_as_they_are_cut_short(tmp_path: Path) -> None:
    rows = "".join(f"{n};{n};03/{n + 13}/2026;9:0{n} AM;No Show\n" for n in range(9))
    draft = drafted(tmp_path, Appts=f"Appt #;Pt ID;Appt Date;Appt Time;Status\n{rows}")
    columns = draft["entities"]["appointments"]["columns"]
    assert (columns["appointment_id"], columns["patient_id"]) == ("Appt #", "Pt ID")
    assert columns["planned_start_at"]["sql"] == "\"Appt Date\" || ' ' || nullif(\"Appt Time\", '')"
