"""`triune quarantine retry` through the real job: after a correction the rows flow in, on their days and no others."""

from __future__ import annotations

from pathlib import Path

import pytest
from homes import Home, NewHome, changes, land_demo

from orchestration.demo import DemoSummary

DAYS = ["2026-01-20", "2026-01-21", "2026-01-22"]
_FILE = "service_lines.csv"


@pytest.fixture(scope="module")
def mended(new_home: NewHome, demo: DemoSummary) -> tuple[Home, Home, str]:
    """A home that never had wrong lines; one in which two could not be read until retry; the output of that."""
    clean, home = new_home("clean"), new_home("retried")
    for each in (clean, home):
        assert land_demo(each, demo.out, 3) == DAYS
    file = home.landing / "demo_mis" / DAYS[1] / _FILE
    good = file.read_bytes()
    _spoil(file)
    for each in (clean, home):
        outcome = each.run("demo_mis", DAYS[0], DAYS[-1])
        assert outcome.succeeded, outcome.messages
    listed = home.triune("quarantine", "list", "--entity", "service_lines").stdout
    assert f"2 rows of 1 day\n        2  service_lines: not_a_number (net_amount)\n           {DAYS[1]}" in listed
    file.write_bytes(good)
    again = home.triune("quarantine", "retry", "--entity", "service_lines")
    assert again.returncode == 0, again.stdout + again.stderr
    return clean, home, again.stdout


def _spoil(file: Path) -> None:
    header, *lines = file.read_text(encoding="cp1251").splitlines()
    amount = header.split(";").index("К оплате")
    for number in (2, 5):
        fields = lines[number].split(";")
        lines[number] = ";".join([*fields[:amount], "12OO,00", *fields[amount + 1 :]])
    file.write_bytes("\r\n".join([header, *lines, ""]).encode("cp1251"))


def test_the_rows_flow_in_and_everything_is_as_if_they_had_never_been_wrong(mended: tuple[Home, Home, str]) -> None:
    clean, home, _ = mended
    left_out = {"ops.load_log", "ops.quarantine"}
    differences = changes(clean.state(), home.state())
    assert {name: both for name, both in differences.items() if name not in left_out} == {}


def test_the_command_says_how_many_are_left(mended: tuple[Home, Home, str]) -> None:
    assert "demo_mis · 2 rows before, 0 still in quarantine" in mended[2]


def test_only_the_days_that_held_such_rows_are_read_again(mended: tuple[Home, Home, str]) -> None:
    loads = mended[1].warehouse(
        "select export_date::varchar, max(_load_id) from ops.load_log group by all order by all"
    )
    assert loads == [(DAYS[0], 1), (DAYS[1], 2), (DAYS[2], 1)]
