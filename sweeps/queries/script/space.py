"""The search space as code: what is drawn, what follows from it, and where each value goes."""

import ast
from collections.abc import Mapping

from runners.optimizers.derive import resolved
from runners.protocol.base import Scalar
from runners.protocol.catalogue import catalogue
from runners.protocol.catalogue.shapes import Field
from runners.protocol.catalogue.values import typed
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
from runners.protocol.spec import ConfigModel, FieldValue, SweepSpec
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
    """Whether the row acts, as code. Typed: 1, 1.0 and true are equal in Python, but print differently."""
    assert row.when is not None
    name, values = row.when.name, row.when.values
    if any(isinstance(value, int | float) for value in values):
        return f"repr(params.get({name!r})) in {literal(tuple(map(repr, values)))}"
    return f"params.get({name!r}) in {literal(values)}"


def following(spec: SweepSpec) -> str:
    """`def complete(params)`: the drawn values with those that follow from them, typed as their fields are."""
    space = spec.space
    lines = ["def complete(params):", "    params = dict(params)"]
    for row in space.derived:
        needed = sorted(inputs_of(row))
        test = " and ".join(f"{name!r} in params" for name in needed)
        line = f"params[{row.name!r}] = {_value(row, spec)}"
        lines += [f"    if {test}:", f"        {line}"] if needed else [f"    {line}"]
    return "\n".join([*lines, "    return params"])


def completed(spec: SweepSpec, drawn: Mapping[str, Scalar]) -> dict[str, FieldValue]:
    """What `complete` gives for these drawn values."""
    values: dict[str, FieldValue] = dict(resolved(spec.space, drawn, spec.processes))
    for row in spec.space.derived:
        field = field_for(row.name, spec)
        if field is not None and row.name in values:
            values[row.name] = typed(field, values[row.name])
    return values


def field_for(name: str, spec: SweepSpec) -> Field | None:
    """The field in which a parameter acts."""
    model_type = spec.model.model_type if isinstance(spec.model, ConfigModel) else None
    return catalogue().field(name, task=spec.task, model_type=model_type)


def inputs_of(row: Derived) -> set[str]:
    """The names that a derived row reads."""
    if isinstance(row, Lookup):
        return {row.of}
    return _Names().of(row.formula)


def _value(row: Derived, spec: SweepSpec) -> str:
    field = field_for(row.name, spec)
    match row:
        case Lookup():
            source = next(known for known in spec.space.parameters if known.name == row.of)
            assert isinstance(source, CategoricalParameter)
            values = [value if field is None else typed(field, value) for value in row.values]
            if len(set(source.choices)) == len(source.choices):
                return f"{dict(zip(source.choices, values, strict=True))!r}[params[{row.of!r}]]"
            table = dict(zip(map(repr, source.choices), values, strict=True))
            return f"{table!r}[repr(params[{row.of!r}])]"
        case Formula():
            tree = ast.parse(row.formula, mode="eval")
            code = ast.unparse(_Subscripts(spec.processes).visit(tree))
            return f"{field.type}({code})" if field is not None and field.type in {"int", "float"} else code


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
