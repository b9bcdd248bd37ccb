"""Paths into JSON: what is understood, and what is refused by its first wrong part."""

import pytest

from models.json_paths import JsonPathError, selects_many, steps


@pytest.mark.parametrize(
    "path", ["id", "$id", "@id", "@.a[", "$.", "$.a[", "$.a[-1]", "$.a[?@.b]", "$..a", "$.a['x", "$.a b"]
)
def test_what_is_no_path_is_refused_by_its_first_wrong_part(path: str) -> None:
    with pytest.raises(JsonPathError, match=r"no path|is not understood"):
        steps(path)


@pytest.mark.parametrize(
    ("path", "many"),
    [
        ("$", False),
        ("$.a.b[0]", False),
        ("$['a b'].c", False),
        ("$.a[*]", True),
        ("$.a[?@.b.c == 'x'].d", True),
        ("@.a", False),
        ("@[*]", True),
    ],
)
def test_a_path_tells_whether_it_may_find_several_values(path: str, many: bool) -> None:
    assert selects_many(path) is many
