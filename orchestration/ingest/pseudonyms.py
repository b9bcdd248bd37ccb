"""Replaces ids of patients and documents by a keyed HMAC-SHA256 while a file is read, set-based.

The key never appears in SQL text.
"""

from __future__ import annotations

import hashlib

import duckdb

_BLOCK_BYTES = 64
_HEX_DIGITS = 32


def set_pseudonym_key(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Makes `pseudonym_sql` expressions usable on this connection."""
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK_BYTES else key).ljust(_BLOCK_BYTES, b"\0")
    for name, mask in (("hmac_inner", 0x36), ("hmac_outer", 0x5C)):
        connection.execute(f"set variable {name} = (select ?::blob)", [bytes(byte ^ mask for byte in block)])


def pseudonym_sql(text: str) -> str:
    """SQL for the first 128 bits, in hex, of HMAC-SHA256(key, `text`); NULL stays NULL."""
    inner = f"unhex(sha256(getvariable('hmac_inner') || encode({text})))"
    return f"left(sha256(getvariable('hmac_outer') || {inner}), {_HEX_DIGITS})"


def document_pseudonym_sql(text: str) -> str:
    """The same of a document number, whatever it is punctuated with; no patient id gives the same one."""
    characters = f"nullif(regexp_replace(upper({text}), '[^0-9A-ZА-ЯЁ]', '', 'g'), '')"
    return pseudonym_sql(f"('document ' || {characters})")
