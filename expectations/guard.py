"""Guards batches before they enter the warehouse: runs each entity's suite and collects what fails. Writes no table.

Two rounds. First every batch by itself, which decides what goes to quarantine. Then each beside the others, the
warehouse and earlier deliveries, as they will be without those rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from expectations.batch import open_batch
from expectations.engine import BatchEngine, batch_engine
from expectations.entity_check import EntityCheck
from expectations.overrides import adjusted
from expectations.results import GuardResult
from expectations.rules import Rule
from expectations.suites import load_suite
from expectations.surroundings import Surroundings, create_views


@dataclass
class Guard:
    """One export under guard, made by `guarding`: `check_rows` of every entity, then `check_surroundings`."""

    source: str
    around: Surroundings | None
    engine: BatchEngine
    connection: duckdb.DuckDBPyConnection
    scratch: Path
    _checks: dict[str, EntityCheck] = field(default_factory=dict)

    def check_rows(self, entity: str, paths: Sequence[Path], days: Sequence[date] | None = None) -> int:
        """Asks the batch in `paths` what it can tell by itself; returns of how many expectations.

        `days` are the export days read (a day without rows has no file).

        Raises:
            CheckFailedToRunError: an expectation could not be evaluated.
            BatchDefectError: the files are not a batch of this source and entity.
        """
        batch = open_batch(self.connection, self.source, load_suite(entity).contract, paths, days, self.scratch)
        rules = [rule for rule in self._rules(entity) if not rule.needs]
        self._checks[entity] = EntityCheck(self.engine, self.connection, batch, self.scratch)
        self._checks[entity].run(rules)
        return len(rules)

    def check_surroundings(self, failing_rows_to: Mapping[str, Path]) -> Iterator[GuardResult]:
        """Asks every batch what takes more than itself, and yields what was found in both rounds.

        `failing_rows_to` are folders for the failing rows by entity, as Parquet by export day; without one they come
        back as an Arrow table.
        """
        if self.around:
            create_views(self.connection, self.around, {entity: check.batch for entity, check in self._checks.items()})
        for entity, check in self._checks.items():
            if self.around:
                rules = [rule for rule in self._rules(entity) if rule.needs and all(map(self.around.meets, rule.needs))]
                check.run(rules, replace(check.batch, query=f"FROM batch.{entity}"))
            yield check.result(failing_rows_to.get(entity))

    def _rules(self, entity: str) -> Sequence[Rule]:
        rules = load_suite(entity).rules
        return adjusted(rules, self.around.profile.checks.get(entity, {})) if self.around else rules


@contextmanager
def guarding(source: str, around: Surroundings | None = None, engine: BatchEngine | None = None) -> Iterator[Guard]:
    """A guard of one export of `source`. `engine` saves time when there are several."""
    with ExitStack() as stack:
        running = engine or stack.enter_context(batch_engine())
        connection = stack.enter_context(duckdb.connect())
        scratch = Path(stack.enter_context(TemporaryDirectory(prefix="triune-guard-")))
        yield Guard(source, around, running, connection, scratch)


def guard_batch(
    source: str,
    entity: str,
    paths: Sequence[Path],
    failing_rows_to: Path | None = None,
    *,
    days: Sequence[date] | None = None,
    engine: BatchEngine | None = None,
) -> GuardResult:
    """Guards one batch by itself: one source, one or many export days. See `Guard`."""
    with guarding(source, engine=engine) as guard:
        guard.check_rows(entity, paths, days)
        (result,) = guard.check_surroundings({entity: failing_rows_to} if failing_rows_to else {})
        return result
