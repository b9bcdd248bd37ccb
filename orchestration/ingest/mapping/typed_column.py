"""One canonical column of one source as SQL: its text, its text after the value map, its typed value.

The SELECT that uses them is built in layers; a later one refers to what an earlier one has named: `t_` text of the
source, `n_` whether to negate, `u_` text that number() could not read, `f_` whether an expression failed, `m_` text
after the value map, `c_` pseudonym, `l_` wall-clock time, `v_` typed value.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.contracts import HASHED, Column, ColumnType, Privacy
from models.file_terms import ISO_FORMAT
from models.source_terms import ColumnMapping, EntityMapping, conversions
from models.sources import Profile
from orchestration.ingest.mapping.moments import instant, local_moment, time_of_day, utc
from orchestration.ingest.mapping.numbers import NumberFormat, computed, converted, typed
from orchestration.ingest.mapping.origins import number_calls, origin_text, tried
from orchestration.ingest.pseudonyms import document_pseudonym_sql, pseudonym_sql
from orchestration.ingest.quoting import text_literal
from orchestration.privacy.patterns import masked_id_sql, masked_label_sql

# How a cell that is a time of day is written.
_CELL_TIMES = ["%H:%M:%S", "%H:%M:%S.%f"]


@dataclass(frozen=True)
class TypedColumn:
    """How the column `name` of the contract is made. `around` is a day near which the source's moments lie."""

    name: str
    column: Column
    mapping: ColumnMapping
    entity: EntityMapping
    profile: Profile
    has_typed_cells: bool
    around: date
    tries: bool = False
    # Whether the file exports names: in a row that has slipped by a column, any text may be one.
    beside_names: bool = False

    @property
    def type(self) -> ColumnType:
        return self.column.type

    @property
    def numbers(self) -> NumberFormat:
        return NumberFormat.of(self.entity.text)

    @property
    def text(self) -> str:
        result = f"{self._tried('sql')}.v" if self.tries and self.mapping.sql else None
        return origin_text(self.mapping, self.numbers, result)

    @property
    def is_coded(self) -> bool:
        """Whether its value is a keyed hash of the text."""
        return self.mapping.hash is not None or self.column.privacy in HASHED

    @property
    def code(self) -> str:
        """SQL of the keyed hash of the column `text`."""
        return document_pseudonym_sql("text") if self.column.privacy is Privacy.DOCUMENT else pseudonym_sql("text")

    @property
    def flags(self) -> dict[str, str]:
        """Name → SQL of what else must be known of the source's row."""
        flags = {}
        if self.mapping.negate_when:
            condition = f"{self._tried('negate_when')}.v" if self.tries else self.mapping.negate_when
            flags[f"n_{self.name}"] = f"({condition})"
        written = [key for key in ("sql", "negate_when") if getattr(self.mapping, key)]
        if self.tries and written:
            flags[f"f_{self.name}"] = " or ".join(f"{self._tried(key)} is null" for key in written)
        if calls := number_calls(self.mapping):
            unread = [f"case when {self.numbers.exact(text)} is null then {text} end" for text in calls]
            flags[f"u_{self.name}"] = f"coalesce({', '.join(unread)})"
        return flags

    @property
    def mapped(self) -> str:
        """Name of its text after the value map."""
        return f"t_{self.name}" if self.mapping.value_map is None else f"m_{self.name}"

    @property
    def mapped_text(self) -> str | None:
        """SQL of the value map; None if there is none."""
        if self.mapping.value_map is None:
            return None
        pairs = self.mapping.value_map.items()
        text = f"t_{self.name}"
        cases = " ".join(f"when {text_literal(value)} then {text_literal(code)}" for value, code in pairs)
        if self.mapping.otherwise is None:
            return f"case {text} {cases} end"
        return (
            f"case when {text} is not null then case {text} {cases} else {text_literal(self.mapping.otherwise)} end end"
        )

    @property
    def exact_number(self) -> str:
        """SQL of the number before it takes its type; NULL if it is none."""
        is_computed = self.mapping.sql is not None or self.mapping.constant is not None
        return computed(self.mapped) if is_computed else self.numbers.exact(self.mapped)

    @property
    def value(self) -> str:
        """SQL of the typed value; NULL if the text does not fit the type."""
        match self.type:
            case ColumnType.STRING:
                # Texts from the profile itself are nobody's.
                is_ours = self.mapping.value_map is not None or self.mapping.constant is not None
                if self.is_coded:
                    return f"c_{self.name}"
                if is_ours:
                    return self.mapped
                if self.name.endswith("_id"):
                    return masked_id_sql(self.mapped, pseudonym_sql(self.mapped))
                return masked_label_sql(self.mapped)
            case ColumnType.INTEGER | ColumnType.AMOUNT | ColumnType.QUANTITY:
                return self._number()
            case ColumnType.BOOLEAN:
                yes, no = (", ".join(map(text_literal, self.profile.booleans[word])) for word in ("true", "false"))
                return f"case when {self.mapped} in ({yes}) then true when {self.mapped} in ({no}) then false end"
            case ColumnType.DATE:
                return f"cast({local_moment(self.mapped, self.formats)} as date)"
            case ColumnType.TIME:
                return time_of_day(self.mapped, self.formats)
            case ColumnType.TIMESTAMP:
                return self._moment()

    @property
    def formats(self) -> list[str]:
        """Formats of a date or a moment, tried in order."""
        formats = self.entity.formats
        if self.mapping.format:
            return self.mapping.format
        if self.type is ColumnType.TIME:
            return [*formats.time, *(_CELL_TIMES if self.has_typed_cells else [])]
        # Cells that are moments themselves were written by ISO 8601; a spreadsheet keeps midnight as a bare date.
        of_cells = [ISO_FORMAT] if self.has_typed_cells else []
        if self.type is ColumnType.DATE:
            return [*formats.date, *of_cells]
        return [*formats.timestamp, *(formats.date if self.has_typed_cells else []), *of_cells]

    def _tried(self, key: str) -> str:
        return tried(f"columns.{self.name}.{key}")

    def _number(self) -> str:
        if self.mapping.unit:
            value = converted(self.exact_number, self.type, *conversions(self.name)[self.mapping.unit])
        else:
            value = typed(self.mapped, self.type, self.numbers.decimal_mark, self.exact_number)
        return f"case when n_{self.name} then -({value}) else {value} end" if self.mapping.negate_when else value

    @property
    def wall_clock(self) -> str | None:
        """SQL of the wall-clock time of a timestamp; None for other types."""
        return local_moment(self.mapped, self.formats) if self.type is ColumnType.TIMESTAMP else None

    def _moment(self) -> str:
        in_utc = self._utc(f"l_{self.name}")
        told = instant(self.mapped, self.formats)
        return f"coalesce({in_utc}, {told})" if told else in_utc

    def _utc(self, local: str) -> str:
        """UTC of a wall-clock time. A zone is a constant of its branch: DuckDB looks a computed one up row by row."""
        rule = self.profile.time_zone
        default = utc(local, rule.default, self.around)
        if rule.column is None or rule.column not in self.entity.columns or not rule.values:
            return default
        deciding = self.entity.columns[rule.column]
        clinic = f"t_{rule.column}" if deciding.value_map is None else f"m_{rule.column}"
        zones = rule.values.items()
        cases = " ".join(f"when {text_literal(value)} then {utc(local, zone, self.around)}" for value, zone in zones)
        return f"case {clinic} {cases} else {default} end"
