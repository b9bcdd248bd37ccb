"""Payments spoilt at random, through reading, guard and load: the warehouse accounts for every row of the file."""

from __future__ import annotations

import shutil
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from exports import DAY, DELIMITER, ENCODING, DayOfFiles
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from mutated import assert_plain
from mutations import HARMFUL, HARMLESS, written
from records import contents

from models.contracts import load_contracts
from models.sources import SOURCES_DIR, load_profile
from orchestration.demo import DemoSummary
from orchestration.ingest.refusal import ExportRefused

FILE = "payments.csv"
ROWS = 40


class Days:
    """Makes days of payments, each in a folder of its own and loaded as it came: copies of one."""

    def __init__(self, demo: Path, folder: Path) -> None:
        profile = load_profile(SOURCES_DIR / "demo_mis.yaml")
        self.profile = profile.model_copy(update={"entities": {"payments": profile.entities["payments"]}})
        self.contracts = load_contracts()
        self.lines = (demo / DAY / FILE).read_bytes().decode(ENCODING).splitlines()[: ROWS + 1]
        self.private = frozenset(filter(None, (line.split(DELIMITER)[2] for line in self.lines[1:])))
        self.folders = (folder / str(number) for number in count())
        self.loaded = self._in(folder / "loaded")
        self.loaded.folder.mkdir(parents=True)
        (self.loaded.folder / FILE).write_bytes("\n".join(self.lines).encode(ENCODING))
        self.loaded.read()
        self.loaded.load()

    def new(self) -> DayOfFiles:
        folder = next(self.folders)
        shutil.copytree(self.loaded.root, folder)
        return self._in(folder)

    def _in(self, folder: Path) -> DayOfFiles:
        return DayOfFiles(folder, self.profile, self.contracts, date.fromisoformat(DAY))


@pytest.fixture(scope="module")
def days(demo: DemoSummary, tmp_path_factory: pytest.TempPathFactory) -> Days:
    return Days(demo.out, tmp_path_factory.mktemp("days"))


@settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=36,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_the_warehouse_accounts_for_every_row_of_a_spoilt_file_or_stays_as_it_was(
    days: Days, data: st.DataObject
) -> None:
    day, lines = days.new(), days.lines
    before = day.query("from raw.payments order by all"), day.query("from ops.load_log order by all")
    for mutation in data.draw(st.lists(st.sampled_from(HARMFUL + HARMLESS), min_size=1, max_size=3)):
        lines = mutation(data.draw, lines)
    spoilt = written(data.draw, lines).encode(ENCODING, "replace")
    (day.folder / FILE).write_bytes(spoilt)
    try:
        day.read()
    except ExportRefused as refused:
        assert_plain(str(refused), days.private)
        assert day.to_load() is None
        assert (day.query("from raw.payments order by all"), day.query("from ops.load_log order by all")) == before
        return
    day.load()
    found = contents(spoilt, ENCODING, DELIMITER)
    assert found is not None
    ((read, loaded, quarantined),) = day.query("select rows_read, rows_loaded, rows_quarantined from ops.load_log")
    assert read == loaded + quarantined == len(found.records)
    in_raw = [row for (row,) in day.query("select _row from raw.payments")]
    aside = {row for (row,) in day.query("select _row from ops.quarantine")}
    assert (len(in_raw), len(aside)) == (loaded, quarantined)
    assert {*in_raw} | aside == {record.row for record in found.records}
    for (reason,) in day.query("select distinct reason from ops.quarantine"):
        assert_plain(reason, days.private)
