"""The live display of a run: one line per step of the day, with what is happening inside it and how long it took."""

from __future__ import annotations

import time
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from orchestration.assets.batches import GUARD, LAND, READ
from orchestration.assets.dbt import BUILD
from orchestration.assets.payouts import PAYOUTS
from orchestration.assets.published import PUBLISH
from orchestration.assets.raw import LOAD

STEPS = {
    LAND: "database → landing",
    READ: "exports → typed batches",
    GUARD: "Great Expectations on every batch",
    LOAD: "batches → warehouse",
    BUILD: "staging, facts, marts, tests",
    PAYOUTS: "payouts → ledger",
    PUBLISH: "marts → published file",
}


@dataclass
class _Step:
    began: float | None = None
    ended: float | None = None
    seen: int = 0
    detail: str = ""


class Progress:
    """An `Observer` that draws. On a terminal it is live; in a log it prints each step once, when it has ended."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._steps = {name: _Step() for name in STEPS}
        self._live = Live(self, console=console, refresh_per_second=8, transient=True)
        self.warnings: list[str] = []

    def __enter__(self) -> Progress:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    @property
    def seconds(self) -> dict[str, float]:
        """Step → seconds, of the steps that ran."""
        return {
            name: step.ended - step.began
            for name, step in self._steps.items()
            if step.began is not None and step.ended is not None
        }

    def step_started(self, step: str) -> None:
        self._steps[step] = _Step(began=time.perf_counter())

    def step_ended(self, step: str) -> None:
        self._steps[step].ended = time.perf_counter()
        if not self._console.is_terminal:
            self._console.print(f"  {step:<8} {self.seconds[step]:6.1f} s  {STEPS[step]}")

    def saw(self, step: str, detail: str) -> None:
        self._steps[step].seen += 1
        self._steps[step].detail = detail

    def warned(self, message: str) -> None:
        self.warnings.append(message)

    def __rich__(self) -> Table:
        table = Table.grid(padding=(0, 2))
        now = time.perf_counter()
        for name, step in self._steps.items():
            if name == LAND and step.began is None:
                continue  # most sources land by themselves
            seconds = "" if step.began is None else f"{(step.ended or now) - step.began:.1f} s"
            table.add_row(_mark(step), Text(name, style="bold"), Text(seconds, justify="right"), _words(name, step))
        return table


def _mark(step: _Step) -> Text | Spinner:
    if step.began is None:
        return Text("·", style="dim")
    return Text("✓", style="green") if step.ended else Spinner("dots")


def _words(name: str, step: _Step) -> Text:
    if step.began is None or step.ended:
        return Text(STEPS[name], style="dim")
    return Text(f"{step.seen} · {step.detail}" if step.detail else STEPS[name])
