"""A SigOpt experiment definition as people have it: JSON, YAML, or the Python that made it."""

import ast
from typing import Any, Final

import yaml

MAX_CHARS: Final = 200_000
_CALLS: Final = frozenset({"create_experiment", "create_aiexperiment", "create"})


class NotADefinition(ValueError):
    """The text is no definition; the message says what is wrong and where."""


def read_definition(text: str) -> dict[str, Any]:
    """The definition's fields. Raises `NotADefinition`.

    Python is read, never executed: a dictionary of literals, or one call of `create_experiment` with literals.
    """
    if not text.strip():
        raise NotADefinition("Paste a definition: JSON, YAML, or the dictionary given to create_experiment.")
    if len(text) > MAX_CHARS:
        raise NotADefinition(f"The definition is longer than {MAX_CHARS:,} characters.")
    found = _python(text)
    if found is None:
        found = _yaml(text)
    if not isinstance(found, dict):
        raise NotADefinition("A definition is a set of names and values, with “parameters” among them.")
    inner = found.get("experiment", found)
    fields = inner if isinstance(inner, dict) else found
    if not isinstance(fields.get("parameters"), list | dict):
        raise NotADefinition("The definition has no “parameters”.")
    return {str(name): value for name, value in fields.items()}


def _yaml(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise NotADefinition(f"Line {line} is neither JSON nor YAML nor Python: {error.problem}.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise NotADefinition(f"This is neither JSON nor YAML nor Python: {error}.") from None


def _python(text: str) -> Any:
    """The value of a dictionary, or the keywords of a call; None where the text is no Python of that kind."""
    try:
        tree = ast.parse(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in _CALLS:
            return _call(node)
    for statement in tree.body:
        value = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
        if isinstance(value, ast.Dict):
            return _literal(value)
    return None


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _call(node: ast.Call) -> dict[str, Any]:
    if node.args and isinstance(node.args[0], ast.Dict):
        found = _literal(node.args[0])
        return found if isinstance(found, dict) else {}
    values: dict[str, Any] = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            values |= _literal(keyword.value)
        else:
            values[keyword.arg] = _literal(keyword.value)
    return values


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.Call) and _name(node.func) == "dict" and not node.args:
        return {str(keyword.arg): _literal(keyword.value) for keyword in node.keywords}
    if isinstance(node, ast.List | ast.Tuple):
        return [_literal(item) for item in node.elts]
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {_literal(key): _literal(value) for key, value in pairs if key is not None}
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        line = getattr(node, "lineno", 1)
        raise NotADefinition(f"Line {line} is no plain value: write the value itself there.") from None
