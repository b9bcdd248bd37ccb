"""Drafts a profile from a few lines of text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from orchestration.profiling.draft import draft_source
from orchestration.profiling.write import draft_text


def text_of(folder: Path, encoding: str = "utf-8", **files: str) -> str:
    """The draft of files given by name without suffix, as YAML."""
    day = folder / "files"
    day.mkdir()
    for name, content in files.items():
        (day / f"{name}.csv").write_bytes(content.encode(encoding))
    return draft_text(draft_source("little", day), "source.schema.json")


def drafted(folder: Path, encoding: str = "utf-8", **files: str) -> dict[str, Any]:
    """The same as plain data."""
    return yaml.safe_load(text_of(folder, encoding, **files))


def comment_at(text: str, key: str) -> str:
    """The comment behind or above the line of `key`."""
    lines = text.splitlines()
    number = next(n for n, line in enumerate(lines) if line.strip().startswith(f"{key}:"))
    found = [lines[number].partition("  # ")[2]]
    while number and lines[number - 1].strip().startswith("#"):
        number -= 1
        found.insert(0, lines[number].strip(" #"))
    return " ".join(found).strip()
