"""JSON paths as SQL."""

from __future__ import annotations

from models.json_paths import steps
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
        each = f"json_extract({one}, {text_literal(step.plain + '[*]')})"
        if step.key is not None:
            same = f"json_extract_string({one}x, {text_literal('$' + step.key)}) = {text_literal(step.wanted or '')}"
            each = f"list_filter({each}, lambda {one}x: {same})"
        found = f"flatten(list_transform({found}, lambda {one}: {each}))"
    return f"list_filter({found}, lambda found: found is not null)"
