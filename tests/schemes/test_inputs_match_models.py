"""The hand-made inputs of these tests have only columns that the facts and dimensions really offer."""

from __future__ import annotations

import pytest
import yaml
from pay_warehouse import DBT_PROJECT, TABLES


@pytest.mark.parametrize("table", TABLES)
def test_the_model_offers_every_column_that_pay_reads(table: str) -> None:
    [path] = (DBT_PROJECT / "models").glob(f"*/{table.split('.')[1]}.yml")
    [model] = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    assert set(TABLES[table]) <= {column["name"] for column in model["columns"]}
