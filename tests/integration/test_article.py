"""The worked example of the article, from CSV exports of its own to the published mart: 50, 25 and 15 hours."""

from __future__ import annotations

from decimal import Decimal

import pytest
from article_export import DAY
from homes import Home

pytestmark = pytest.mark.xdist_group("outpatient")


def test_fifty_hours_of_rooms_25_in_the_schedule_15_bought(article: Home) -> None:
    hours = article.published(
        """
        select room_hours, doctor_hours, sold_hours, doctor_fill_rate, capacity_utilisation, slots_sold
        from mart_utilisation__clinic_day where local_date = ?
        """,
        DAY,
    )
    assert hours == [(50, 25, 15, Decimal("0.5"), Decimal("0.3"), 10)]


def test_what_was_not_loaded_and_not_bought(article: Home) -> None:
    hours = article.published(
        "select unstaffed_hours, unsold_hours, overtime_hours, patient_fill_rate from mart_utilisation__clinic_day"
    )
    assert hours == [(25, 10, 0, Decimal("0.6"))]


def test_room_by_room(article: Home) -> None:
    rooms = article.published(
        "select resource_id, room_hours, doctor_hours, sold_hours from mart_utilisation__resource_day order by 1"
    )
    assert rooms == [
        ("article:1", 10, 10, 8),
        ("article:2", 10, 10, 4),
        ("article:3", 10, 5, 3),
        ("article:4", 10, 0, 0),
        ("article:5", 10, 0, 0),
    ]


def test_what_an_hour_is_worth_is_not_known(article: Home) -> None:
    assert article.published("select count(hour_value), count(revenue_amount) from mart_utilisation__clinic_day") == [
        (0, 0)
    ]
