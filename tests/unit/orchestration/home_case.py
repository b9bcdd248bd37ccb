"""Settings of a home that a test owns."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from orchestration.settings import Settings


def settings_in(home: Path) -> Settings:
    """Export days start with 2026."""
    return Settings(home, date(2026, 1, 1), home / "secrets" / "patient.key")
