"""Lengths of unions of intervals, in whole seconds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

Interval = tuple[datetime, datetime]


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time without overlaps, in order. Empty and inverted intervals hold none."""
    found: list[Interval] = []
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def length(intervals: Iterable[Interval]) -> int:
    return sum(int((end - start) / timedelta(seconds=1)) for start, end in merged(intervals))


def clipped(intervals: Iterable[Interval], within: Interval) -> list[Interval]:
    return [(max(start, within[0]), min(end, within[1])) for start, end in intervals]


def length_without(intervals: Iterable[Interval], taken_off: Iterable[Interval]) -> int:
    """What is left of the first when the second are cut out."""
    off = merged(taken_off)
    return sum(length([whole]) - length(clipped(off, whole)) for whole in merged(intervals))
