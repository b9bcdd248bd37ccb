"""What every test may use: the published data beside the repository. Fixtures of one kind of test are in its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

# Data that nobody in this project wrote; kept outside, see the README there.
SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real exports, read where they are."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs the data sets in ../shared/data, beside the repository; they are not part of it")
    return SHARED_DATA
