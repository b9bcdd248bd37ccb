"""Every expectation in words, for people: what `triune checks` prints and `docs/checks.md` holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from expectations.rules import Rule
from expectations.suites import Suite, load_suites

_INTRODUCTION = """\
# What every export must satisfy

Written by `triune checks --markdown`; do not edit. A failed **critical** expectation keeps the whole day out of the
warehouse, **error** sends the failing rows to quarantine, **warn** is reported. Without a threshold a single row fails.
A profile may change severity and threshold for its source, see [data_engineer.md](data_engineer.md#checks).

Every entity is asked also what its contract says (keys, required columns, codes, plausible dates, references) and what
its deliveries must satisfy (volume, layout, freshness, control totals); the first table lists the latter once.
"""


def markdown() -> str:
    """The whole list as a document."""
    return "\n".join(_document(load_suites()))


def _document(suites: Mapping[str, Suite]) -> Iterator[str]:
    yield _INTRODUCTION
    common = common_rules(suites)
    yield f"## Every delivery ({len(common)})\n"
    yield from _table(common)
    for entity, suite in suites.items():
        shared = {rule.name for rule in common}
        own = [rule for rule in suite.rules if rule.name not in shared]
        yield f"## {entity} ({len(own)})\n"
        yield from _table(own)


def common_rules(suites: Mapping[str, Suite]) -> list[Rule]:
    """Those that say the same of more than one entity's day."""
    seen: dict[str, list[Rule]] = {}
    for suite in suites.values():
        for rule in suite.rules:
            seen.setdefault(rule.name, []).append(rule)
    return [
        rules[0]
        for rules in seen.values()
        if len(rules) > 1
        and rules[0].columns == ("_export_date",)
        and len({(rule.reason, rule.severity) for rule in rules}) == 1
    ]


def _table(rules: Sequence[Rule]) -> Iterator[str]:
    yield "| expectation | severity | threshold | why, and what to do |"
    yield "|---|---|---|---|"
    for rule in rules:
        cells = (f"`{rule.name}`", rule.severity.value, str(rule.threshold or ""), rule.reason)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""
