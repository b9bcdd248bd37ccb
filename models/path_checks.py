"""Checks the JSON paths of a profile: where documents hold their rows and elements, and what columns are named by."""

from __future__ import annotations

from collections.abc import Iterator

from models.file_terms import TableTerms, format_of
from models.json_paths import JsonPathError, levels_up, lists_in, steps
from models.source_columns import lookup_of, named_columns, quoted_names
from models.source_terms import EntityMapping
from models.yaml_reader import KeyPath


def path_problems(mapping: EntityMapping) -> Iterator[tuple[KeyPath, str]]:
    """What is wrong with the paths of an entity and of its look-ups, each with its key."""
    yield from _place_problems(mapping, mapping.files)
    if mapping.each is not None and mapping.unpivot is not None:
        yield ("unpivot",), "'each' has made the rows already: name their values by '@' paths, and leave 'unpivot' out"
    if mapping.each is not None and mapping.fill_down:
        yield ("fill_down",), "an element has none above it: name what holds for several by '$' or '@@' paths"
    for name, lookup in mapping.lookups.items():
        at: KeyPath = ("lookups", name)
        yield from (((*at, *key), problem) for key, problem in _place_problems(lookup, [lookup.file]))
        named = [*(("by", column) for column in lookup.by.values())]
        named += [("where", column) for column in quoted_names(lookup.where or "")]
        for word, column in named:
            yield from (((*at, word), problem) for problem in _column_problems(column, lookup, [lookup.file]))
    for place, column in named_columns(mapping):
        if brought_by := lookup_of(column, mapping):
            lookup = mapping.lookups[brought_by]
            problems = _column_problems(column.removeprefix(f"{brought_by}."), lookup, [lookup.file])
        else:
            problems = _column_problems(column, mapping, mapping.files)
        yield from ((place, problem) for problem in problems)


def _place_problems(table: TableTerms, files: list[str]) -> Iterator[tuple[KeyPath, str]]:
    """What is wrong with `rows` and `each`."""
    for key, path in (("rows", table.rows), ("each", table.each)):
        if path is None:
            continue
        at: KeyPath = (key,)
        if not all(_have_paths(table, files)):
            yield at, f"'{key}' is a path into a JSON document, and this is none"
        elif levels_up(path):
            yield at, f"'{path}' begins at an element: write '$…', for '{key}' is what finds one"
        elif problem := _syntax_problem(path):
            yield at, problem
        elif key == "each" and not lists_in(path):
            yield at, f"'{path}' finds one value; for each of its elements write '{path}[*]'"


def _column_problems(name: str, table: TableTerms, files: list[str]) -> Iterator[str]:
    """What is wrong with the name of a column, if the file has paths; a header may be any text."""
    if not any(_have_paths(table, files)):
        return
    if problem := _syntax_problem(name):
        yield problem
    elif levels_up(name) and table.each is None:
        yield f"'{name}' begins at an element, and nothing says which: give 'each', the path that finds the elements"
    elif table.each is not None and not _syntax_problem(table.each) and levels_up(name) > lists_in(table.each):
        yield f"'{name}' begins further out than the lists of '{table.each}'; '$' is the document"


def _have_paths(table: TableTerms, files: list[str]) -> list[bool]:
    return [(table.format or format_of(file)).has_paths for file in files]


def _syntax_problem(path: str) -> str | None:
    try:
        steps(path)
    except JsonPathError as error:
        return str(error)
    return None
