"""What a source profile may say of the guard: its control totals, and expectations that differ for this source."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from models.file_terms import Term


class CheckTerm(Term):
    """What this source asks of one expectation, where it differs: `triune checks` lists them all."""

    severity: Literal["critical", "error", "warn"] | None = None
    threshold: dict[str, Annotated[Decimal, Field(ge=0)]] = Field(default_factory=dict)


class Controls(Term):
    """A file of totals beside the exports, a row per file. `entity` is its column that names the file or the entity,
    `rows` the one that counts rows; `sums` are, by entity, columns of its file and where their sums stand."""

    file: str
    entity: str
    rows: str | None = None
    sums: dict[str, dict[str, str]] = Field(default_factory=dict)
