"""What is wrong with an input: where, and how to mend it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from pydantic import ValidationError


@dataclass(frozen=True)
class Problem:
    """`path` names the field, dotted, as in the JSON (`budget.n_trials`, `parameters.0.low`, `space.seed`).

    A warning is shown and refuses nothing.
    """

    path: str
    message: str
    warning: bool = False


class Invalid(Exception):
    """An input was refused. `problems` holds at least one error; warnings may stand beside it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.path}: {problem.message}" for problem in self.problems))

    def fields(self) -> dict[str, list[str]]:
        """Path → sentences, for the API's error envelope."""
        found: dict[str, list[str]] = {}
        for problem in self.errors():
            found.setdefault(problem.path, []).append(problem.message)
        return found

    def errors(self) -> tuple[Problem, ...]:
        return errors_of(self.problems)


def errors_of(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems that refuse."""
    return tuple(problem for problem in problems if not problem.warning)


def refuse(problems: Iterable[Problem]) -> None:
    """Raise `Invalid` when one of the problems is an error."""
    found = tuple(problems)
    if errors_of(found):
        raise Invalid(found)


def from_pydantic(error: ValidationError, prefix: str = "", tags: Collection[str] = ()) -> list[Problem]:
    """One problem for each error of a contract's shape.

    pydantic puts a union's tag into the path (`source.hub.id`); `tags` are the words to leave out.
    """
    problems = []
    for entry in error.errors(include_url=False, include_context=False):
        parts = [str(part) for part in entry["loc"] if part not in tags]
        path = ".".join(part for part in [prefix, *parts] if part)
        problems.append(Problem(path, _sentence(entry["msg"])))
    return problems


def _sentence(message: str) -> str:
    text = message.removeprefix("Value error, ")
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."
