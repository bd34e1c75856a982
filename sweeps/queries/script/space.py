"""The search space as code: what is drawn, what follows from it, and where each value goes."""

import ast

from runners.protocol.space import (
    CategoricalParameter,
    Derived,
    FloatParameter,
    Formula,
    IntParameter,
    Lookup,
    Parameter,
    SearchSpace,
)
from sweeps.queries.script.writer import literal


def drawing(space: SearchSpace) -> str:
    """`def draw(trial)`: Optuna's suggestions, in the order of the rows, which is part of the seed."""
    lines = ["def draw(trial):", "    params = {}"]
    for row in space.parameters:
        line = f"params[{row.name!r}] = {suggestion(row)}"
        if row.when is None:
            lines.append(f"    {line}")
        else:
            lines += [f"    if {condition(row)}:", f"        {line}"]
    return "\n".join([*lines, "    return params"])


def suggestion(row: Parameter) -> str:
    """The row's call of `trial.suggest_…`."""
    match row:
        case FloatParameter() | IntParameter():
            kind = "float" if isinstance(row, FloatParameter) else "int"
            more = ", log=True" if row.log else ""
            if row.step is not None and (kind == "float" or row.step != 1):
                more += f", step={row.step!r}"
            return f"trial.suggest_{kind}({row.name!r}, {row.low!r}, {row.high!r}{more})"
        case CategoricalParameter():
            return f"trial.suggest_categorical({row.name!r}, {literal(row.choices)})"


def condition(row: Parameter) -> str:
    assert row.when is not None
    return f"params.get({row.when.name!r}) in {literal(row.when.values)}"


def following(space: SearchSpace, processes: int) -> str:
    """`def complete(params)`: the drawn values with those that follow from them."""
    lines = ["def complete(params):", "    params = dict(params)"]
    for row in space.derived:
        needed = sorted(inputs_of(row))
        test = " and ".join(f"{name!r} in params" for name in needed)
        line = f"params[{row.name!r}] = {_value(row, space, processes)}"
        lines += [f"    if {test}:", f"        {line}"] if needed else [f"    {line}"]
    return "\n".join([*lines, "    return params"])


def inputs_of(row: Derived) -> set[str]:
    """The names that a derived row reads."""
    if isinstance(row, Lookup):
        return {row.of}
    return _Names().of(row.formula)


def _value(row: Derived, space: SearchSpace, processes: int) -> str:
    match row:
        case Lookup():
            source = next(known for known in space.parameters if known.name == row.of)
            assert isinstance(source, CategoricalParameter)
            table = dict(zip(source.choices, row.values, strict=True))
            return f"{table!r}[params[{row.of!r}]]"
        case Formula():
            tree = ast.parse(row.formula, mode="eval")
            return ast.unparse(_Subscripts(processes).visit(tree))


def _dotted(node: ast.expr) -> str | None:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute(value=ast.Name(id=place), attr=field):
            return f"{place}.{field}"
        case _:
            return None


class _Subscripts(ast.NodeTransformer):
    """Names of parameters → `params['name']`; functions stay."""

    def __init__(self, processes: int) -> None:
        self._processes = processes

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.args = [self.visit(argument) for argument in node.args]
        if _dotted(node.func) in {"sqrt", "log"}:
            node.func = ast.Attribute(ast.Name("math", ast.Load()), str(_dotted(node.func)), ast.Load())
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._named(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return self._named(node)

    def _named(self, node: ast.Name | ast.Attribute) -> ast.AST:
        name = _dotted(node)
        if name == "processes":
            return ast.Constant(self._processes)
        return ast.Subscript(ast.Name("params", ast.Load()), ast.Constant(name), ast.Load())


class _Names(ast.NodeVisitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def of(self, formula: str) -> set[str]:
        self.visit(ast.parse(formula, mode="eval"))
        return self.names - {"processes"}

    def visit_Call(self, node: ast.Call) -> None:
        for argument in node.args:
            self.visit(argument)

    def visit_Name(self, node: ast.Name) -> None:
        self.names.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.names.add(str(_dotted(node)))
