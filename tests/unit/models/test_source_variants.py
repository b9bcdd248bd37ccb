"""Layouts valid from a day on, and clinics with files of their own: what the profile says for each."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from models.sources import Profile, load_profile
from models.yaml_reader import DefinitionError

_PROFILE = """
    source: little
    title: A little MIS
    delivery: daily
    time_zone: Europe/Moscow
    text: {delimiter: ";", decimal_mark: ","}
    entities:
      services:
        file: services.csv
        mode: full
        columns:
          service_id: Код
          service_name: Услуга
          service_category: {from: Раздел, match: "^(.+)$"}
"""
_LAYOUTS = """
    layouts:
      - valid_from: 2026-02-01
        text: {delimiter: ","}
        entities: {services: {columns: {service_category: {sql: '"Название"'}}}}
      - valid_from: 2026-03-01
        entities:
          services: {file: services.xlsx, columns: {service_category: null, norm_minutes: Норма}}
          slots: null
"""
_CLINICS = """
    clinics:
      K1: {folder: north}
      K2:
        folder: south
        text: {encoding: cp1251}
        entities: {resources: {file: rooms.csv}}
"""
_RESOURCES = """
      resources:
        file: resources.csv
        mode: full
        columns:
          resource_id: Код
          resource_name: Кабинет
          resource_kind: {constant: room}
          is_capacity: {constant: "true"}
"""


def _load(tmp_path: Path, *texts: str) -> Profile:
    path = tmp_path / "little.yaml"
    path.write_text("".join(dedent(text) if number == 0 else _indent(text) for number, text in enumerate(texts)))
    return load_profile(path)


def _indent(text: str) -> str:
    """A part of the profile at its own depth."""
    lines = text.strip("\n").split("\n")
    return "".join(f"{line[4:]}\n" for line in lines)


def _of(profile: Profile, day: str) -> Profile:
    (part,) = profile.parts(date.fromisoformat(day))
    return part.profile


def test_each_layout_holds_from_its_day_until_the_next(tmp_path: Path) -> None:
    profile = _load(tmp_path, _PROFILE, _LAYOUTS)
    assert _of(profile, "2026-01-31").text.delimiter == ";"
    assert [_of(profile, day).text.delimiter for day in ("2026-02-01", "2026-02-28", "2026-03-01")] == [","] * 3
    assert _of(profile, "2026-02-28").entities["services"].files == ["services.csv"]
    assert _of(profile, "2026-03-01").entities["services"].files == ["services.xlsx"]


def test_a_layout_changes_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    profile = _load(tmp_path, _PROFILE, _LAYOUTS)
    assert _of(profile, "2026-02-01").text.decimal_mark == ","
    assert _of(profile, "2026-02-01").entities["services"].columns["service_id"].source_column == "Код"


def test_a_column_is_replaced_as_a_whole(tmp_path: Path) -> None:
    name = _of(_load(tmp_path, _PROFILE, _LAYOUTS), "2026-02-01").entities["services"].columns["service_category"]
    assert (name.source_column, name.match, name.sql) == (None, None, '"Название"')


def test_null_takes_a_key_away_and_a_source_provides_what_any_layout_does(tmp_path: Path) -> None:
    profile = _load(tmp_path, _PROFILE, _LAYOUTS)
    assert set(_of(profile, "2026-03-01").entities["services"].columns) == {
        "service_id",
        "service_name",
        "norm_minutes",
    }
    assert profile.provides("services", "service_category")
    assert profile.provides("services", "norm_minutes")
    assert not profile.provides("services", "stage")


def test_each_clinic_has_its_folder_its_habits_and_its_id(tmp_path: Path) -> None:
    profile = _load(tmp_path, _PROFILE, _RESOURCES, _CLINICS)
    north, south = profile.parts(date(2026, 1, 5))
    assert (north.clinic, north.folder, south.clinic, south.folder) == ("K1", "north", "K2", "south")
    assert (north.profile.text.encoding, south.profile.text.encoding) == ("utf-8", "cp1251")
    assert [part.profile.entities["resources"].files for part in (north, south)] == [["resources.csv"], ["rooms.csv"]]
    assert [part.profile.entities["resources"].columns["clinic_id"].constant for part in (north, south)] == ["K1", "K2"]
    assert "clinic_id" not in north.profile.entities["services"].columns


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        (
            "layouts: [{valid_from: 2026-02-01}, {valid_from: 2026-01-01}]",
            "14: layouts: list each layout once, the oldest first",
        ),
        ("layouts: [{text: {}}]", "14: layouts.0.valid_from: required key is missing"),
        ("clinics: {K1: {text: {}}}", "14: clinics.K1.folder: required key is missing"),
        (
            "layouts:\n  - valid_from: 2026-02-01\n    entities: {services: {columns: {stage: {sql: a, from: b}}}}",
            "16: entities.services.columns.stage: give exactly one of 'from', 'sql', 'constant' and 'hash'",
        ),
        (
            "layouts:\n  - valid_from: 2026-02-01\n    text: {delimeter: ';'}",
            "16: text.delimeter: unknown key",
        ),
        (
            "clinics:\n  K1:\n    folder: a\n    entities: {services: {columns: {service_id: null}}}",
            "17: entities.services.columns: required column 'service_id' is not mapped",
        ),
    ],
)
def test_a_mistake_in_a_layout_or_a_clinic_is_told_with_its_line(tmp_path: Path, part: str, problem: str) -> None:
    path = tmp_path / "little.yaml"
    path.write_text(dedent(_PROFILE).lstrip("\n") + part + "\n")
    with pytest.raises(DefinitionError) as refused:
        load_profile(path)
    assert [str(found).removeprefix(f"{path}:") for found in refused.value.problems] == [problem]


_PARTS = """
      payments:
        mode: delta
        columns:
          clinic_id: {constant: K1}
          payment_kind: {constant: payment}
        parts:
          - file: cash.csv
            text: {decimal_mark: "."}
            columns: {payment_id: Чек, paid_at: Дата, payment_amount: Приход}
          - file: cards.csv
            columns: {payment_id: RRN, paid_at: Date, payment_amount: {from: Amount, unit: kopecks}, payment_kind: Kind}
