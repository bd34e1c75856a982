"""Values that follow from drawn ones: lookups and formulas."""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from simpleeval import InvalidExpression, SimpleEval

from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, Derived, Formula, Lookup, SearchSpace

PROCESSES: Final = "processes"
DEVICE_BATCH: Final = "per_device_train_batch_size"
EFFECTIVE_BATCH: Final = "var.effective_batch_size"
FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "min": min,
    "max": max,
    "round": round,
    "int": int,
    "float": float,
    "abs": abs,
    "log": math.log,
    "sqrt": math.sqrt,
}

MAX_POWER: Final = 100
_LARGEST: Final = 2.0**63
_TOO_LARGE: Final = "the formula gives a number that is too large, or none at all."


class _TooLarge(ValueError):
    pass


def _power(base: float, exponent: float) -> Any:
    """Bounded: a formula is typed by anybody of the team, and judged at each key."""
    if abs(exponent) > MAX_POWER or abs(base) > _LARGEST:
        raise _TooLarge
    return base**exponent


OPERATORS: Final[dict[type[ast.AST], Callable[..., Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def resolved(space: SearchSpace, drawn: Mapping[str, Scalar], processes: int = 1) -> dict[str, Scalar]:
    """The drawn values, and after them the derived ones whose inputs are all there.

    `processes`: of one trial, which formulas may name. Raises ValueError that names the row and the mend.
    """
    values = dict(drawn)
    for row in space.derived:
        if inputs_of(row) <= set(values):
            values[row.name] = _value(row, space, values, processes)
    return values


def inputs_of(row: Derived) -> set[str]:
    """The parameters that a derived row reads. Raises ValueError for a formula that cannot be read."""
    if isinstance(row, Lookup):
        return {row.of}
    found: set[str] = set()
    try:
        tree = SimpleEval.parse(row.formula)
        _walk(tree, found)
    except (RecursionError, MemoryError):
        raise ValueError(f"{row.name}: the formula is too deep.") from None
    except (InvalidExpression, SyntaxError, ValueError) as error:
        raise ValueError(f"{row.name}: the formula cannot be read: {error}") from None
    return found - {PROCESSES}


def _walk(node: ast.AST, found: set[str]) -> None:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        found.add(f"{node.value.id}.{node.attr}")
    elif isinstance(node, ast.Name):
        found.add(node.id)
    elif isinstance(node, ast.Call):
        for argument in node.args:
            _walk(argument, found)
    else:
        for child in ast.iter_child_nodes(node):
            _walk(child, found)


def _value(row: Derived, space: SearchSpace, values: Mapping[str, Scalar], processes: int) -> Scalar:
    match row:
        case Lookup():
            source = next((known for known in space.parameters if known.name == row.of), None)
            if not isinstance(source, CategoricalParameter):
                raise ValueError(f"{row.name} goes with {row.of}, which is no row with choices.")
            return row.values[_index(source.choices, values[row.of])]
        case Formula():
            return _computed(row, values, processes)


def _index(choices: tuple[Scalar, ...], value: Scalar) -> int:
    return next(index for index, choice in enumerate(choices) if type(choice) is type(value) and choice == value)


def _computed(row: Formula, values: Mapping[str, Scalar], processes: int) -> Scalar:
    names: dict[str, Any] = {PROCESSES: processes}
    for name, value in values.items():
        place, dot, field = name.partition(".")
        if dot:
            names.setdefault(place, {})[field] = value
        else:
            names[name] = value
    try:
        result = SimpleEval(operators=OPERATORS, functions=FUNCTIONS, names=names).eval(row.formula)
    except ZeroDivisionError:
        raise ValueError(f"{row.name}: the formula divides by zero.") from None
    except _TooLarge:
        raise ValueError(f"{row.name}: {_TOO_LARGE}") from None
    except (RecursionError, MemoryError):
        raise ValueError(f"{row.name}: the formula is too deep.") from None
    except (InvalidExpression, ValueError, TypeError, OverflowError, ArithmeticError, SyntaxError, KeyError) as error:
        raise ValueError(f"{row.name}: the formula cannot be computed: {error}") from None
    if isinstance(result, bool) or not isinstance(result, int | float):
        raise ValueError(f"{row.name}: the formula gives no number.")
    if not abs(result) < _LARGEST:  # nor is NaN
        raise ValueError(f"{row.name}: {_TOO_LARGE}")
    return result


def effective_batch(sizes: tuple[int, ...] = (32, 64, 128)) -> tuple[CategoricalParameter, Formula]:
    """Rows that search how many examples a step sees: drawn, and made up of batch × accumulation × processes.

    `per_device_train_batch_size`, drawn or not, has to be a row of the space.
    """
    drawn = CategoricalParameter(name=EFFECTIVE_BATCH, choices=sizes)
    formula = f"max(1, {EFFECTIVE_BATCH} // ({DEVICE_BATCH} * {PROCESSES}))"
    return drawn, Formula(name="gradient_accumulation_steps", formula=formula)
