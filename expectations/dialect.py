"""The DuckDB dialect of the guard's engine. It takes no transactions: Great Expectations fetches after closing them.

SQLAlchemy loads this module by name (`duckdb.batch`) when the engine is made; nothing else imports it.
"""

from __future__ import annotations

import tempfile
from typing import Any

from duckdb_engine import Dialect


class BatchDialect(Dialect):
    """DuckDB in memory over Parquet files: nothing is written, so there is nothing to begin, commit or roll back."""

    supports_statement_cache = False

    def connect(self, *arguments: Any, **parameters: Any) -> Any:
        # DuckDB would spill large sorts into the current folder.
        config = {"temp_directory": tempfile.gettempdir(), **parameters.pop("config", {})}
        return super().connect(*arguments, config=config, **parameters)

    def do_begin(self, dbapi_connection: Any) -> None:
        """Nothing: a transaction would end before the rows are fetched."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Nothing: see `do_begin`."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Nothing: see `do_begin`."""
