"""Writes a draft as the YAML of a profile: each guess with its confidence and evidence, each question as DECIDE."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from models.contracts import load_contracts
from models.file_terms import TextFormat
from orchestration.profiling.draft import Draft, EntityDraft
from orchestration.profiling.entities import Guess
from orchestration.profiling.files import FoundFile
from orchestration.profiling.habits import Guessed, is_text, is_text_file, percent
from orchestration.profiling.matching import is_free_text, personal_kind
from orchestration.profiling.tables import Table
from orchestration.profiling.yaml_text import DECIDE, block, line, with_comment

_SCHEMA = "# yaml-language-server: $schema={path}"
# Entities whose header words are many are shown so far.
_SHOWN_HEADERS = 12


def draft_text(draft: Draft, schema: str) -> str:
    """The YAML. `schema` is the path of the profiles' JSON Schema as an editor finds it from the file."""
    lines = [
        _SCHEMA.format(path=schema),
        f"# Drafted by `triune source new` from {_many(len(draft.export.tables), 'table')} of "
        f"{_many(len(draft.export.days), 'day')}. What a guess rests on stands beside it.",
        f"# Decide what is marked {DECIDE}; `triune source check {draft.source}` says what is left to mend.",
        line(0, "source", draft.source),
        line(
            0,
            "draft",
            True,
            "delete this line when you have decided; until then `triune run` passes it over",
            decide=True,
        ),
        line(0, "title", draft.source, "how people call this MIS", decide=True),
        _guessed(0, "delivery", draft.delivery),
        *_time_zone(draft),
        *_text(draft),
        *_formats(draft),
        *([_guessed(0, "booleans", draft.booleans)] if draft.booleans.value else []),
        *_entities_question(draft),
        "entities:",
        *_clinics(draft),
    ]
    for entity in draft.entities:
        lines += _entity(draft, entity)
    lines += [*_clinic_folders(draft), *_left_over(draft)]
    return "\n".join(lines) + "\n"


def _time_zone(draft: Draft) -> Iterator[str]:
    zones = Counter(draft.zones.values())
    if not zones:
        question = "no file tells the zone of its times; name the clinics' own"
        yield line(0, "time_zone", draft.constants["time_zone"], question, decide=True)
        return
    default = max(zones, key=lambda zone: (zones[zone], zone))
    others = {clinic: zone for clinic, zone in draft.zones.items() if zone != default}
    value: Any = {"column": "clinic_id", "default": default, "values": others} if others else default
    yield line(0, "time_zone", value, "as the file of clinics says")


def _text(draft: Draft) -> Iterator[str]:
    general, first = _general_text(draft), next((table for table in draft.tables if is_text(table)), None)
    if first is None:
        return
    comments = _text_comments(next(t for t in draft.tables if is_text(t) and _written(t) == general).files[0])
    yield "text:"
    for key, value in general.items():
        yield line(2, key, value, comments.get(key, ""))
    yield _guessed(2, "decimal_mark", draft.decimal_mark)
    if draft.thousands_mark:
        yield line(2, "thousands_mark", draft.thousands_mark)
    if draft.number_words.value:
        yield _guessed(2, "number_words", draft.number_words)


def _general_text(draft: Draft) -> dict[str, Any]:
    """How most text files are written."""
    kinds = [_written(table) for table in draft.tables if is_text(table)]
    return max(kinds, key=kinds.count, default={})


def _written(table: Table) -> dict[str, Any]:
    return _of_text(table.terms.text)


def _of_text(text: TextFormat) -> dict[str, Any]:
    return {"encoding": text.encoding, "delimiter": text.delimiter, "quote": text.quote}


def _text_comments(file: FoundFile) -> dict[str, str]:
    found = {}
    if file.encoding:
        found["encoding"] = f"{percent(file.encoding.confidence)}: {file.encoding.evidence}"
    if file.layout:
        found["delimiter"] = f"{percent(file.layout.confidence)}: rows of one width"
    return found


def _formats(draft: Draft) -> Iterator[str]:
    if not draft.formats:
        return
    yield "formats:"
    # The order of day and month is told of the first formats that leave it open.
    kinds = [kind for kind, formats in draft.formats.items() if any(_has_an_order(form) for form in formats)]
    for kind, formats in draft.formats.items():
        order = draft.order.guess if kind in kinds[:1] else Guessed(None)
        value = formats[0] if len(formats) == 1 else formats
        yield line(2, kind, value, order.comment, decide=order.decide)


def _has_an_order(form: str) -> bool:
    return form.startswith(("%d", "%m")) and "%m" in form


def _entities_question(draft: Draft) -> Iterator[str]:
    if len(draft.export.days) < 2:
        yield f"# {DECIDE}: the mode of each entity, which one day cannot tell. full: everything that exists;"
        yield "# delta: rows new or changed since the last export."


def _clinics(draft: Draft) -> Iterator[str]:
    """No file of clinics: the export describes one, or names several without describing them."""
    if any(entity.name == "clinics" for entity in draft.entities) or not draft.entities:
        return
    named = {
        entity.name: (entity, column.headers[0])
        for entity in draft.entities
        for column in entity.columns
        if column.name == "clinic_id" and column.headers
    }
    entity, header = next(iter(named.values()), (draft.entities[0], None))
    yield with_comment("  clinics:", "no file describes the clinics: these are constants, or add a file", decide=True)
    yield line(4, "file", entity.table.name)
    yield from (line(4, key, value) for key, value in (("mode", "full"), ("distinct", True)))
    yield line(4, "unknown_columns", "ignore")
    yield from _table_terms(draft, entity.table)
    yield "    columns:"
    clinic: Any = header or {"constant": draft.constants.get("clinic_id", "")}
    for name, value in {
        **({} if draft.clinic_files else {"clinic_id": clinic, "clinic_name": clinic}),
        "time_zone": {"constant": draft.constants["time_zone"]},
        "currency": {"constant": draft.constants["currency"]},
    }.items():
        yield line(6, name, value, "does this hold?", decide=True)


