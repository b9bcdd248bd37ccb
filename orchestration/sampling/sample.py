"""Writes the sample of an export: chosen rows of each file that the profile reads, disguised, under the same names."""

from __future__ import annotations

import secrets
import tempfile
import zipfile
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from orchestration.checking.dry_run import DryRun, dry_run
from orchestration.ingest.landing import LandedFile, landed_days, landed_files, matching_files
from orchestration.ingest.refusal import ExportRefused
from orchestration.sampling.disguise import Disguise
from orchestration.sampling.roles import FileRoles, entity_roles, lookup_roles
from orchestration.sampling.rows import choose_rows
from orchestration.sampling.writers import CannotSampleError, sampled_bytes


@dataclass
class Sample:
    """What was written: rows by file, and files that could not be."""

    out: Path
    rows: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


class SampleExistsError(ValueError):
    """The folder of the sample is not empty."""


def take_sample(
    profile: Path, folder: Path, out: Path, *, day: date | None = None, rows: int = 20, key: bytes | None = None
) -> Sample:
    """Writes a sample of one day of `folder` (the newest if it holds several) to `out`.

    `rows` are taken of each file, then some of each mistake, and what all these refer to.

    Raises:
        SampleExistsError: `out` holds something.
        DefinitionError, NothingToCheckError: see `dry_run`.
    """
    if out.exists() and any(out.iterdir()):
        raise SampleExistsError(f"{out} is not empty: name another folder, or empty it")
    days = landed_days(folder.resolve().parent, folder.resolve().name)
    of_day = day or (days[-1] if days else None)
    sample = Sample(out / str(of_day) if days else out)
    disguise = Disguise(key or secrets.token_bytes(32))
    with dry_run(profile, folder, day=of_day) as (run, check), tempfile.TemporaryDirectory() as scratch:
        kept = choose_rows(run, check, rows)
        members: dict[Path, dict[str, bytes]] = {}
        for landed, names, uses in _files(run):
            first_rows = range(rows + max(roles.terms.text.last_header_row for roles in uses) + 1)
            wanted = set().union(*(kept.get(name, set()) for name in names)) or set(first_rows)
            try:
                data = sampled_bytes(landed, uses, wanted, disguise, Path(scratch))
            except (CannotSampleError, ExportRefused, UnicodeError) as error:
                sample.left_out[landed.name] = str(error)
                continue
            path = sample.out / landed.path.relative_to(run.landing / run.profile.source / str(landed.day))
            sample.rows[landed.name] = len(wanted)
            if landed.member:
                members.setdefault(path, {})[landed.member] = data
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
    for path, contents in members.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in contents.items():
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return sample


def _files(run: DryRun) -> list[tuple[LandedFile, set[str], list[FileRoles]]]:
    """Every file that the profile reads, once, with its names and the roles of all uses, those of each sheet apart."""
    found: dict[LandedFile, tuple[set[str], dict[str | None, FileRoles]]] = {}
    for landed in landed_files(run.landing, run.profile, run.days)[0]:
        mapping, contract = landed.profile.entities[landed.entity], run.contracts[landed.entity]
        uses = [(landed, entity_roles(landed.profile, contract, mapping))]
        uses += [
            (beside, lookup_roles(landed.profile, contract, mapping, name))
            for name, lookup in mapping.lookups.items()
            for beside in matching_files(landed.beside(lookup.file))
        ]
        for file, roles in uses:
            names, of_sheets = found.setdefault(replace(file, sheet=None, entity=""), (set(), {}))
            names.add(file.name)
            known = of_sheets.get(roles.terms.sheet)
            of_sheets[roles.terms.sheet] = known.merged(roles) if known else roles
    return [(file, names, list(of_sheets.values())) for file, (names, of_sheets) in found.items()]
