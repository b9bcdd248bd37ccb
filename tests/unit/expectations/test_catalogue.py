"""The list of expectations that people read."""

from __future__ import annotations

from pathlib import Path

from expectations.catalogue import markdown
from expectations.suites import load_suites

DOCUMENT = Path(__file__).parents[3] / "docs" / "checks.md"


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == markdown(), "run: triune checks --markdown > docs/checks.md"


def test_every_expectation_is_in_it() -> None:
    text = markdown()
    for suite in load_suites().values():
        for rule in suite.rules:
            assert f"`{rule.name}`" in text


def test_no_placeholder_of_a_threshold_is_left() -> None:
    for suite in load_suites().values():
        for rule in suite.rules:
            assert "{" not in str(rule.threshold or "")
            assert all(
                f"{{{name}}}" not in rule.failures_query for name in (rule.threshold.values if rule.threshold else ())
            )
            if rule.threshold:
                used = rule.fails + rule.relation
                assert all(f"{{{name}}}" in used for name in rule.threshold.values), f"{suite.entity}.{rule.name}"
