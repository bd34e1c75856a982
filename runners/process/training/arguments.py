"""The Trainer's arguments: what hpweb sets, what the spec fixes, and what a trial changes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import TrainingArguments

from runners.process.folder import Start
from runners.process.training.refusal import InvalidSpec, first_line
from runners.protocol.arguments import ALWAYS, UNLESS_FIXED
from runners.protocol.catalogue import catalogue
from runners.protocol.catalogue.values import typed
from runners.protocol.spec import SweepSpec


class Arguments:
    """Makes `TrainingArguments`, typed by the catalogue, and brings a Trainer's back to them before each trial.

    `first` are those without any search; a Trainer takes them for its own. `seed` is theirs.
    """

    def __init__(self, spec: SweepSpec, start: Start, output: Path) -> None:
        self._base: dict[str, Any] = {
            **UNLESS_FIXED,
            "seed": spec.seed,
            **_fixed(spec),
            **ALWAYS,
            "use_cpu": start.device == "cpu",
            "output_dir": str(output),
        }
        self.first = self.make({})
        self.seed = self.first.seed
        self._reset = {field.name: getattr(self.first, field.name) for field in catalogue().arguments}

    def make(self, searched: Mapping[str, Any]) -> TrainingArguments:
        """New arguments with these values. Raises what `TrainingArguments` raises."""
        arguments = TrainingArguments(**{**self._base, **searched})
        for field in catalogue().arguments:
            value = getattr(arguments, field.name)
            if field.type == "float" and field.searchable and type(value) is int:
                # The Trainer casts a searched value to the type it finds: 0 would cut 0.1 down to 0.
                setattr(arguments, field.name, float(value))
        return arguments

    def reset(self, arguments: TrainingArguments, output: Path) -> None:
        """Undo what an earlier trial left in `arguments`, and give the next one its folder."""
        for name, value in self._reset.items():
            setattr(arguments, name, value)
        arguments.output_dir = str(output)


def make_arguments(spec: SweepSpec, start: Start, output: Path) -> Arguments:
    """The arguments of a sweep. Raises `InvalidSpec` when transformers refuses the fixed ones."""
    try:
        return Arguments(spec, start, output)
    except (ValueError, TypeError, KeyError, NotImplementedError) as error:
        named = [name for name in spec.arguments if name in str(error)]
        raise InvalidSpec(f"arguments.{named[0]}" if named else "arguments", f"{first_line(error)}") from error


def _fixed(spec: SweepSpec) -> dict[str, Any]:
    fields = catalogue().arguments_by_name
    fixed: dict[str, Any] = {}
    for name, value in spec.arguments.items():
        if name not in fields:
            why = catalogue().managed.get(name, "TrainingArguments has no such field.")
            raise InvalidSpec(f"arguments.{name}", f"{name} cannot be set: {why}")
        try:
            fixed[name] = typed(fields[name], value)
        except ValueError as error:
            raise InvalidSpec(f"arguments.{name}", str(error)) from error
    return fixed
