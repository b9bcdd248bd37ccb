"""What the one dbt build of the tricky clinics leaves to the tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dbt_cli import Dbt
from raw_warehouse import RawWarehouse


@dataclass(frozen=True)
class Built:
    warehouse: RawWarehouse
    dbt: Dbt
    manifest: dict[str, Any]  # as the build left it: with compiled SQL
