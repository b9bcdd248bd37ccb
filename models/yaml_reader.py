"""Reads a YAML file into a Pydantic model and says which file, line and key is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One mistake in a definition file. `line` counts from 1; `key` is a dotted path: `entities.appointments.file`."""

    file: Path
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        return f"{where}{self.key}: {self.message}" if self.key else f"{where}{self.message}"


class DefinitionError(ValueError):
    """A definition file cannot be used. `problems` lists every mistake found in it, so that one look mends them all."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True)
class Document:
    """Plain data of a YAML file and the line of every key path in it."""

    path: Path
    data: Any
    lines: dict[KeyPath, int]

    def problem(self, key_path: KeyPath, message: str) -> Problem:
        """Points `message` at the nearest line known for `key_path`."""
        known = key_path
        while known and known not in self.lines:
            known = known[:-1]
        return Problem(self.path, self.lines.get(known, 1), ".".join(str(part) for part in key_path), message)


def read_document(path: Path) -> Document:
    """Reads YAML with lines.

    Raises:
        DefinitionError: the file is missing or not YAML, a key stands twice (plain YAML keeps the last one silently),
            a key is not text, or a decimal number is unquoted (it would become a binary float).
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise DefinitionError([Problem(path, 1, "", "there is no such file")]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DefinitionError([Problem(path, line, "", "not UTF-8: save the file as UTF-8")]) from None
    except yaml.reader.ReaderError as error:
        raise DefinitionError([Problem(path, 1, "", f"not valid YAML: {error.reason}")]) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DefinitionError([Problem(path, line, "", f"not valid YAML: {error.problem}")]) from None
    builder = _Builder(path)
    data = builder.build(root, ()) if root is not None else {}
    if builder.problems:
        raise DefinitionError(builder.problems)
    return Document(path, data, builder.lines)


def read_model(path: Path, model: type[Model]) -> Model:
    """Reads `path` as `model`.

    Raises:
        DefinitionError: the file is not clean YAML, or its content does not fit the model.
    """
    return validate(read_document(path), model)


def validate(document: Document, model: type[Model]) -> Model:
    """Checks plain data against `model`; every mismatch becomes a Problem with its line."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise DefinitionError([document.problem(*_described(item)) for item in error.errors()]) from None


def _described(item: Any) -> tuple[KeyPath, str]:
    key_path = tuple(part for part in item["loc"] if part != "[key]")
    message = item["msg"].removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        message = "unknown key"
    elif item["type"] == "missing":
        message = "required key is missing"
    elif item["type"] not in {"value_error", "assertion_error"}:
        message = f"{message} (found {item['input']!r})"
    return key_path, message


class _Builder:
    """Turns a YAML node tree into plain data, remembering lines and collecting problems."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self._scalars = yaml.SafeLoader("")
        self._open: list[yaml.Node] = []

    def build(self, node: yaml.Node, key_path: KeyPath) -> Any:
        self.lines.setdefault(key_path, node.start_mark.line + 1)
        if node in self._open:
            self._report(node, key_path, "an alias stands inside what it stands for")
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, key_path)
        self._open.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return dict(self._pairs(node, key_path))
            return [self.build(item, (*key_path, index)) for index, item in enumerate(node.value)]
        finally:
            self._open.pop()

    def _scalar(self, node: yaml.ScalarNode, key_path: KeyPath) -> Any:
        if node.tag == "tag:yaml.org,2002:float":
            self._report(node, key_path, f"write the number {node.value} in quotes, so that it stays exact")
        try:
            return self._scalars.construct_object(node)
        except (ValueError, yaml.constructor.ConstructorError) as error:
            reason = error.problem if isinstance(error, yaml.MarkedYAMLError) else error
            self._report(node, key_path, f"{node.value!r} cannot be read: {reason}")
            return None

    def _pairs(self, node: yaml.MappingNode, key_path: KeyPath) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            line = key_node.start_mark.line + 1
            if key_node.tag != "tag:yaml.org,2002:str":
                self._report(key_node, (*key_path, key), "a key must be text: put it in quotes")
            elif key in seen:
                self._report(key_node, (*key_path, key), f"the key stands twice; first on line {seen[key]}")
            seen.setdefault(key, line)
            self.lines[(*key_path, key)] = line
            yield key, self.build(value_node, (*key_path, key))

    def _report(self, node: yaml.Node, key_path: KeyPath, message: str) -> None:
        key = ".".join(str(part) for part in key_path)
        self.problems.append(Problem(self.path, node.start_mark.line + 1, key, message))
