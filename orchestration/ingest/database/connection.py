"""A read-only connection that shows one state of the database, and what its errors mean to the person who runs the day.

No message may hold the DSN, its password, or a value of a row.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

_CONNECT_SECONDS = 10
# The pool would log a traceback when it closes a cursor whose connection is lost; that it is lost is said by our error.
_POOL = "triune"
logging.getLogger(f"{NullPool.__module__}.{NullPool.__name__}.{_POOL}").setLevel(logging.CRITICAL)
# What people write, and the driver that we install for it.
_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_PACKAGES = {"psycopg": "psycopg[binary]", "pymysql": "pymysql[rsa]"}
_EXAMPLE = "postgresql://reader:password@replica.example:5432/mis"


class DatabaseError(Exception):
    """Why the database cannot be read. `may_pass`: it cannot be reached, and may be back in a moment."""

    def __init__(self, reason: str, remedy: str, *, may_pass: bool = False) -> None:
        self.reason, self.remedy, self.may_pass = reason, remedy, may_pass
        super().__init__(f"{reason}. {remedy}")


@dataclass(frozen=True)
class _Habits:
    """How a kind of database is told to read only, from one state, and to hand JSON over as the text that it is."""

    engine: dict[str, Any] = field(default_factory=dict)
    transaction: dict[str, Any] = field(default_factory=dict)
    on_connect: str | None = None


_MYSQL = _Habits(
    engine={"connect_args": {"connect_timeout": _CONNECT_SECONDS}},
    transaction={"isolation_level": "REPEATABLE READ"},
    on_connect="set session transaction read only",
)
_HABITS = {
    "postgresql": _Habits(
        engine={
            "connect_args": {"connect_timeout": _CONNECT_SECONDS, "fallback_application_name": "triune"},
            "json_deserializer": lambda data: data if isinstance(data, str) else bytes(data).decode(),
        },
        transaction={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
    ),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "sqlite": _Habits(on_connect="pragma query_only = on"),
}

_GONE = "Run the day again; nothing of it was landed"
_REPLAYED = "40001"
# By SQLSTATE, or by the number that MySQL gives.
_REMEDIES = {
    **dict.fromkeys(("42P01", "3F000", "1146", "1049"), "Name a table that exists, with its schema, in the profile"),
    **dict.fromkeys(("42703", "1054"), "Name a column that exists, in the profile's columns or cursor"),
    **dict.fromkeys(
        ("42501", "1142", "1143", "1044"), "Let the DSN's user read it: grant select on it (and usage on the schema)"
    ),
    **dict.fromkeys(("42601", "1064"), "Correct the SQL of the query in the profile"),
    **dict.fromkeys(
        ("57014", "3024", "1969"),
        "The server's time limit for a statement, or somebody, stopped it: give the cursor an index, or the DSN's user "
        "a longer statement_timeout",
    ),
    **dict.fromkeys(("25006", "1792"), "A source is only read: take what writes out of the query"),
    _REPLAYED: "A replica replayed a change under the query: run the day again, or raise max_standby_streaming_delay",
}
# Their messages quote the value that was wrong.
_DATA_CLASS = "22"


def database_url(dsn: str, variable: str) -> sa.URL:
    """The DSN, with the driver that goes with it.

    Raises:
        DatabaseError: it is no DSN; it is not shown.
    """
    try:
        url = sa.make_url(dsn.strip())
    except (sa.exc.ArgumentError, ValueError):
        raise DatabaseError(f"${variable} holds no DSN that can be read", f"Write it as {_EXAMPLE}") from None
    if "@" in (url.host or ""):
        raise DatabaseError(f"${variable} has an '@' in its user or password", "Write it as %40") from None
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


@contextmanager
def read_only_snapshot(url: sa.URL, variable: str) -> Iterator[sa.Connection]:
    """One read-only transaction that sees one state of the database, where the database can do that.

    Raises:
        DatabaseError: the driver is missing, or the database does not let us in.
    """
    habits = _HABITS.get(url.get_backend_name(), _Habits())
    engine = _engine(url, variable, habits)
    try:
        try:
            connection = engine.connect()
        except sa.exc.DBAPIError as error:
            reason = f"the database cannot be connected to ({_said(error, url)})"
            remedy = f"See that it runs, and that host, port, user, password and database in ${variable} are right"
            raise DatabaseError(reason, remedy, may_pass=True) from None
        with connection:
            yield connection.execution_options(**habits.transaction)
    finally:
        engine.dispose()


def explained(error: Exception, url: sa.URL) -> DatabaseError:
    """An error while reading, in words."""
    if isinstance(error, UnicodeError):
        return DatabaseError(
            "its text is not in the encoding that the database says", "Correct the encoding of the DSN"
        )
    if not isinstance(error, sa.exc.DBAPIError):
        return DatabaseError(f"it cannot be read ({type(error).__name__})", "Read it by a query that casts it to text")
    if error.connection_invalidated:
        return DatabaseError("the connection was lost while it was read", _GONE, may_pass=True)
    code = _code(error)
    if isinstance(error, sa.exc.DataError) or _state(error).startswith(_DATA_CLASS):
        kind = f"{type(error.orig).__name__} {code}".strip()
        return DatabaseError(
            f"a value cannot be read ({kind})", "Cast it to text in a query, or leave such rows out there"
        )
    remedy = _REMEDIES.get(code, "See what the database says, then run the day again")
    return DatabaseError(f"the database says: {_said(error, url)}", remedy, may_pass=code == _REPLAYED)


def _engine(url: sa.URL, variable: str, habits: _Habits) -> sa.Engine:
    try:
        engine = sa.create_engine(
            url, poolclass=NullPool, pool_logging_name=_POOL, hide_parameters=True, **habits.engine
        )
    except ModuleNotFoundError as error:
        package = _PACKAGES.get(error.name or "", error.name)
        reason = f"the driver of {url.get_backend_name()} is not installed"
        raise DatabaseError(reason, f"Install it: pip install '{package}'") from None
    except (sa.exc.ArgumentError, TypeError):
        reason = f"no database is known by the name with which ${variable} begins"
        raise DatabaseError(reason, f"Write the DSN as {_EXAMPLE}") from None
    if habits.on_connect:

        @sa.event.listens_for(engine, "connect")
        def _tell(connection: Any, _: Any) -> None:
            cursor = connection.cursor()
            cursor.execute(habits.on_connect)
            cursor.close()

    return engine


def _code(error: sa.exc.DBAPIError) -> str:
    """MySQL's number, which tells more than its SQLSTATE, or the SQLSTATE."""
    number, _ = _arguments(error)
    return _state(error) if number is None else str(number)


def _state(error: sa.exc.DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _said(error: sa.exc.DBAPIError, url: sa.URL) -> str:
    """What the driver says, in a line, without secrets."""
    _, text = _arguments(error)
    line = " ".join(text.splitlines()[:1]).strip() or type(error.orig).__name__
    password = str(url.password or "")
    for secret in {url.render_as_string(hide_password=False), password, quote(password), quote_plus(password)} - {""}:
        line = line.replace(secret, "***")
    return line.rstrip(".")


def _arguments(error: sa.exc.DBAPIError) -> tuple[int | None, str]:
    """Number and text of an error of MySQL; of any other, its text."""
    match getattr(error.orig, "args", ()):
        case (int(number), text, *_):
            return number, str(text)
    return None, str(error.orig)
