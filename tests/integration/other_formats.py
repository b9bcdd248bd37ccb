"""The same payments as other files hold them, each with the profile that reads it. No tests."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from models.sources import Profile

# Columns of the demo's payments by the names that its documents would have.
KEYS = {
    "Номер платежа": "id",
    "Филиал": "clinic",
    "Номер карты": "patient",
    "Плательщик": "payer",
    "Дата платежа": "paid_at",
    "Вид": "kind",
    "Способ": "method",
    "Сумма": "amount",
    "Статус": "status",
    "Изменено": "updated_at",
}
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Format:
    """How rows are written, the name of such a file, and the number that its first row has."""

    name: str
    write: Callable[[Rows], bytes]
    first_row: int
    has_paths: bool = False

    def profile(self, of_text: Profile) -> Profile:
        """The demo's profile with the payments in this file."""
        mapping = of_text.entities["payments"]
        changes: dict[str, Any] = {"files": [self.name]}
        if self.has_paths:
            columns = {
                name: column.model_copy(
                    update={
                        "source_column": f"$.{KEYS[column.source_column or '']}",
                        "negate_when": (column.negate_when or "").replace('"Вид"', '"$.kind"') or None,
                    }
                )
                for name, column in mapping.columns.items()
            }
            changes |= {"columns": columns, "text": mapping.text.model_copy(update={"encoding": "utf-8"})}
        if self.name.endswith(".json"):
            changes["rows"] = "$.payments[*]"
        return of_text.model_copy(update={"entities": {"payments": mapping.model_copy(update=changes)}})


def csv_text(rows: Rows) -> bytes:
    lines = [";".join(rows[0]), *(";".join(row.values()) for row in rows)]
    return "\r\n".join([*lines, ""]).encode("cp1251")


def zipped(data: bytes, member: str = "payments.csv", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("readme.txt", "payments of the day")
        archive.writestr(member, data)
    return buffer.getvalue()


def workbook(rows: Rows) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2026, 2, 2)})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(rows[0]))
        for number, row in enumerate(rows, 1):
            for place, (name, cell) in enumerate(row.items()):
                if name == "Сумма":
                    sheet.write_number(number, place, float(cell.replace(",", ".")))
                else:
                    sheet.write_string(number, place, cell)
    return buffer.getvalue()


def documents(rows: Rows) -> list[dict[str, str]]:
    return [{KEYS[name]: cell for name, cell in row.items()} for row in rows]


def ndjson(rows: Rows) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in documents(rows)).encode()


def whole_json(rows: Rows) -> bytes:
    return json.dumps({"payments": documents(rows)}, ensure_ascii=False, indent=1).encode()


def parquet(rows: Rows) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer, row_group_size=10)
    return buffer.getvalue()


CSV = Format("payments.csv", csv_text, 2)
GZIP = Format("payments.csv.gz", lambda rows: gzip.compress(csv_text(rows), mtime=0), 2)
ZIP = Format("export.zip!payments.csv", lambda rows: zipped(csv_text(rows)), 2)
ZIP_LZMA = Format("export.zip!payments.csv", lambda rows: zipped(csv_text(rows), method=zipfile.ZIP_LZMA), 2)
ZIP_BZIP2 = Format("export.zip!payments.csv", lambda rows: zipped(csv_text(rows), method=zipfile.ZIP_BZIP2), 2)
XLSX = Format("payments.xlsx", workbook, 2)
NDJSON = Format("payments.ndjson", ndjson, 1, has_paths=True)
JSON = Format("payments.json", whole_json, 1, has_paths=True)
PARQUET = Format("payments.parquet", parquet, 1)
