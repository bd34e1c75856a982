"""Documents as YAML text, written for people and read as YAML 1.2's core schema.

PyYAML reads YAML 1.1, in which `no` is false and `1e-5` a text; both stand in every second sweep. So the words and numbers
here are those of 1.2: `true`, `false`, `null`, `1e-5`. What is written is read as the same by either version.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from sweeps.validation.problems import Invalid, Problem

MAX_CHARS: Final = 100_000
"""A sweep with a hundred rows has about 10,000. Longer texts would keep a server's thread for seconds."""
WIDTH: Final = 120
ODD_BREAKS: Final = frozenset("\r\x85\u2028\u2029")

_FLOAT: Final = re.compile(
    r"[-+]?(?:(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)$|[-+]?\.(?:inf|Inf|INF)$|\.(?:nan|NaN|NAN)$"
)
_WORDS: Final[tuple[tuple[str, re.Pattern[str], str], ...]] = (
    ("bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), "tTfF"),
    ("int", re.compile(r"[-+]?(?:0|[1-9][0-9]*)$"), "-+0123456789"),
    ("float", _FLOAT, "-+0123456789."),
    ("null", re.compile(r"(?:~|null|Null|NULL|)$"), "~nN\0"),
)
_TAG: Final = "tag:yaml.org,2002:"
_KINDS: Final = (*(_TAG + name for name in ("null", "bool", "int", "float", "str", "seq", "map")), None)


class Line(dict[str, Any]):
    """A mapping to be written on one line."""


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}  # 1.1's are not wanted
    yaml_constructors = {tag: make for tag, make in yaml.SafeLoader.yaml_constructors.items() if tag in _KINDS}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # not in its stubs
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not read here: write it out", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.tag != f"{_TAG}str":
                problem = f"a name is a text; put it in quotes if {_shown(key)} is meant"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{key.value} stands here twice: keep one", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  the same list twice is written twice
        return True


def _write_line(dumper: yaml.SafeDumper, line: Line) -> yaml.Node:
    return dumper.represent_mapping(f"{_TAG}map", line.items(), flow_style=True)


def _write_list(dumper: yaml.SafeDumper, values: Sequence[Any]) -> yaml.Node:
    plain = not any(isinstance(value, dict | list | tuple) for value in values)
    return dumper.represent_sequence(f"{_TAG}seq", values, flow_style=plain)


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    # PyYAML folds these in quotes and reads a space or a plain newline again; escaped they come back.
    style = '"' if ODD_BREAKS & set(text) else "|" if "\n" in text else None
    return dumper.represent_scalar(f"{_TAG}str", text, style=style)


for _name, _pattern, _first in _WORDS:
    _Loader.add_implicit_resolver(
        _TAG + _name, _pattern, list(_first.replace("\0", "")) + ([""] if "\0" in _first else [])
    )
    # Beside 1.1's: a text that either version would take for something else is quoted.
    _Dumper.add_implicit_resolver(_TAG + _name, _pattern, list(_first.replace("\0", "")))
_Dumper.add_representer(str, _write_text)
_Dumper.add_representer(Line, _write_line)
_Dumper.add_representer(list, _write_list)
_Dumper.add_representer(tuple, _write_list)


def load(text: str) -> dict[str, Any]:
    """The one mapping that the text holds: JSON's types only. Raises `Invalid` that names line and column."""
    if len(text) > MAX_CHARS:
        raise Invalid([Problem("", f"The text has {len(text)} characters; the most is {MAX_CHARS}.")])
    try:
        # A SafeLoader with fewer tags than PyYAML's own.
        found = yaml.load(text, Loader=_Loader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        raise Invalid([Problem("", _at(error))]) from None
    except (yaml.YAMLError, ValueError, LookupError) as error:
        raise Invalid([Problem("", f"That is no YAML: {' '.join(str(error).split())}.")]) from None
    except RecursionError:
        raise Invalid([Problem("", "The text is nested too deeply.")]) from None
    if not isinstance(found, dict):
        raise Invalid([Problem("", "The text must be one mapping: lines such as “kind: sweep” and “name: My sweep”.")])
    return found


def check_storable(document: Mapping[str, Any]) -> None:
    """Raises `Invalid` for characters that no database keeps. Escapes make them in YAML and in JSON."""
    text = json.dumps(document, ensure_ascii=False)
    if "\\u0000" in text:
        raise Invalid([Problem("", "A NUL character can't be stored: take it out.")])
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Invalid([Problem("", "Half of a surrogate pair can't be stored: take it out.")]) from None


def dump(document: Mapping[str, Any], *, head: str, comments: Mapping[str, str]) -> str:
    """The text. `head` stands above it as a comment; `comments`: by top-level key, above that key."""
    parts = [f"# {line}\n" for line in head.splitlines()]
    for key, value in document.items():
        if key in comments:
            parts += [f"# {line}\n" for line in comments[key].splitlines()]
        parts.append(
            yaml.dump(
                {key: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=False
            )
        )
    return "".join(parts)


def _at(error: yaml.MarkedYAMLError) -> str:
    what = error.problem or error.context or "the text can't be read"
    if error.problem_mark is None:
        return f"That is no YAML: {what}."
    return f"Line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1}: {what}."


def _shown(key: yaml.Node) -> str:
    return str(key.value)[:40] if isinstance(key, yaml.ScalarNode) else "it"
