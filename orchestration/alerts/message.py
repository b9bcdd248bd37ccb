"""Words of an alert: which day of which source, what is wrong in which file and row, what to do. No traceback."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.ingest.refusal import FileProblem
from orchestration.privacy.patterns import redacted

MOST_LINES = 10
_LONGEST_LINE = 500


@dataclass(frozen=True)
class Alert:
    """A title, and lines below it."""

    title: str
    lines: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join([self.title, *self.lines])


def failure_alert(what: str, problems: list[FileProblem], messages: list[str], where_to_look: str) -> Alert:
    """The alert of a day that was not published; `messages` are used where no file is to blame."""
    said = [str(problem) for problem in problems] or [line for text in messages for line in text.splitlines()]
    lines = [f"• {_short(redacted(line))}" for line in said[:MOST_LINES]]
    if len(said) > MOST_LINES:
        lines.append(f"… and {len(said) - MOST_LINES} more")
    lines.append(f"What was published before is unchanged. {where_to_look}")
    return Alert(redacted(f"Triune: {what} was not published"), tuple(lines))


def trial_alert() -> Alert:
    """What `triune alert test` sends."""
    return Alert("Triune: this is a test", ("Alerts of days that were not published come here.",))


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"
