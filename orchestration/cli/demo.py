"""`triune demo`: writes the exports of made-up clinics, to try everything on."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from orchestration.settings import load_settings


@click.command()
@click.option("--clinics", default=3, show_default=True, type=click.IntRange(1, 200), help="How many clinics.")
@click.option("--months", default=6, show_default=True, type=click.IntRange(1, 60), help="How many months.")
@click.option("--seed", default=7, show_default=True, help="Same seed, same clinics, same bytes.")
@click.option("--start", default="2026-01-01", show_default=True, type=click.DateTime(["%Y-%m-%d"]), help="First day.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Default: the landing of demo_mis.")
def demo(clinics: int, months: int, seed: int, start: datetime, out: Path | None) -> None:
    """Write exports as a Russian MIS writes them, a folder a day.

    Beside them stand truth.json, the figures that must come out, and canaries.txt, the personal data that must not.
    """
    from orchestration.demo import generate_demo

    target = out or load_settings().landing / "demo_mis"
    began = time.perf_counter()
    summary = generate_demo(target, clinics=clinics, months=months, seed=seed, start=start.date())
    Console().print(
        f"[bold]{summary.appointments:,}[/] appointments of {clinics} clinics in {summary.files:,} files, "
        f"{time.perf_counter() - began:.1f} s → {target}",
        soft_wrap=True,
    )
