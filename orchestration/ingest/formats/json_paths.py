"""JSON paths as SQL."""

from __future__ import annotations

from models.json_paths import Step, steps
from orchestration.ingest.quoting import text_literal


def text_sql(document: str, path: str) -> str:
    """SQL text of what `path` finds in the SQL expression `document`; objects and arrays stay JSON.

    Of a path that may find several values, the text is a JSON array of them all.
    """
    first, *others = steps(path)
    if not first.fans_out and not others:
        return f"json_extract_string({document}, {text_literal(first.plain)})"
    texts = f"list_transform({elements_sql(document, path)}, lambda found: json_extract_string(found, '$'))"
    return f"cast(to_json(list_filter({texts}, lambda found: found is not null)) as varchar)"


def elements_sql(document: str, path: str) -> str:
    """SQL list of JSON of everything that `path` finds."""
    found = f"[{document}]"
    for number, step in enumerate(steps(path)):
        one = f"e{number}"
        if not step.fans_out:
            if step.plain != "$":
                found = f"list_transform({found}, lambda {one}: json_extract({one}, {text_literal(step.plain)}))"
            continue
        found = f"flatten(list_transform({found}, lambda {one}: {_spread(one, step, number)}))"
    return f"list_filter({found}, lambda found: found is not null)"


def nested_elements_sql(document: str, path: str) -> str:
    """SQL list of everything that `path` finds, each as a list of JSON that ends with it; the others are around it."""
    first, *others = steps(path)
    found = f"list_transform({_spread(document, first, 0)}, lambda e: [e])"
    for number, step in enumerate(others, 1):
        outer, last = f"outer{number}", f"outer{number}[-1]"
        if step.fans_out:
            inner = f"list_transform({_spread(last, step, number)}, lambda e{number}: list_append({outer}, e{number}))"
            found = f"flatten(list_transform({found}, lambda {outer}: {inner}))"
        elif step.plain != "$":
            inner = f"list_append({outer}[:-2], json_extract({last}, {text_literal(step.plain)}))"
            found = f"list_transform({found}, lambda {outer}: {inner})"
    return f"list_filter({found}, lambda found: found[-1] is not null)"


def _spread(one: str, step: Step, number: int) -> str:
    """SQL list of JSON of what a step that fans out finds in the SQL expression `one`."""
    each = f"json_extract({one}, {text_literal(step.plain + '[*]')})"
    if step.key is None:
        return each
    same = f"json_extract_string(x{number}, {text_literal('$' + step.key)}) = {text_literal(step.wanted or '')}"
    return f"list_filter({each}, lambda x{number}: {same})"