def _clinic_folders(draft: Draft) -> Iterator[str]:
    """Clinics with folders of their own, each with what its text files write otherwise."""
    if not draft.clinic_files:
        return
    general = _general_text(draft)
    is_described = any(entity.name == "clinics" for entity in draft.entities)
    yield with_comment("clinics:", "folders inside the day's; the name of a clinic here is its id", decide=True)
    for clinic, files in draft.clinic_files.items():
        value: dict[str, Any] = {"folder": clinic}
        texts = [_of_text(file.terms.text) for file in files if is_text_file(file.landed)]
        comments: dict[str, str] = {}
        if own := {key: text for key, text in max(texts, key=texts.count, default={}).items() if text != general[key]}:
            value["text"] = own
            comments = _text_comments(next(file for file in files if is_text_file(file.landed)))
        if not is_described:
            value["entities"] = {"clinics": {"columns": {"clinic_name": {"constant": clinic}}}}
        yield line(2, clinic, value, comments.get("encoding", ""))


def _entity(draft: Draft, entity: EntityDraft) -> Iterator[str]:
    certainty = f"{percent(entity.guess.score)}: {', '.join(entity.guess.reasons)}"
    doubtful = entity.guess.score < 0.6
    yield with_comment(f"  {entity.name}:", certainty + ("; is it that?" if doubtful else ""), decide=doubtful)
    yield line(4, "file", entity.table.name)
    yield _guessed(4, "mode", entity.mode)
    if not entity.is_required.value:
        yield _guessed(4, "required", entity.is_required)
    yield from _table_terms(draft, entity.table)
    if entity.unmapped and not entity.table.files[0].columns:
        yield from block(4, "ignore", [(name, _why_ignored(name, column)) for name, column in entity.unmapped])
    yield "    columns:"
    for column in entity.columns:
        if column.mapping is None:
            yield with_comment(f"      # {column.name}:", f"{DECIDE}: {column.comment}")
        else:
            yield line(6, column.name, column.mapping, column.comment, decide=column.decide)


def _table_terms(draft: Draft, table: Table) -> Iterator[str]:
    """What a file writes otherwise than the others."""
    terms = table.terms
    if terms.sheet:
        yield line(4, "sheet", terms.sheet)
    if terms.rows:
        yield line(4, "rows", terms.rows, "where the rows of the document are")
    standard, general = TextFormat(), _general_text(draft)
    own: dict[str, Any] = {}
    if is_text(table):
        own = {key: value for key, value in _written(table).items() if value != general.get(key)}
    for key in ("header_row", "header_rows", "names", "totals", "comment"):
        value = getattr(terms.text, key)
        if value != getattr(standard, key):
            own[key] = value[0] if isinstance(value, list) and len(value) == 1 else value
    if own:
        question = "it has no header; name its columns, all of them in order" if terms.text.names else ""
        yield line(4, "text", own, question, decide=bool(question))


def _why_ignored(header: str, evidence: Any) -> str:
    if kind := personal_kind(header, evidence):
        names = "; where it is the only id there is, a look-up or `hash` makes one of it" if kind == "name" else ""
        return f"personal: {kind}{names}"
    if is_free_text(header):
        return "free text"
    return "" if evidence.filled else "empty here"


def _left_over(draft: Draft) -> Iterator[str]:
    """What no entity was found for, as comments."""
    others: dict[str, Guess] = {}
    for guess in draft.guesses.others:
        others.setdefault(guess.entity, guess)
    if others:
        yield "# Not found; perhaps inside another file, told apart by `where`:"
    known = load_contracts()
    for guess in others.values():
        found = f"{len(guess.matches)} of its {len(known[guess.entity].columns)} columns"
        yield f"#   {guess.entity}: {draft.tables[guess.table].label} ({percent(guess.score)}: {found})"
    used = {entity.table.label: entity for entity in draft.entities}
    for table in draft.unused:
        if entity := used.get(table.label):
            yield f"# {table.label} has other columns on {_days(table)}. If the MIS has changed them, say under"
            yield f"# `layouts` what {entity.name} is like from that day on."
    if draft.unused:
        yield "# Files that no entity was found for:"
    for table in draft.unused:
        more = "" if len(table.header) <= _SHOWN_HEADERS else f" … and {len(table.header) - _SHOWN_HEADERS} more"
        yield f"#   {table.label}: {', '.join(table.header[:_SHOWN_HEADERS])}{more}"
    if draft.export.unread:
        yield "# Files that could not be read:"
    yield from (f"#   {name}: {reason}" for name, reason in draft.export.unread.items())


def _days(table: Table) -> str:
    first, last = min(table.days), max(table.days)
    return str(first) if first == last else f"{first} … {last}"


def _guessed(indent: int, key: str, guessed: Guessed) -> str:
    return line(indent, key, guessed.value, guessed.comment, decide=guessed.decide)


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
