"""The profile of the demo's MIS against the files that the demo writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from models.contracts import load_contracts
from models.sources import SOURCES_DIR, load_profile
from orchestration.demo.export import FILES, ExportFile

PROFILE = load_profile(SOURCES_DIR / "demo_mis.yaml")
BY_ENTITY = pytest.mark.parametrize("file", FILES, ids=lambda file: file.entity)


def _header(days: list[Path], file: ExportFile) -> list[str]:
    path = next(day / file.name for day in days if (day / file.name).exists())
    if file.is_workbook:
        return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[0]
    return path.read_text(encoding="cp1251").split("\n")[0].split(";")


def _used(entity: str) -> set[str]:
    used: set[str] = set()
    for column in PROFILE.entities[entity].columns.values():
        used |= {column.source_column} - {None}
        for sql in (column.sql, column.negate_when):
            used |= set(re.findall(r'"([^"]+)"', sql or ""))
    return used


@BY_ENTITY
def test_each_header_of_a_file_is_mapped_or_ignored(days: list[Path], file: ExportFile) -> None:
    known = _used(file.entity) | set(PROFILE.entities[file.entity].ignore)
    assert [name for name in _header(days, file) if name not in known] == []


@BY_ENTITY
def test_each_mapped_header_exists_in_the_file(days: list[Path], file: ExportFile) -> None:
    known = _used(file.entity) | set(PROFILE.entities[file.entity].ignore)
    assert known - set(_header(days, file)) == set()


def test_each_entity_of_the_contracts_has_a_file_but_ids_for_the_demo_changes_none() -> None:
    assert set(PROFILE.entities) == set(load_contracts()) - {"id_changes"} == {file.entity for file in FILES}


@BY_ENTITY
def test_the_profile_knows_when_a_file_may_be_absent(days: list[Path], file: ExportFile) -> None:
    mapping = PROFILE.entities[file.entity]
    assert mapping.files == [file.name]
    assert mapping.mode == ("full" if file.is_snapshot else "delta")
    if mapping.required:
        assert all((day / file.name).exists() for day in days)
