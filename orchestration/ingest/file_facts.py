"""What is known of a file beside its rows: its columns and what their values look like, its own rows and sums.

The guard compares them with the last file's, and with the control totals that a source may send.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from models.file_terms import TableTerms
from models.source_guards import Controls
from orchestration.ingest.formats.readable import ReadableFile, make_readable
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.mapping.numbers import NumberFormat
from orchestration.ingest.quoting import column_name, text_literal
from orchestration.ingest.refusal import ExportRefused
from orchestration.ingest.source_rows import PLACE, create_tables, scan_rows
from orchestration.ingest.wording import listed, shown_name

# Enough to see what a column holds; kinds that few values tell are not compared.
_SAMPLED_ROWS = 200
_NUMBER = "[+-]?[0-9]+([.,][0-9]+)?"
_MOMENT = "[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}.*|[0-9]{1,2}:[0-9]{2}.*"
_PLACE = f"{PLACE['_export_date']}, {PLACE['_file']}"

_UNREADABLE = "not every row can be"

Columns = list[tuple[str, str | None, int]]
Control = tuple[str, str | None, str | None]


@dataclass
class ScannedFiles:
    """Facts of the files of one entity, by (day, name of the file)."""

    columns: dict[tuple[date, str], Columns] = field(default_factory=dict)
    rows: dict[tuple[date, str], int] = field(default_factory=dict)
    sums: dict[tuple[date, str], dict[str, Decimal | None]] = field(default_factory=dict)
    # Files in whose documents `each` has found something.
    with_elements: set[tuple[date, str]] = field(default_factory=set)

    def note(
        self, connection: duckdb.DuckDBPyConnection, relation: str, files: list[ReadableFile], columns: list[str]
    ) -> None:
        """Looks at `relation`: the rows of `files` as text, with the `columns` that the mapping reads."""
        # Of one file the first rows are those that stand first, and no other is looked at.
        first_rows = f"(from {relation} limit {_SAMPLED_ROWS})" if len(files) == 1 else relation
        kinds = _kinds(connection, first_rows, columns)
        landed = files[0].landed
        if files[0].terms.each:
            self.with_elements.update(connection.execute(f"select distinct {_PLACE} from {relation}").fetchall())
        for file in files:
            place = (file.landed.day, file.landed.name)
            seen = kinds.get(place, {})
            # Headers that the profile does not know are the file's own words, perhaps a patient's name.
            self.columns[place] = [
                (name if name in columns else shown_name(name), *seen.get(name, (None, 0)))
                for name in file.header or columns
            ]
        if landed.profile.controls:
            numbers = NumberFormat.of(landed.profile.entities[landed.entity].text)
            self._total(connection, relation, summed_columns(landed), numbers)

    def compared(self, landed: LandedFile, broken_rows: int, scratch: Path) -> list[Control]:
        """What the control file tells of `landed`, beside what was read: every row counts, also one in quarantine.

        Raises:
            ExportRefused: see `told_totals`.
        """
        place = (landed.day, landed.name)
        found = {"rows": as_text(self.rows.get(place, 0) + broken_rows)}
        for column, total in self.sums.get(place, {}).items():
            found[f"sum of {column}"] = _UNREADABLE if total is None or broken_rows else as_text(total)
        return [(what, expected, found.get(what, "0")) for what, expected in told_totals(landed, scratch).items()]

    def _total(
        self, connection: duckdb.DuckDBPyConnection, relation: str, columns: list[str], numbers: NumberFormat
    ) -> None:
        # A cell that is no number leaves a sum that cannot be told, rather than one that is too small.
        sums = "".join(
            f", case when count(*) filter (where {text} <> '' and {exact} is null) = 0 "
            f"then coalesce(sum({exact}), 0) end"
            for column in columns
            for text in [f"trim({column_name(column)})"]
            for exact in [numbers.exact(text)]
        )
        query = f"select {_PLACE}, count(*){sums} from {relation} as rows group by all"
        for day, file, rows, *totals in connection.execute(query).fetchall():
            self.rows[day, file] = rows
            self.sums[day, file] = dict(zip(columns, totals, strict=True))


def summed_columns(landed: LandedFile) -> list[str]:
    """Columns of `landed` whose sums the source tells."""
    controls = landed.profile.controls
    return list(controls.sums.get(landed.entity, {})) if controls else []


def _kinds(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: list[str]
) -> dict[tuple[date, str], dict[str, tuple[str | None, int]]]:
    """(day, file) → column → what its values look like, and how many there are, among the first rows."""
    looks = "".join(
        f", count(*) filter (where {text} <> ''), count(*) filter (where regexp_full_match({text}, '{_NUMBER}')), "
        f"count(*) filter (where regexp_full_match({text}, '{_MOMENT}'))"
        for text in (f"trim({column_name(column)})" for column in columns)
    )
    rows = connection.execute(
        f"select {_PLACE}{looks} from {relation} as rows where {PLACE['_row']} <= {_SAMPLED_ROWS} group by all"
    ).fetchall()
    return {
        (day, file): {
            column: (_kind(*counts[3 * number : 3 * number + 3]), counts[3 * number])
            for number, column in enumerate(columns)
        }
        for day, file, *counts in rows
    }


def _kind(filled: int, numbers: int, moments: int) -> str | None:
    if not filled:
        return None
    # A wrong cell or two are no other kind.
    for kind, count in (("number", numbers), ("date or time", moments)):
        if count * 10 >= filled * 9:
            return kind
    return "text"


def told_totals(landed: LandedFile, scratch: Path) -> dict[str, str | None]:
    """What the control file beside `landed` tells of it: `rows` and `sum of <column>` → the number as it is written.

    Raises:
        ExportRefused: the control file is not there, or has no row or several for this file.
    """
    controls = landed.profile.controls
    if controls is None:
        return {}
    wanted = _wanted(controls, landed.entity)
    beside = landed.beside(controls.file)
    terms = TableTerms(text=landed.profile.text, formats=landed.profile.formats)
    if not beside.path.is_file():
        raise ExportRefused([beside.problem("the control file is missing", f"Export it to {beside.path}")])
    with duckdb.connect() as connection:
        create_tables(connection)
        columns = list(dict.fromkeys([controls.entity, *wanted.values()]))
        file = make_readable(beside, terms, columns, scratch / f"controls_{landed.entity}")
        if missing := sorted(set(columns) - set(file.header)):
            reason = f"the header lacks {listed(missing)}"
            raise ExportRefused([beside.problem(reason, "Name the columns in 'controls'", 1)])
        rows = connection.execute(
            f"select {', '.join(f'trim({column_name(name)})' for name in columns)} "
            f"from {scan_rows(connection, 'controls', [file], columns)} as rows "
            f"where lower(trim({column_name(controls.entity)})) in ({', '.join(map(text_literal, _names(landed)))})"
        ).fetchall()
        numbers = NumberFormat.of(landed.profile.text)
        if len(rows) != 1:
            reason = f"the control file has {len(rows)} rows for {landed.name}"
            raise ExportRefused([beside.problem(reason, f"Give each file one row, named in '{controls.entity}'")])
        told = dict(zip(columns, rows[0], strict=True))
        values = {what: _as_number(connection, told[column], numbers) for what, column in wanted.items()}
    file.path.unlink()
    return values


def _wanted(controls: Controls, entity: str) -> dict[str, str]:
    """What is told → the column of the control file."""
    rows = {"rows": controls.rows} if controls.rows else {}
    return rows | {f"sum of {column}": told for column, told in controls.sums.get(entity, {}).items()}


def _names(landed: LandedFile) -> set[str]:
    """How a control file may name a file: by entity, or by its own name, with or without the suffix."""
    name = landed.member or landed.path.name
    return {landed.entity, name.lower(), name.lower().split(".")[0]}


def _as_number(connection: duckdb.DuckDBPyConnection, text: str | None, numbers: NumberFormat) -> str | None:
    row = connection.execute(f"select {numbers.exact('$1')}", [text]).fetchone()
    return as_text(row[0]) if row and row[0] is not None else None


def as_text(number: Decimal | int | None) -> str | None:
    """As both sides of a comparison are written: no zeros behind the last digit."""
    if number is None:
        return None
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
