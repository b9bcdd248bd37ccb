"""A source that is a database: each export day is landed as Parquet files of text, and read like any other export."""
