"""The landing folder: which days are there, which are complete, what is missing, and whether files have changed."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from export_case import CONTRACTS, DAY1, DAY2, DAY3, REFERRALS, Landing, little_mis

from models.source_terms import Arrival
from models.sources import Profile
from orchestration.ingest.export import is_expected, missing_days, unfinished_days
from orchestration.ingest.landing import FileVersion, is_complete, landed_days, landed_files, size_fingerprint
from orchestration.ingest.refusal import ExportRefused


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path, little_mis())


def _refusals(landing: Landing, *days: date) -> list[tuple[object, str, str]]:
    with pytest.raises(ExportRefused) as caught:
        landing.read(*days)
    assert all(problem.remedy for problem in caught.value.problems)
    return [(problem.day, problem.entity, problem.reason) for problem in caught.value.problems]


def test_days_are_folders_named_as_days_oldest_first(landing: Landing) -> None:
    for name in (DAY2, DAY1, "20260107", "2026-1-8", "2026-W02-5", "2026-02-30", ".2026-01-09", "tmp"):
        landing.put(name)
    landing.put(".").with_name("2026-01-10").write_text("a file, not a folder")
    assert landed_days(landing.path, "little") == [DAY1, DAY2]


def test_a_source_without_a_folder_has_no_days(landing: Landing) -> None:
    assert landed_days(landing.path, "little") == []


def test_a_day_of_a_daily_source_that_has_not_landed_is_an_error(landing: Landing) -> None:
    landing.put(DAY1)
    assert _refusals(landing, DAY2) == [(DAY2, "export", "no export has landed")]


def test_a_gap_in_a_range_of_a_daily_source_is_said_and_the_other_days_go_on(landing: Landing) -> None:
    landing.put(DAY1)
    landing.put(DAY3)
    export = landing.find(DAY1, DAY2, DAY3)
    assert export.days == [DAY1, DAY3]
    assert [problem.day for problem in missing_days(export, [DAY1, DAY2, DAY3])] == [DAY2]


def test_a_gap_of_an_occasional_source_is_not_worth_a_word(tmp_path: Path) -> None:
    landing = Landing(tmp_path, little_mis("occasional"))
    landing.put(DAY1)
    landing.put(DAY3)
    assert missing_days(landing.find(DAY1, DAY2, DAY3), [DAY1, DAY2, DAY3]) == []


def test_an_occasional_source_is_read_on_the_days_it_came(tmp_path: Path) -> None:
    landing = Landing(tmp_path, little_mis("occasional"))
    landing.put(DAY1)
    landing.put(DAY3)
    assert landing.find(DAY1, DAY2, DAY3).days == [DAY1, DAY3]


def test_an_occasional_source_that_came_on_none_of_the_days_is_an_error(tmp_path: Path) -> None:
    landing = Landing(tmp_path, little_mis("occasional"))
    landing.put(DAY1)
    assert _refusals(landing, DAY2, DAY3) == [(day, "export", "no export has landed") for day in (DAY2, DAY3)]


def test_all_missing_files_of_all_days_are_named_at_once(tmp_path: Path) -> None:
    landing = Landing(tmp_path, little_mis(files={"clinics": "a.zip!clinics.csv"}))
    for day in (DAY1, DAY2):
        landing.put(day, "referrals.csv", REFERRALS)
    assert _refusals(landing, DAY1, DAY2) == [(day, "clinics", "the file is missing") for day in (DAY1, DAY2)]


def test_a_folder_in_the_place_of_a_file_is_a_missing_file(landing: Landing) -> None:
    landing.put(DAY1).unlink()
    (landing.path / "little" / str(DAY1) / "clinics.csv").mkdir()
    assert _refusals(landing, DAY1) == [(DAY1, "clinics", "the file is missing")]


def test_a_day_is_complete_when_every_required_file_is_there(landing: Landing) -> None:
    landing.put(DAY1, "referrals.csv", REFERRALS)
    assert not is_complete(landing.path, landing.profile, DAY1)
    landing.put(DAY1)
    assert is_complete(landing.path, landing.profile, DAY1)
    assert not is_complete(landing.path, landing.profile, DAY2)


def test_files_are_found_by_the_profile_and_named_as_people_look_for_them(tmp_path: Path) -> None:
    profile = little_mis(files={"referrals": "all.zip!csv/referrals.csv"})
    landing = Landing(tmp_path, profile)
    landing.put(DAY1)
    landing.put(DAY1, "all.zip")
    landing.put(DAY1, "truth.json")
    files, problems = landed_files(landing.path, profile, [DAY1])
    assert problems == []
    assert [file.name for file in files] == ["2026-01-05/clinics.csv", "2026-01-05/all.zip!csv/referrals.csv"]


def test_the_fingerprint_is_stable_while_nothing_changes(landing: Landing) -> None:
    landing.put(DAY1)
    landing.put(DAY1, "truth.json", "1")
    first = size_fingerprint(landing.path, landing.profile, DAY1)
    landing.put(DAY1, "truth.json", "not of the profile")
    assert size_fingerprint(landing.path, landing.profile, DAY1) == first


@pytest.mark.parametrize("change", ["grows", "is written again", "is joined by another", "is replaced by another"])
def test_the_fingerprint_changes_when_a_file(landing: Landing, change: str) -> None:
    path = landing.put(DAY1)
    os.utime(path, ns=(10**18, 10**18))
    first = size_fingerprint(landing.path, landing.profile, DAY1)
    if change == "grows":
        path.write_text(path.read_text() + "K2,South,RUB\n")
        os.utime(path, ns=(10**18, 10**18))
    elif change == "is written again":
        os.utime(path, ns=(10**18, 10**18 + 1))
    elif change == "is joined by another":
        landing.put(DAY1, "referrals.csv", REFERRALS)
    else:
        path.rename(path.with_name("referrals.csv"))
    assert size_fingerprint(landing.path, landing.profile, DAY1) != first


def test_a_version_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    version = FileVersion.of(path)
    assert (version.size, version.sha256[:8]) == (3, "ba7816bf")
    os.utime(path, ns=(10**18, 10**18))
    assert version.is_still(path)
    path.write_bytes(b"abd")
    assert not version.is_still(path)
    path.write_bytes(b"abcd")
    assert not version.is_still(path)


def test_a_problem_reads_source_day_entity_file_reason_and_remedy(landing: Landing) -> None:
    landing.put(DAY1)
    ((file,), _) = landed_files(landing.path, landing.profile, [DAY1])
    assert str(file.problem("it is wrong", "Mend it", 7)) == (
        "little 2026-01-05 clinics (2026-01-05/clinics.csv, row 7): it is wrong. Mend it"
    )
    assert "row" not in str(file.problem("it is wrong", "Mend it"))


def test_every_contract_has_an_entry_for_the_loader_also_without_files(landing: Landing) -> None:
    assert set(landing.profile.entities) < set(CONTRACTS)


@pytest.mark.parametrize(
    ("delivery", "landed", "expected"),
    [("daily", [], False), ("daily", [DAY1], True), ("occasional", [DAY1], False), ("occasional", [DAY2], True)],
)
def test_an_export_is_expected_of_a_source_in_use_and_of_an_occasional_one_when_it_came(
    tmp_path: Path, delivery: str, landed: list[date], expected: bool
) -> None:
    landing = Landing(tmp_path, little_mis(delivery))
    for day in landed:
        landing.put(day)
    assert is_expected(landing.profile, landing.path, [DAY2, DAY3]) is expected


def _marked() -> Profile:
    return little_mis().model_copy(update={"arrival": Arrival(marker="_SUCCESS")})


def test_a_day_without_its_marker_is_refused_with_what_to_do(tmp_path: Path) -> None:
    landing = Landing(tmp_path, _marked())
    landing.put(DAY1)
    assert not is_complete(landing.path, landing.profile, DAY1)
    with pytest.raises(
        ExportRefused, match=r"the upload is not over: the marker file '_SUCCESS' is not there\. Wait for"
    ):
        landing.find(DAY1)
    assert [problem.day for problem in unfinished_days(landing.profile, landing.path)] == [DAY1]
    landing.put(DAY1, "_SUCCESS", "what it holds does not matter")
    assert landing.find(DAY1).days == [DAY1]
    assert is_complete(landing.path, landing.profile, DAY1)
    assert unfinished_days(landing.profile, landing.path) == []


@pytest.mark.parametrize("delivery", ["daily", "occasional"])
def test_in_a_range_a_day_without_its_marker_is_said_and_the_others_go_on(tmp_path: Path, delivery: str) -> None:
    profile = little_mis(delivery).model_copy(update={"arrival": Arrival(marker="_SUCCESS")})
    landing = Landing(tmp_path, profile)
    landing.put(DAY1)
    landing.put(DAY1, "_SUCCESS")
    landing.put(DAY2)
    export = landing.find(DAY1, DAY2)
    assert export.days == [DAY1]
    (problem,) = missing_days(export, [DAY1, DAY2])
    assert "'_SUCCESS' is not there" in str(problem)
