"""Profiles of databases: what they may say, and that a secret in the wrong place is not repeated in the message."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from models.sources import SOURCES_DIR, Profile, load_profile
from models.yaml_reader import DefinitionError

_PROFILE = """\
source: little
title: A little MIS
delivery: daily
time_zone: Europe/Moscow
database: {dsn_env: LITTLE_DSN}
formats: {date: "%d.%m.%Y"}
booleans: {"true": [Y], "false": [N]}
entities:
  clinics:
    table: mis.clinics
    mode: full
    columns:
      clinic_id: id
      clinic_name: name
      time_zone: {constant: Europe/Moscow}
      currency: {constant: RUB}
  referrals:
    query: select * from mis.referrals
    mode: delta
    cursor: changed
    lookback: 30 minutes
    columns:
      referral_id: id
      clinic_id: clinic
      patient_id: card
      from_employee_id: doctor
      referred_at: at
"""


def _load(tmp_path: Path, old: str = "", new: str = "") -> Profile:
    assert old in _PROFILE
    path = tmp_path / "little.yaml"
    path.write_text(_PROFILE.replace(old, new, 1) if old else _PROFILE, encoding="utf-8")
    return load_profile(path)


def _refusal(tmp_path: Path, old: str, new: str) -> str:
    with pytest.raises(DefinitionError) as caught:
        _load(tmp_path, old, new)
    return str(caught.value).replace(f"{tmp_path / 'little.yaml'}:", "")


def test_every_example_loads() -> None:
    examples = sorted((SOURCES_DIR / "examples").glob("*.yaml"))
    assert [load_profile(path).source for path in examples] == [path.stem for path in examples] != []


def test_an_entity_lands_in_a_file_of_its_name(tmp_path: Path) -> None:
    profile = _load(tmp_path)
    assert [mapping.files for mapping in profile.entities.values()] == [["clinics.parquet"], ["referrals.parquet"]]


def test_yes_and_no_are_the_words_of_the_mis_and_those_that_typed_cells_are_landed_with(tmp_path: Path) -> None:
    profile = _load(tmp_path)
    assert profile.booleans == {"true": ["Y", "true"], "false": ["N", "false"]}


@pytest.mark.parametrize(
    ("spelt", "read"),
    [
        ("30 minutes", timedelta(minutes=30)),
        ("1 hour", timedelta(hours=1)),
        ("2 days", timedelta(days=2)),
        ("0", 0),
        ("1000", 1000),
    ],
)
def test_a_lookback_is_a_time_or_a_number(tmp_path: Path, spelt: str, read: timedelta | int) -> None:
    assert _load(tmp_path, "30 minutes", spelt).entities["referrals"].lookback == read


@pytest.mark.parametrize("spelt", ["2h", "-1", "two hours", "1.5 hours", "2 weeks", '""', "true"])
def test_another_lookback_is_refused_with_examples(tmp_path: Path, spelt: str) -> None:
    refusal = _refusal(tmp_path, "30 minutes", spelt)
    assert refusal.startswith("21: entities.referrals.lookback: write it as '30 minutes', '2 hours' or '1 day'; ")


@pytest.mark.parametrize("secret", ["postgresql://reader:geheim@host/mis", "little_dsn", "$LITTLE_DSN", "1DSN"])
def test_a_dsn_in_place_of_its_variable_is_refused_and_not_repeated(tmp_path: Path, secret: str) -> None:
    refusal = _refusal(tmp_path, "dsn_env: LITTLE_DSN", f'dsn_env: "{secret}"')
    assert refusal.startswith("5: database.dsn_env: give the name of the environment variable that holds the DSN, ")
    assert secret not in refusal


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        (
            "formats:",
            "text: {delimiter: ;}\nformats:",
            "6: text: describes text files; a database is read by the types of its columns",
        ),
        (
            "table: mis.clinics",
            "table: mis.clinics\n    file: clinics.csv",
            "11: entities.clinics.file: describes a file; this source is a database, which is asked for the mapped "
            "columns alone",
        ),
        (
            "mode: full",
            "mode: full\n    unknown_columns: refuse",
            "12: entities.clinics.unknown_columns: describes a file; this source is a database, which is asked for the "
            "mapped columns alone",
        ),
        (
            "table: mis.clinics",
            "table: mis.clinics\n    query: select 1",
            "9: entities.clinics: give exactly one of 'table' and 'query'",
        ),
        ("    table: mis.clinics\n", "", "9: entities.clinics: give exactly one of 'table' and 'query'"),
        (
            "    cursor: changed\n    lookback: 30 minutes\n",
            "",
            "19: entities.referrals.mode: 'delta' needs a 'cursor', the column that grows with every change; without "
            "one it is 'full'",
        ),
        (
            "mode: full",
            "mode: full\n    cursor: changed",
            "12: entities.clinics.cursor: 'mode: full' reads every row each day; a cursor is for 'mode: delta'",
        ),
        (
            "mode: full",
            "mode: full\n    lookback: 2 hours",
            "12: entities.clinics.lookback: says how far to go back behind a cursor, and there is no 'cursor'",
        ),
    ],
)
def test_words_that_do_not_go_together_are_refused_with_their_line(
    tmp_path: Path, old: str, new: str, refusal: str
) -> None:
    assert _refusal(tmp_path, old, new) == refusal
