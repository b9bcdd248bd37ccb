"""The YAML reader: each kind of mistake is refused with its file, line and key, all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from models.yaml_reader import DefinitionError, read_document, read_model


class _Module(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rate: str
    people: int = 1


class _Scheme(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    modules: dict[str, _Module]


def _mistakes(path: Path, text: str) -> list[tuple[int, str, str]]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        read_model(path, _Scheme)
    assert all(problem.file == path for problem in caught.value.problems)
    return [(problem.line, problem.key, problem.message) for problem in caught.value.problems]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "scheme.yaml"


def test_a_clean_file_is_read(path: Path) -> None:
    path.write_text("name: Врачи\nmodules:\n  M2: {rate: '0.1', people: 3}\n", encoding="utf-8")
    assert read_model(path, _Scheme) == _Scheme(name="Врачи", modules={"M2": _Module(rate="0.1", people=3)})


def test_a_key_that_stands_twice_is_refused_with_both_lines(path: Path) -> None:
    mistakes = _mistakes(path, "name: a\nmodules:\n  M2: {rate: '1'}\n  M3: {rate: '2'}\n  M2: {rate: '3'}\n")
    assert mistakes == [(5, "modules.M2", "the key stands twice; first on line 3")]


@pytest.mark.parametrize("number", ["0.1", "-2.50", "1.0e+3", ".5", ".inf"])
def test_an_unquoted_decimal_is_refused(path: Path, number: str) -> None:
    ((line, key, message),) = _mistakes(path, f"name: a\nmodules:\n  M2:\n    rate: {number}\n")
    assert (line, key) == (4, "modules.M2.rate")
    assert number in message and "in quotes" in message


@pytest.mark.parametrize("key", ["2026", "yes", "null", "2026-01-01", "1.5"])
def test_a_key_that_is_not_text_is_refused(path: Path, key: str) -> None:
    mistakes = _mistakes(path, f"name: a\nmodules:\n  {key}: {{rate: '1'}}\n")
    assert mistakes == [(3, f"modules.{key}", "a key must be text: put it in quotes")]


def test_an_unknown_and_a_missing_key_are_named(path: Path) -> None:
    mistakes = _mistakes(path, "name: a\nmodules:\n  M2:\n    rat: '1'\n")
    assert sorted(mistakes) == [
        (3, "modules.M2.rate", "required key is missing"),
        (4, "modules.M2.rat", "unknown key"),
    ]


def test_a_wrong_type_shows_what_was_found(path: Path) -> None:
    ((line, key, message),) = _mistakes(path, "name: a\nmodules:\n  M2:\n    rate: '1'\n    people: many\n")
    assert (line, key) == (5, "modules.M2.people")
    assert "found 'many'" in message


def test_several_mistakes_of_the_yaml_are_reported_at_once(path: Path) -> None:
    mistakes = _mistakes(path, "name: a\nname: b\nmodules:\n  M2: {rate: 0.1}\n  7: {rate: 0.2}\n")
    assert [(line, key) for line, key, _ in mistakes] == [
        (2, "name"),
        (4, "modules.M2.rate"),
        (5, "modules.7"),
        (5, "modules.7.rate"),
    ]


def test_several_mistakes_of_the_content_are_reported_at_once(path: Path) -> None:
    mistakes = _mistakes(path, "nam: a\nmodules:\n  M2: {rate: 1}\n  M3: {}\n")
    assert {key for _, key, _ in mistakes} == {"nam", "name", "modules.M2.rate", "modules.M3.rate"}


@pytest.mark.parametrize(
    ("text", "line"),
    [("name: [a\nmodules: {}\n", 2), ("name: a\n\tmodules: {}\n", 2), ("name: a\n modules: b: c\n", 2)],
)
def test_broken_yaml_is_refused_with_its_line(path: Path, text: str, line: int) -> None:
    ((found_line, _, message),) = _mistakes(path, text)
    assert found_line == line
    assert message.startswith("not valid YAML")


def test_a_missing_file_is_an_error_of_the_definition(path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"scheme\.yaml:1: there is no such file"):
        read_model(path, _Scheme)


def test_an_empty_file_lacks_every_required_key(path: Path) -> None:
    assert {key for _, key, _ in _mistakes(path, "")} == {"name", "modules"}


def test_a_file_in_another_encoding_is_an_error_of_the_definition(path: Path) -> None:
    path.write_bytes("name: Врачи\n".encode("cp1251"))
    with pytest.raises(DefinitionError, match="UTF-8"):
        read_document(path)


def test_an_anchor_that_is_used_inside_itself_is_an_error_of_the_definition(path: Path) -> None:
    path.write_text("name: a\nmodules: &m\n  M2: *m\n", encoding="utf-8")
    with pytest.raises(DefinitionError):
        read_model(path, _Scheme)


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("name: a\nmodules: {M2: {rate: 2026-02-31}}\n", 2, "modules.M2.rate"),
        ("name: !secret a\nmodules: {}\n", 1, "name"),
        ("name: a\nmodules: {}\n? [M2]\n: a\n", 3, "?"),
    ],
    ids=["no such day", "a tag", "a list as key"],
)
def test_what_plain_data_cannot_hold_is_refused(path: Path, text: str, line: int, key: str) -> None:
    ((found_line, found_key, _),) = _mistakes(path, text)
    assert (found_line, found_key) == (line, key)


def test_a_control_character_is_an_error_of_the_definition(path: Path) -> None:
    ((_, _, message),) = _mistakes(path, "name: a\x07\n")
    assert message.startswith("not valid YAML")


def test_one_anchor_may_be_used_in_several_places(path: Path) -> None:
    path.write_text("name: a\nmodules:\n  M2: &m {rate: '1'}\n  M3: *m\n", encoding="utf-8")
    assert read_model(path, _Scheme).modules["M3"].rate == "1"


def test_dates_and_whole_numbers_keep_their_types(path: Path) -> None:
    path.write_text("from: 2026-01-01\nlimit: 3\nflag: true\nnothing:\n", encoding="utf-8")
    document = read_document(path)
    assert [type(value).__name__ for value in document.data.values()] == ["date", "int", "bool", "NoneType"]
    assert document.lines[("flag",)] == 3


def test_the_message_reads_file_line_key_and_reason(path: Path) -> None:
    path.write_text("name: a\nmodules: {M2: {rate: 0.1}}\n", encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        read_model(path, _Scheme)
    assert str(caught.value).startswith(f"{path}:2: modules.M2.rate: write the number 0.1 in quotes")
