"""Exports of the demo spoilt at random: every row is in the batch or in quarantine, or the file is refused with words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from mutated import Bench, Judge
from mutations import HARMFUL, HARMLESS, Draw, damage, encode_otherwise, written
from records import contents

from models.contracts import load_contracts
from models.source_terms import TimeZoneRule
from models.sources import SOURCES_DIR, Profile, load_profile
from orchestration.demo import DemoSummary

DAY = "2026-02-02"
ROWS = 24
PRIVATE = {
    "payments": ["Номер карты"],
    "patients": ["Номер карты", "ФИО", "Телефон", "Эл. почта", "Адрес", "СНИЛС"],
}
ENCODINGS = ("cp1251", "utf-8")
CASES = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def lines(demo: DemoSummary) -> dict[str, list[str]]:
    """Header and some rows of each entity."""
    return {
        entity: (demo.out / DAY / f"{entity}.csv").read_bytes().decode("cp1251").splitlines()[: ROWS + 1]
        for entity in PRIVATE
    }


@pytest.fixture(scope="module")
def judges(lines: dict[str, list[str]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], Judge]]:
    """By entity and encoding."""
    with duckdb.connect(config={"enable_external_file_cache": "false"}) as connection:
        yield {
            (entity, encoding): _judge(entity, encoding, lines[entity], tmp_path_factory.mktemp(entity), connection)
            for entity in PRIVATE
            for encoding in ENCODINGS
        }


def _judge(
    entity: str, encoding: str, lines: list[str], folder: Path, connection: duckdb.DuckDBPyConnection
) -> Judge:
    bench = Bench(folder, load_contracts()[entity], _profile(encoding), connection)
    data = "\r\n".join([*lines, ""]).encode(encoding)
    original = contents(data, encoding, ";")
    assert original is not None and len(original.records) == len(lines) - 1
    return Judge.of(bench, data, original, PRIVATE[entity])


def _profile(encoding: str) -> Profile:
    """The demo's, with clocks that are changed twice a year."""
    profile = load_profile(SOURCES_DIR / "demo_mis.yaml")
    entities = {
        name: mapping.model_copy(update={"text": mapping.text.model_copy(update={"encoding": encoding})})
        for name, mapping in profile.entities.items()
        if name in PRIVATE
    }
    zones = TimeZoneRule(default="Europe/Berlin", column="clinic_id", values={"K2": "Asia/Yekaterinburg"})
    return profile.model_copy(update={"entities": entities, "time_zone": zones})


def _spoilt(draw: Draw[Any], lines: list[str], encoding: str) -> bytes:
    for _ in range(draw(st.integers(1, 3))):
        mutation = draw(st.sampled_from(HARMFUL + HARMLESS))
        note(mutation.__name__)
        lines = mutation(draw, lines)
        if not lines:
            break
    text = written(draw, lines)
    match draw(st.sampled_from(["as it is"] * 4 + ["mark", "other", "damage", "zero"])):
        case "mark":
            text = "\ufeff" + text
        case "other":
            return encode_otherwise(draw, text, encoding)
        case "damage":
            return damage(draw, text.encode(encoding, "replace"))
        case "zero":
            at = draw(st.integers(0, len(text)))
            text = text[:at] + "\x00" * draw(st.integers(1, 3)) + text[at:]
    return text.encode(encoding, "replace")


@settings(CASES, max_examples=500)
@given(data=st.data(), entity=st.sampled_from(sorted(PRIVATE)), encoding=st.sampled_from(ENCODINGS))
def test_no_row_of_a_spoilt_file_is_lost_or_made_up(
    judges: dict[tuple[str, str], Judge], lines: dict[str, list[str]], data: st.DataObject, entity: str, encoding: str
) -> None:
    judge = judges[entity, encoding]
    spoilt = _spoilt(data.draw, lines[entity], encoding)
    note(repr(spoilt[:3000]))
    outcome = judge.bench.read(spoilt)
    note(repr(outcome.problems or outcome.quarantined))
    judge.judge(contents(spoilt, encoding, ";"), outcome)
