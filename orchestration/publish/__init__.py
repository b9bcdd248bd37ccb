"""Publishes marts for readers outside: one read-only DuckDB file, replaced atomically, and Parquet beside it."""
