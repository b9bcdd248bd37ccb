"""What drivers raise becomes words that say what to do, and never a secret or a value of a row."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from orchestration.ingest.database.connection import database_url, explained

URL = database_url("mysql://reader:p%40ss%20word@replica/mis", "MIS_DSN")


def _raised(kind: type[sa.exc.DBAPIError], *arguments: object, is_lost: bool = False) -> sa.exc.DBAPIError:
    return kind("select 1", {}, Exception(*arguments), connection_invalidated=is_lost)


@pytest.mark.parametrize(
    ("dsn", "driver"),
    [
        ("postgres://reader@replica/mis", "postgresql+psycopg"),
        ("postgresql://reader@replica/mis", "postgresql+psycopg"),
        ("mysql://reader@replica/mis", "mysql+pymysql"),
        ("mariadb://reader@replica/mis", "mariadb+pymysql"),
        ("postgresql+asyncpg://reader@replica/mis", "postgresql+asyncpg"),
        ("oracle+oracledb://reader@replica/mis\n", "oracle+oracledb"),
    ],
)
def test_a_database_without_a_named_driver_gets_ours(dsn: str, driver: str) -> None:
    assert database_url(dsn, "MIS_DSN").drivername == driver


@pytest.mark.parametrize(
    ("number", "text", "remedy"),
    [
        (1146, "Table 'mis.nope' doesn't exist", "Name a table that exists"),
        (1054, "Unknown column 'nope' in 'SELECT'", "Name a column that exists"),
        (1142, "SELECT command denied to user 'reader'@'localhost' for table `mis`.`staff`", "grant select on it"),
        (1064, "You have an error in your SQL syntax", "Correct the SQL of the query"),
        (1969, "Query execution was interrupted (max_statement_time exceeded)", "give the cursor an index"),
        (1792, "Cannot execute statement in a READ ONLY transaction", "take what writes out of the query"),
        (1205, "Lock wait timeout exceeded", "See what the database says"),
    ],
)
def test_the_numbers_of_mysql_are_understood(number: int, text: str, remedy: str) -> None:
    """The texts are those of a real MariaDB 10.11."""
    error = explained(_raised(sa.exc.OperationalError, number, text), URL)
    assert error.reason == f"the database says: {text}"
    assert remedy in error.remedy
    assert not error.may_pass


def test_a_lost_connection_may_be_back() -> None:
    error = explained(_raised(sa.exc.OperationalError, 2013, "Lost connection to MySQL server", is_lost=True), URL)
    assert (error.reason, error.may_pass) == ("the connection was lost while it was read", True)


@pytest.mark.parametrize("spelt", ["p@ss word", "p%40ss%20word", "p%40ss+word"])
def test_a_driver_that_repeats_the_password_is_not_quoted(spelt: str) -> None:
    error = explained(_raised(sa.exc.ProgrammingError, f"no login with {spelt} today\nsecond line"), URL)
    assert error.reason == "the database says: no login with *** today"


def test_a_value_of_a_row_is_not_quoted() -> None:
    error = explained(_raised(sa.exc.DataError, 1292, "Incorrect DOUBLE value: 'Иванова'"), URL)
    assert error.reason == "a value cannot be read (Exception 1292)"


def test_text_in_another_encoding_than_the_database_says_is_told() -> None:
    with pytest.raises(UnicodeDecodeError) as caught:
        b"\xc8".decode()
    assert explained(caught.value, URL).reason == "its text is not in the encoding that the database says"
