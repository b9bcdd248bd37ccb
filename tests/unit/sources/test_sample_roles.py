"""What a sample makes of a cell: by all that the profile makes of its column."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from orchestration.checking.dry_run import check_source
from orchestration.sampling.disguise import Disguise
from orchestration.sampling.roles import ColumnRole, Role
from orchestration.sampling.sample import take_sample

_PROFILE = """\
source: little
title: A little MIS
delivery: occasional
time_zone: UTC
entities:
  resource_hours:
    file: hours.csv
    mode: full
    where: "\\"from\\" is not null and \\"state\\" <> 'off' and \\"tag\\" <> 'x'"
    columns:
      resource_hours_id: {hash: [room, from, to, who]}
      resource_id: {from: room, match: "^(?:Room/)?(.+)$"}
      rule_kind: {constant: open}
      weekday: {constant: "1"}
      valid_from: {constant: "2026-01-01"}
      opens_at: from
      closes_at: to
      on_date: day
"""
_LINES = """\
room,from,to,who,state,tag,day
Room/R-17,09:00:00,13:00:00,Звонарёва,on,y,
R-18,14:00:00,18:00:00,Дерюгин,off,x,2026-02-03
"""


@pytest.fixture
def written(tmp_path: Path) -> list[dict[str, str]]:
    """The rows of a sample, which its own profile still reads."""
    folder, profile = tmp_path / "files", tmp_path / "little.yaml"
    folder.mkdir()
    (folder / "hours.csv").write_text(_LINES, encoding="utf-8")
    profile.write_text(_PROFILE, encoding="utf-8")
    take_sample(profile, folder, tmp_path / "out")
    assert check_source(profile, tmp_path / "out", with_guard=False).exit_code() == 0
    with (tmp_path / "out" / "hours.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_time_stays_though_a_key_is_made_of_it_and_a_condition_asks_for_it(written: list[dict[str, str]]) -> None:
    assert (written[0]["from"], written[0]["to"]) == ("09:00:00", "13:00:00")


def test_what_is_in_a_hash_alone_is_made_up(written: list[dict[str, str]]) -> None:
    assert written[0]["who"] not in ("", "Звонарёва")
    assert len(written[0]["who"]) == len("Звонарёва")


def test_of_a_condition_alone_its_own_words_stay(written: list[dict[str, str]]) -> None:
    assert written[0]["state"] not in ("on", "off") and written[0]["tag"] not in ("x", "y")
    role = ColumnRole(Role.CONDITION, frozenset({"off"}))
    assert role.disguised("off", Disguise(b"key")) == "off"


def test_a_reference_keeps_the_words_by_which_its_id_is_found(written: list[dict[str, str]]) -> None:
    kind, _, room = written[0]["room"].partition("/")
    assert kind == "Room" and room != "R-17" and room[1] == "-"


@pytest.mark.parametrize(
    ("patterns", "text", "kept"),
    [
        ({"^Patient/(.+)$", "^(?:Room/)?(.+)$"}, "Patient/17", "Patient/"),
        ({"^(?:Room/)?([^/]+)$", 'Doctor/([^"]+)'}, "Doctor/17", "Doctor/"),
        ({"^.* (\\d+)$"}, "Иванов 17", ""),
        ({"\\p{L}+ (\\d+)"}, "Иванов 17", ""),
    ],
)
def test_around_an_id_only_words_of_the_pattern_stay(patterns: set[str], text: str, kept: str) -> None:
    disguise = Disguise(b"key")
    made = ColumnRole(Role.ID, matches=frozenset(patterns)).disguised(text, disguise)
    assert made.startswith(kept) and "17" not in made and "Иванов" not in made
    if kept:
        assert made.removeprefix(kept) == disguise.text("17")