"""


def test_parts_of_an_entity_share_what_it_says_and_stand_in_every_clinic_and_layout(tmp_path: Path) -> None:
    later = "    layouts:\n      - valid_from: 2026-02-01\n        entities: {payments: {columns: {method: Способ}}}\n"
    profile = _load(tmp_path, _PROFILE, _PARTS, later)
    first, second = profile.parts(date(2026, 1, 1))
    cash, cards = first.profile.entities["payments"], second.profile.entities["payments"]
    assert (cash.files, cash.text.decimal_mark, cash.text.delimiter) == (["cash.csv"], ".", ";")
    assert (cards.files, cards.text.decimal_mark) == (["cards.csv"], ",")
    assert cash.columns["payment_kind"].constant == "payment" and cards.columns["payment_kind"].source_column == "Kind"
    # What has no parts is delivered once.
    assert "services" in first.profile.entities and "services" not in second.profile.entities
    assert all("method" in part.profile.entities["payments"].columns for part in profile.parts(date(2026, 2, 1)))
    assert profile.entity_names == ["services", "payments"]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("payment_id: RRN, ", "", 25, "required column 'payment_id' is not mapped"),
        ("payment_amount: Приход", "payment_amont: Приход", 23, "'payments' has no such column"),
        ("- file: cash.csv", "- mode: full", 21, "'mode' is the entity's"),
        ("- file: cash.csv", "- sheet: Касса", 21, "required key is missing"),
    ],
)
def test_a_mistake_in_a_part_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        _load(tmp_path, _PROFILE, _PARTS.replace(old, new))
    told = str(refused.value)
    assert message in told, told
    assert f"little.yaml:{line}:" in told, told
