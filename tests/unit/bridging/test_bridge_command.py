"""`triune bridge` and `triune what-if` over a small published file: exact tables, and mistakes told in words."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from models.metrics import load_catalogue
from orchestration.cli import triune
from orchestration.publish.snapshot import MARTS_FILE

UTILISATION = load_catalogue().trees["utilisation"]
# Room, doctor and sold hours, slots, slotted and other revenue; None: the source has no rooms.
FEBRUARY = (50, 25, 10, 20, "10000.00", "500.00")
MARCH = (50, 25, 15, 30, "18000.00", "400.01")
WITHOUT_ROOMS = (None, 25, 15, 30, "18000.00", "400.01")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRIUNE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def published(home: Path) -> Path:
    (home / "published").mkdir()
    with duckdb.connect(str(home / "published" / MARTS_FILE)) as connection:
        connection.execute(
            f"""
            create table {UTILISATION.mart} (
                scope_id varchar, scope_kind varchar, source_id varchar, currency varchar, clinic_id varchar,
                period_kind varchar, period_start date, room_seconds bigint, doctor_seconds bigint, sold_seconds bigint,
                slots_sold bigint, slotted_revenue_amount decimal(18, 2), unslotted_revenue_amount decimal(18, 2)
            )
            """
        )
        for scope in (
            ("network|mis|RUB", "network", "mis", "RUB", None),
            ("clinic|mis:K1", "clinic", "mis", "RUB", "mis:K1"),
            ("clinic|mis:K2", "clinic", "mis", "RUB", "mis:K2"),
        ):
            months = {"2026-02-01": FEBRUARY, "2026-03-01": MARCH}
            if scope[4] == "mis:K2":
                months = {"2026-02-01": WITHOUT_ROOMS, "2026-03-01": WITHOUT_ROOMS}
            for start, (room, doctor, sold, *rest) in months.items():
                seconds = [None if hours is None else hours * 3600 for hours in (room, doctor, sold)]
                connection.execute(
                    f"insert into {UTILISATION.mart} values ({', '.join(['?'] * 13)})",
                    [*scope, "month", start, *seconds, *rest],
                )
    return home


def run(*arguments: str) -> Result:
    return CliRunner().invoke(triune, [*arguments, "--tree", "utilisation"], catch_exceptions=False)


def lines(*arguments: str) -> dict[str, str]:
    """First word of a line → the line, single-spaced."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    found = [" ".join(line.split()) for line in result.output.splitlines() if line.strip()]
    return {line.split()[0]: line for line in found}


def refusal(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    return " ".join(result.output.split())


def test_the_parts_of_a_change_are_shown_with_both_values_and_sum_to_it(published: Path) -> None:
    # Slotted 10 000 → 18 000: 10 → 15 hours at 1 000 → 1 200 an hour; two slots an hour, so 500 → 600 a slot.
    found = lines("bridge", "--from", "2026-02", "--to", "2026-03")
    assert found["Utilisation"] == "Utilisation · network|mis|RUB · 2026-02 → 2026-03"
    assert found["room"] == "room hours 50.0 50.0 0.00 0.0% 0.00"
    assert found["patient"] == "patient fill rate 40.0% 60.0% +5 500.00 69.6% +5 000.00"
    assert found["slot"] == "slot value 500.00 600.00 +2 500.00 31.6% +3 000.00"
    assert found["unslotted"] == "unslotted revenue 500.00 400.01 -99.99 -1.3% -99.99"
    assert found["Revenue"] == "Revenue 10 500.00 18 400.01 +7 900.01 +7 900.01"


def test_what_a_source_does_not_deliver_is_not_shown_as_zero(published: Path) -> None:
    found = lines("bridge", "--from", "2026-02", "--to", "2026-03", "--clinic", "K2")
    assert found["room"] == "room hours n/a n/a 0.00 0.00"
    assert found["Revenue"] == "Revenue 18 400.01 18 400.01 0.00 0.00"


def test_what_if_raises_each_factor_by_the_parameter_and_all_together(published: Path) -> None:
    found = lines("what-if", "--period", "2026-03", "--clinic", "mis:K1")
    assert found["slot"] == "slot value 600.00 720.00 +3 600.00 19.6%"
    assert found["unslotted"] == "unslotted revenue 400.01 480.01 +80.00 0.4%"
    assert found["="] == "= slotted revenue 18 000.00 44 789.76 +26 789.76 145.6%"
    # 18 000 × 1.2⁵, and the rest × 1.2.
    assert found["Revenue"] == "Revenue 18 400.01 45 269.77 +26 869.76 146.0%"


def test_a_share_above_the_whole_is_marked(published: Path) -> None:
    found = lines("what-if", "--period", "2026-03", "--rise", "100")
    assert found["patient"] == "patient fill rate 60.0% 120.0%! +18 000.00 97.8%"
    assert found["doctor"] == "doctor fill rate 50.0% 100.0% +18 000.00 97.8%"
    assert found["!"] == "! more than the whole: so much cannot be had"


def test_what_if_changes_only_the_factors_that_are_named(published: Path) -> None:
    arguments = ("what-if", "--period", "2026-03", "--change", "slot_value=+10", "--change", "room_hours=-50%")
    found = lines(*arguments)
    assert found["slot"] == "slot value 600.00 660.00 +1 800.00 9.8%"
    assert found["room"] == "room hours 50.0 25.0 -9 000.00 -48.9%"
    assert found["Revenue"] == "Revenue 18 400.01 10 300.01 -8 100.00 -44.0%"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bridge", "--from", "2026-02", "--to", "2026-Q1"), "2026-02 is a month and 2026-Q1 a quarter"),
        (("bridge", "--from", "february", "--to", "2026-03"), "'february' is no period; write 2026, 2026-Q1, 2026-03"),
        (("bridge", "--from", "2026-13", "--to", "2026-03"), "there is no month 2026-13"),
        (("bridge", "--from", "2025-12", "--to", "2026-03"), "has no month 2025-12 in"),
        (("bridge", "--from", "2025-12", "--to", "2026-03"), "2026-02 to 2026-03"),
        (
            ("bridge", "--from", "2026-02", "--to", "2026-03", "--clinic", "K9"),
            "no scope 'K9'; choose by --scope: clinic|",
        ),
        (
            ("what-if", "--period", "2026-03", "--change", "rooms=3"),
            "there is no factor 'rooms'; there are: room_hours,",
        ),
        (("what-if", "--period", "2026-03", "--change", "room_hours=ten"), "write the per cent as a number"),
        (("what-if", "--period", "2026-03", "--rise", "5", "--change", "room_hours=1"), "either --rise"),
    ],
)
def test_mistakes_are_told_in_words(published: Path, arguments: tuple[str, ...], said: str) -> None:
    assert said in refusal(*arguments)


def test_nothing_published_and_an_unknown_tree_are_told_in_words(home: Path) -> None:
    assert "nothing has been published yet" in refusal("bridge", "--from", "2026-02", "--to", "2026-03")
    result = CliRunner().invoke(triune, ["what-if", "--period", "2026", "--tree", "rooms"])
    assert result.exit_code == 2 and "there is no tree 'rooms'; there are: commerce," in " ".join(result.output.split())
