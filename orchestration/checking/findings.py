"""What a dry run found: per entity what maps, what does not, and what would become of the rows. Plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """What a finding does to a run."""

    REFUSED = "refused"  # nothing of the day is loaded
    QUARANTINED = "quarantined"  # these rows are not loaded
    WARNED = "warned"  # everything is loaded, and a person should look


@dataclass(frozen=True)
class Place:
    """A row as a person finds it; `value` is hidden where it is personal."""

    file: str
    row: int | None
    value: str | None = None

    def __str__(self) -> str:
        return self.file if self.row is None else f"{self.file} row {self.row}"


@dataclass(frozen=True)
class Finding:
    """`rule` names the kind of mistake for machines, `message` says it in words; `rows` is how many have it."""

    entity: str
    level: Level
    rule: str
    message: str
    column: str | None = None
    rows: int | None = None
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class ColumnCheck:
    """One mapped column: where it comes from, the share of rows that have it, and its values in the first rows.

    `first` is None of a personal column.
    """

    name: str
    origin: str
    filled: float
    first: tuple[str | None, ...] | None


@dataclass
class EntityCheck:
    """One entity. `rows_set_aside` are the rows read that would not be loaded."""

    entity: str
    files: list[str] = field(default_factory=list)
    rows_read: int = 0
    rows_set_aside: int = 0
    columns: list[ColumnCheck] = field(default_factory=list)
    # Columns of the contract that nothing is mapped to; the required ones are findings, too.
    unmapped: list[str] = field(default_factory=list)
    # Headers that are neither mapped nor ignored.
    unused: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def rows_loaded(self) -> int:
        return self.rows_read - self.rows_set_aside


@dataclass
class SourceCheck:
    """A whole dry run. `undecided` are the lines of the profile that a person must still decide."""

    source: str
    profile: str
    days: list[date]
    entities: list[EntityCheck] = field(default_factory=list)
    undecided: list[int] = field(default_factory=list)
    is_draft: bool = False

    @property
    def findings(self) -> list[Finding]:
        return [finding for entity in self.entities for finding in entity.findings]

    def exit_code(self, *, strict: bool = False) -> int:
        """0: all rows would be loaded; 1: some would be quarantined (strict: or anything is warned of); 2: refused."""
        levels = {finding.level for finding in self.findings}
        if Level.REFUSED in levels:
            return 2
        return int(Level.QUARANTINED in levels or (strict and Level.WARNED in levels))

    def as_json(self, *, strict: bool = False) -> dict[str, Any]:
        """For machines: the same, as plain values."""
        return {"exit_code": self.exit_code(strict=strict), **asdict(self)}
