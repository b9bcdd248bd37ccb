"""Exports of the demo spoilt at random: each row is in the batch or in quarantine, or the file is refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
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
# A failure names what was done to the file; making the case smaller would take minutes.
CASES = settings(
    deadline=None, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


class Court:
    """The sound lines of each entity, and a judge for each entity and encoding."""

    def __init__(self, demo: Path, folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.lines: dict[str, list[str]] = {}
        self.judges: dict[tuple[str, str], Judge] = {}
        for entity, private in PRIVATE.items():
            text = (demo / DAY / f"{entity}.csv").read_bytes().decode("cp1251")
            self.lines[entity] = text.splitlines()[: ROWS + 1]
            for encoding in ENCODINGS:
                (at := folder / f"{entity}_{encoding}").mkdir()
                bench = Bench(at, load_contracts()[entity], _profile(encoding), connection)
                data = "\r\n".join([*self.lines[entity], ""]).encode(encoding)
                original = contents(data, encoding, ";")
                assert original is not None and len(original.records) == ROWS
                self.judges[entity, encoding] = Judge.of(bench, data, original, private)


@pytest.fixture(scope="module")
def court(demo: DemoSummary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    with duckdb.connect(config={"enable_external_file_cache": "false"}) as connection:
        yield Court(demo.out, tmp_path_factory.mktemp("court"), connection)


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
    court: Court, data: st.DataObject, entity: str, encoding: str
) -> None:
    judge = court.judges[entity, encoding]
    spoilt = _spoilt(data.draw, court.lines[entity], encoding)
    judge.judge(contents(spoilt, encoding, ";"), judge.bench.read(spoilt))


@settings(CASES, max_examples=80)
@given(data=st.data(), entity=st.sampled_from(sorted(PRIVATE)), encoding=st.sampled_from(ENCODINGS))
def test_a_file_that_says_the_same_in_another_way_gives_the_same_rows(
    court: Court, data: st.DataObject, entity: str, encoding: str
) -> None:
    judge, lines = court.judges[entity, encoding], court.lines[entity]
    for mutation in data.draw(st.lists(st.sampled_from(HARMLESS), min_size=1, max_size=3, unique=True)):
        lines = mutation(data.draw, lines)
    text = written(data.draw, lines)
    if encoding == "utf-8" and data.draw(st.booleans()):
        text = "\ufeff" + text
    outcome = judge.bench.read(text.encode(encoding))
    assert not outcome.problems and not outcome.quarantined
    judge.judge(contents(text.encode(encoding), encoding, ";"), outcome)
    assert sorted(map(repr, outcome.typed.values())) == sorted(map(repr, judge.typed.values()))
