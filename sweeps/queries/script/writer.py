"""A Python text that grows: what it imports, and its sections in order."""

from textwrap import dedent
from typing import Any, Final

import black

_STANDARD: Final = frozenset(
    {"collections", "contextlib", "functools", "io", "json", "math", "os", "pathlib", "re", "string"}
)
WIDTH: Final = 110


class Writer:
    """Collects imports and code; `text` puts them together."""

    def __init__(self) -> None:
        self._modules: set[str] = set()
        self._names: dict[str, set[str]] = {}
        self._body: list[str] = []

    def use(self, module: str, *names: str) -> None:
        """`import module` (perhaps `numpy as np`), or `from module import names`."""
        if names:
            self._names.setdefault(module, set()).update(names)
        else:
            self._modules.add(module)

    def modules(self) -> frozenset[str]:
        """The packages that are imported, by their first name."""
        names = (*(name.split()[0] for name in self._modules), *self._names)
        return frozenset(name.partition(".")[0] for name in names)

    def add(self, code: str) -> None:
        """A section; its own indentation is taken away."""
        self._body.append(dedent(code).strip("\n"))

    def text(self, docstring: str) -> str:
        """The whole script."""
        raw = f'"""{docstring}"""\n\n{self._imports()}\n\n' + "\n\n".join(self._body) + "\n"
        return black.format_str(raw, mode=black.Mode(line_length=WIDTH))

    def _imports(self) -> str:
        lines = [(name.split()[0], f"import {name}") for name in self._modules]
        for module, names in self._names.items():
            listed = ", ".join(sorted(names))
            line = f"from {module} import {listed}"
            if len(line) > WIDTH:
                line = f"from {module} import (\n" + "".join(f"    {name},\n" for name in sorted(names)) + ")"
            lines.append((module, line))
        ordered = sorted(lines, key=lambda line: (not line[1].startswith("import"), line[0]))
        first = [line for module, line in ordered if module.split(".")[0] in _STANDARD]
        second = [line for module, line in ordered if module.split(".")[0] not in _STANDARD]
        return "\n\n".join("\n".join(part) for part in (first, second) if part)


def literal(value: Any) -> str:
    """A value as Python reads it. Numbers print as short as they are read back whole."""
    return repr(list(value)) if isinstance(value, tuple) else repr(value)


def keywords(values: dict[str, Any], indent: str = "    ") -> str:
    """`name=value,` a line."""
    return "\n".join(f"{indent}{name}={literal(value)}," for name, value in values.items())
