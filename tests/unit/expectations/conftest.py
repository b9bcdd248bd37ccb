"""One Great Expectations context for all tests of the guard: importing and making it takes seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from expectations.engine import BatchEngine, batch_engine


@pytest.fixture(scope="session")
def engine() -> Iterator[BatchEngine]:
    with batch_engine() as engine:
        yield engine
