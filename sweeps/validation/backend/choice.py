"""One of a table's entries by name, with its options."""

from collections.abc import Mapping

from runners.optimizers.options import Option, filled
from runners.protocol.backends import NamedChoice
from runners.protocol.base import Scalar
from sweeps.validation.problems import Problem


def check_choice(path: str, role: str, choice: NamedChoice, kinds: Mapping[str, tuple[Option, ...]]) -> list[Problem]:
    """Name and options. `path`: of the choice in the spec; `role`: what people call it (“sampler”)."""
    options = kinds.get(choice.name)
    if options is None:
        message = f"{choice.name!r} is no {role}. Choose one of: {', '.join(kinds)}."
        return [Problem(f"{path}.name", message)]
    known = {option.name: option for option in options}
    problems = []
    for name, value in choice.options.items():
        try:
            check_option(role, choice.name, known, name, value)
        except ValueError as error:
            problems.append(Problem(f"{path}.options.{name}", str(error)))
    return problems


def check_option(role: str, kind: str, known: Mapping[str, Option], name: str, value: Scalar) -> Scalar:
    """The option's value, typed. Raises ValueError with a sentence that names the option."""
    if isinstance(value, int) and abs(value) >= 2**31:
        raise ValueError(f"{name} is too large a number.")
    options = [known[name]] if name in known else list(known.values())
    return filled(f"{role} {kind}", options, {name: value})[name]
