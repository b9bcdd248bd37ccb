"""What a profile may say of expectations (`checks`): another severity or threshold for its source, within limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from expectations.rules import Grain, Rule, Severity
from expectations.suites import load_suites
from models.source_guards import CheckTerm
from models.sources import Profile
from models.yaml_reader import DefinitionError, Document, Problem, read_document

_RANK = {Severity.WARN: 0, Severity.ERROR: 1, Severity.CRITICAL: 2}


def adjusted(rules: Sequence[Rule], checks: Mapping[str, CheckTerm]) -> tuple[Rule, ...]:
    """`rules` with what the profile says of some of them."""
    return tuple(_adjusted(rule, checks[rule.name]) if rule.name in checks else rule for rule in rules)


def refuse_mistaken_checks(profile: Profile, path: Path) -> None:
    """Proves the `checks` of a profile, which stands in the file `path`.

    Raises:
        DefinitionError: naming line and key of every mistake.
    """
    if profile.checks and (problems := list(_mistaken_checks(read_document(path), profile.checks))):
        raise DefinitionError(problems)


def _mistaken_checks(document: Document, checks: Mapping[str, Mapping[str, CheckTerm]]) -> Iterator[Problem]:
    suites = load_suites()
    for entity, terms in checks.items():
        if entity not in suites:
            yield document.problem(("checks", entity), f"there is no such entity; there are: {', '.join(suites)}")
            continue
        rules = {rule.name: rule for rule in suites[entity].rules}
        for name, term in terms.items():
            at = ("checks", entity, name)
            if name not in rules:
                yield document.problem(at, f"{entity} has no such expectation; `triune checks {entity}` lists them")
                continue
            for key, message in _mistakes(rules[name], term):
                yield document.problem((*at, *key), message)


def _adjusted(rule: Rule, term: CheckTerm) -> Rule:
    severity = Severity(term.severity) if term.severity else rule.severity
    changed = rule.threshold.with_values(term.threshold) if rule.threshold else None
    return replace(rule, severity=severity, threshold=changed)


def _mistakes(rule: Rule, term: CheckTerm) -> Iterator[tuple[tuple[str, ...], str]]:
    if term.severity:
        severity = Severity(term.severity)
        if _RANK[severity] < _RANK[rule.severity] and not rule.may_be_lowered:
            yield (
                ("severity",),
                f"'{rule.name}' may not be weaker than {rule.severity.value}: what follows relies on it",
            )
        if severity is Severity.ERROR and rule.grain is Grain.DAY:
            yield ("severity",), f"'{rule.name}' is of a whole day, which cannot go to quarantine: warn or critical"
    known = rule.threshold.values if rule.threshold else {}
    for name in term.threshold.keys() - known.keys():
        has = f"it has: {', '.join(known)}" if known else "it has none"
        yield ("threshold", name), f"'{rule.name}' has no such threshold; {has}"
