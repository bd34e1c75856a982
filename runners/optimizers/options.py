"""Options of samplers, pruners, schedulers … as data, so that a form, a check and the constructor read the same lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from runners.protocol.base import Scalar

OptionType = Literal["int", "float", "bool", "choice"]


@dataclass(frozen=True)
class Option:
    """One keyword of a constructor. `minimum` and `maximum` are inclusive; None is no bound. `choices`: of a "choice"."""

    name: str
    type: OptionType
    default: Scalar
    help: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


def filled(kind: str, options: Iterable[Option], given: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """All options with the given values, checked, over the defaults.

    `kind` is what the sentences call the owner, such as "sampler tpe". Raises ValueError for an unknown name, a wrong
    type or a value out of bounds.
    """
    known = {option.name: option for option in options}
    unknown = sorted(set(given) - set(known))
    if unknown:
        offered = ", ".join(known) or "none"
        raise ValueError(f"{kind} has no option {', '.join(unknown)}. Its options: {offered}.")
    return {name: _checked(kind, option, given.get(name, option.default)) for name, option in known.items()}


def _checked(kind: str, option: Option, value: Scalar) -> Scalar:
    if value is None and option.default is None:
        return None
    if option.type == "bool":
        if not isinstance(value, bool):
            raise ValueError(f"{kind}: {option.name} must be true or false.")
        return value
    if option.type == "choice":
        if value not in option.choices:
            raise ValueError(f"{kind}: {option.name} must be one of {', '.join(option.choices)}.")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{kind}: {option.name} must be a number.")
    if option.type == "int" and not isinstance(value, int):
        raise ValueError(f"{kind}: {option.name} must be a whole number.")
    if option.minimum is not None and value < option.minimum:
        raise ValueError(f"{kind}: {option.name} must be {option.minimum:g} or more.")
    if option.maximum is not None and value > option.maximum:
        raise ValueError(f"{kind}: {option.name} must be {option.maximum:g} or less.")
    return float(value) if option.type == "float" else value
