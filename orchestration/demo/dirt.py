"""The bad rows planted into the exports, each kind in a known number; who quarantines them is left with the truth."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import duckdb


@dataclass(frozen=True)
class Dirt:
    """Rows of one kind in one file: copies of good rows in which `values` (header → SQL text) replace what was there.

    A copy has a key of its own, so that nothing of it is left when it is taken out. The exception is `duplicate_key`,
    which repeats a row in the same file: it repeats only rows that a later file brings again.
    """

    entity: str
    kind: str
    rows: int
    values: dict[str, str] = field(default_factory=dict)
    fields: int | None = None  # the line ends after so many fields


@dataclass(frozen=True)
class PlantedDirt:
    """Dirt with the good rows (number, day of the file) that it is copied from; fewer than wished in a tiny demo."""

    dirt: Dirt
    origins: tuple[tuple[int, dt.date], ...]

    def copies(self) -> str:
        """SQL of the good rows, with `dirt_no` for keys of their own."""
        # Literal keys let the engine find the rows before it renders a million others.
        keys = " OR ".join(f"(sort_no = {number} AND seen_on = DATE '{day}')" for number, day in self.origins)
        rows = f"SELECT * FROM file_{self.dirt.entity} WHERE {keys}"
        return f"SELECT *, row_number() OVER (ORDER BY sort_no, seen_on) AS dirt_no FROM ({rows})"

    def values(self, columns: list[str]) -> list[str]:
        """SQL of the fields that the bad row has, in the file's order."""
        return [self.dirt.values.get(name, f'"{name}"') for name in columns][: self.dirt.fields]


def plant(connection: duckdb.DuckDBPyConnection) -> list[PlantedDirt]:
    """Chooses the rows: the same whatever the threads, and away from both ends of the demo."""
    planted = []
    for dirt in DIRT:
        again = "QUALIFY lead(seen_on) OVER (PARTITION BY sort_no ORDER BY seen_on) IS NOT NULL"
        origins = connection.execute(
            f"""
            SELECT sort_no, seen_on
            FROM (SELECT sort_no, seen_on FROM file_{dirt.entity} {again if dirt.kind == "duplicate_key" else ""})
            WHERE seen_on > first_day() + 4 AND seen_on < final_day() - 4
            ORDER BY rnd(sort_no, '{dirt.kind}'), sort_no, seen_on
            LIMIT {dirt.rows}
            """
        ).fetchall()
        if origins:
            planted.append(PlantedDirt(dirt, tuple(origins)))
    return planted


def _key(prefix: str, block: int) -> str:
    """SQL of a key that no good row has."""
    return f"'{prefix}' || ({99_000_000_000_000 + block * 1000} + dirt_no)"


DIRT = (
    Dirt(
        "appointments",
        "unparsable_date",
        5,
        {
            "Номер записи": _key("A", 1),
            "Номер карты": "' P 77 ' || (1 + dirt_no % 3) || ' '",
            "Начало план": "'32.13.2026 25:61'",
            "Комментарий": "quoted(canary_remark(1 + dirt_no % 3))",
        },
    ),
    Dirt("appointments", "unknown_code", 4, {"Номер записи": _key("A", 2), "Статус": "'Архив'"}),
    Dirt("appointments", "duplicate_key", 6),
    # The last of them is badly quoted, too.
    Dirt(
        "appointments",
        "too_few_fields",
        3,
        {"Номер записи": _key("A", 3), "Врач": """if(dirt_no = 3, '"', '') || canary(dirt_no).full_name || '"'"""},
        fields=6,
    ),
    Dirt(
        "service_lines",
        "unparsable_date",
        2,
        {"Номер строки": _key("L", 4), "Оказано": "'вчера: ' || canary(dirt_no).full_name"},
    ),
    Dirt("service_lines", "wrong_decimal", 5, {"Номер строки": _key("L", 5), "К оплате": "'1,200,50'"}),
    Dirt(
        "service_lines",
        "negative_price",
        4,
        {
            "Номер строки": _key("L", 6),
            "Тип строки": "'Продажа'",
            "Исходная строка": "NULL",
            "Количество": "'1'",
            "Сумма по прайсу": "'-500,00'",
            "Скидка": "'0,00'",
            "К оплате": "'-500,00'",
        },
    ),
    Dirt("service_lines", "duplicate_key", 3),
    Dirt("payments", "wrong_decimal", 3, {"Номер платежа": _key("M", 7), "Сумма": "'12OO,00'"}),
    Dirt("payments", "unknown_code", 2, {"Номер платежа": _key("M", 8), "Вид": "'Бартер'"}),
    Dirt("expenses", "not_a_number", 2, {"Номер": _key("X", 10), "Сумма": "'н/д'"}),
    Dirt(
        "shifts",
        "end_before_start",
        4,
        {"Номер смены": _key("SH", 9), "Начало": '"Окончание"', "Окончание": '"Начало"'},
    ),
)
