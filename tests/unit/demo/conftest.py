"""One small demo for the tests of this folder: two clinics in two time zones, the second a sanatorium, two months."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orchestration.demo import DemoSummary, generate_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSummary:
    return generate_demo(tmp_path_factory.mktemp("landing") / "demo_mis", clinics=2, months=2)


@pytest.fixture(scope="session")
def truth(demo: DemoSummary) -> dict[str, Any]:
    return json.loads(demo.truth_path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def days(demo: DemoSummary) -> list[Path]:
    return sorted(path for path in demo.out.iterdir() if path.is_dir())
