"""A whole sweep: from the draft and the library's parts to the spec, or to what keeps it from starting."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from runners.protocol.catalogue import Task, catalogue
from runners.protocol.space import SearchSpace
from runners.protocol.spec import DataSource, ModelSource, ProcessorSource, SweepSpec
from sweeps.models import DatasetVersion, Model
from sweeps.models import SearchSpace as SpaceRow
from sweeps.validation.arguments import check_together, typed_arguments, typed_settings
from sweeps.validation.backend.check import check_backend, most_trials
from sweeps.validation.backend.searched import Searched
from sweeps.validation.draft import Draft
from sweeps.validation.extremes import check_extremes
from sweeps.validation.frozen import frozen_arguments, frozen_budget
from sweeps.validation.model import check_model, typed_source
from sweeps.validation.objectives import check_objectives
from sweeps.validation.problems import Problem, errors_of, from_pydantic
from sweeps.validation.requirements import check_requirements
from sweeps.validation.space import check_space
from sweeps.validation.spread import check_spread
from sweeps.validation.team import TeamSettings

SOURCE: TypeAdapter[ModelSource] = TypeAdapter(ModelSource)
PROCESSOR: TypeAdapter[ProcessorSource] = TypeAdapter(ProcessorSource)
DATA: TypeAdapter[DataSource] = TypeAdapter(DataSource)
TAGS = (
    "hub",
    "folder",
    "config",
    "model",
    "trained",
    "new",
    "artifact",
    "float",
    "int",
    "categorical",
    "optuna",
    "ray",
    "wandb",
)
MAX_CHILDREN = 64
MAX_THREADS = 256
MAX_TIMEOUT_S = 6e7


@dataclass(frozen=True)
class Parts:
    """What a sweep is made of. None: not chosen yet."""

    draft: Draft
    model: Model | None = None
    version: DatasetVersion | None = None
    space: SpaceRow | None = None
    team: TeamSettings = field(default_factory=TeamSettings)

    @property
    def task(self) -> str:
        """The model's task, else the data's, else the space's; empty when nothing decides it."""
        if self.model:
            return self.model.task
        if self.version:
            return self.version.dataset.task
        return self.space.task if self.space else ""


def build(parts: Parts) -> tuple[SweepSpec | None, list[Problem]]:
    """The spec with every value typed by the catalogue, or None, with all that is wrong.

    Paths are the spec's (`budget.n_trials`, `arguments.learning_rate`), and `model`, `data`, `space` and
    `space.<parameter>` for the parts.
    """
    reader = _Reader(parts)
    if errors_of(reader.problems) or reader.task is None:
        return None, reader.problems
    try:
        return reader.spec(), reader.problems
    except ValidationError as error:  # The contract has the last word.
        return None, [*reader.problems, *from_pydantic(error, tags=TAGS)]


class _Reader:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.draft = draft = parts.draft
        self.problems: list[Problem] = []
        self.task = self._task()
        self.source, self.processor = self._model()
        self.data = self._data()
        self.arguments, found = typed_arguments(draft.arguments)
        self.problems += found
        self.settings = dict(draft.data_settings)
        if self.task is not None:
            self.settings, found = typed_settings(self.task, draft.data_settings)
            self.problems += found
        self.space = self._space()
        self.problems += check_objectives(parts.task, draft.objectives)
        self.problems += check_together(self.arguments, self.settings, self.space)
        self.problems += check_backend(draft.backend, self._searched())
        self.problems += check_spread(draft, parts.team)
        self.problems += check_requirements(draft.requirements, dict(parts.team.runners))
        self.problems += self._budget()
        if self.source is not None and self.space is not None and not errors_of(self.problems):
            self.problems += check_extremes(self.source, self.space, self.settings, draft.processes)

    def _searched(self) -> Searched:
        draft = self.draft
        return Searched(
            self.space,
            draft.objectives,
            self.arguments,
            draft.budget.n_trials,
            1 if draft.children == "auto" else draft.children,
            draft.processes,
            self.parts.team,
        )

    def spec(self) -> SweepSpec:
        draft = self.draft
        # Each is there, or one of the problems would say so.
        assert self.source is not None
        assert self.processor is not None
        assert self.data is not None
        assert self.space is not None
        return SweepSpec.model_validate(
            {
                "task": self.parts.task,
                "model": self.source.model_dump(),
                "processor": self.processor.model_dump(),
                "data": self.data.model_dump(),
                "data_settings": self.settings,
                "space": self.space.model_dump(),
                "objectives": [objective.model_dump() for objective in draft.objectives],
                "backend": draft.backend.model_dump(),
                "lora": draft.lora.model_dump() if draft.lora else None,
                "budget": frozen_budget(draft, self.space).model_dump(),
                "arguments": frozen_arguments(draft.backend, self.arguments),
                "seed": draft.seed,
                "sampler_seed": draft.sampler_seed,
                "threads": draft.threads,
                "children": draft.children,
                "max_children": draft.max_children,
                "processes": draft.processes,
                "report_to": list(draft.report_to),
                # Of several best trials none is the one to keep.
                "keep_best": draft.keep_best and len(draft.objectives) == 1,
                "checkpoints": draft.checkpoints.model_dump(),
            }
        )

    def _bad(self, path: str, message: str, *, warning: bool = False) -> None:
        self.problems.append(Problem(path, message, warning))

    def _task(self) -> Task | None:
        parts = self.parts
        if parts.model is None:
            self._bad("model", "Choose a model.")
        if parts.version is None:
            self._bad("data", "Choose a data set version.")
        if parts.model and parts.version and parts.model.task != parts.version.dataset.task:
            self._bad(
                "data",
                f"{parts.version.dataset.name} is for {_label(parts.version.dataset.task)}, {parts.model.name} for "
                f"{_label(parts.model.task)}: choose two of the same task.",
            )
        if parts.space and parts.draft.space is None and parts.space.task not in ("", parts.task):
            self._bad(
                "space",
                f"{parts.space.name} is for {_label(parts.space.task)}: choose a space for {_label(parts.task)}.",
            )
        return catalogue().task(parts.task)

    def _model(self) -> tuple[ModelSource | None, ProcessorSource | None]:
        model = self.parts.model
        if model is None:
            return None, None
        try:
            source, processor = SOURCE.validate_python(model.source), PROCESSOR.validate_python(model.processor)
        except ValidationError as error:
            self.problems += from_pydantic(error, "model", TAGS)
            return None, None
        found = check_model(model.task, source, processor)
        self.problems += [Problem(f"model.{problem.path}", problem.message, problem.warning) for problem in found]
        return (source if found else typed_source(source)), processor

    def _data(self) -> DataSource | None:
        if self.parts.version is None:
            return None
        try:
            return DATA.validate_python(self.parts.version.spec)
        except ValidationError as error:
            self.problems += from_pydantic(error, "data", TAGS)
            return None

    def _space(self) -> SearchSpace | None:
        row, own = self.parts.space, self.draft.space
        if own is None and row is None:
            self._bad("space", "Choose a search space.")
            return None
        try:
            space = own or SearchSpace.model_validate(row.space if row else {})
        except ValidationError as error:
            self.problems += from_pydantic(error, "space", TAGS)
            return None
        checked, found = check_space(space, task=self.parts.task, source=self.source, processes=self.draft.processes)
        for problem in found:
            self._bad(_space_path(space, problem.path), problem.message, warning=problem.warning)
        return checked

    def _budget(self) -> Iterator[Problem]:
        draft, budget = self.draft, self.draft.budget
        if draft.checkpoints.every == "evaluation" and self.arguments.get("eval_strategy", "no") == "no":
            message = "Nothing is evaluated while a trial trains, so no checkpoint is kept: choose every N steps."
            yield Problem("checkpoints", message, warning=True)
        if budget.n_trials is None:
            yield Problem("budget.n_trials", "Give the number of trials.")
            return
        if budget.n_trials > 100_000:
            yield Problem("budget.n_trials", "The most is 100000 trials.")
        combinations = self.space.combinations() if self.space else None
        if combinations is not None and budget.n_trials > combinations:
            once = self.space is not None and most_trials(draft.backend, self.space) is not None
            message = (
                f"The space has only {combinations} different trials, and each comes once: there will be {combinations}."
                if once
                else f"The space has only {combinations} different trials, so some of the {budget.n_trials} come twice."
            )
            yield Problem("budget.n_trials", message, warning=True)
        if budget.max_failed_trials is not None and budget.max_failed_trials > budget.n_trials:
            message = f"There are {budget.n_trials} trials in all, so the sweep never fails by this limit."
            yield Problem("budget.max_failed_trials", message, warning=True)
        if budget.timeout_s is not None and not budget.timeout_s <= MAX_TIMEOUT_S:
            yield Problem("budget.timeout_s", "The longest timeout is 60,000,000 seconds. Leave it empty for no limit.")
        if draft.children == "auto":
            yield from _packed(draft)
        elif draft.children > MAX_CHILDREN:
            yield Problem("children", f"The most is {MAX_CHILDREN} trials at a time.")
        elif draft.children > budget.n_trials:
            yield Problem(
                "children", f"There are {budget.n_trials} trials in all, so no more run at a time.", warning=True
            )
        if draft.threads > MAX_THREADS:
            yield Problem("threads", f"The most is {MAX_THREADS} threads.")


def _packed(draft: Draft) -> Iterator[Problem]:
    """What stands against a number of trials at a time that the runner finds."""
    if draft.backend.name == "ray":
        yield Problem("children", "Ray must know how many trials run at a time: give a number instead of auto.")
    elif draft.processes > 1:
        message = "Trials of several processes train one at a time with auto: give a number for more."
        yield Problem("children", message, warning=True)
    if draft.max_children is not None and draft.max_children > MAX_CHILDREN:
        yield Problem("max_children", f"The most is {MAX_CHILDREN} trials at a time.")


def _space_path(space: SearchSpace, path: str) -> str:
    """`parameters.0.low` → `space.learning_rate`: on the sweep's page a row is known by its name."""
    parts = path.split(".")
    if len(parts) > 1 and parts[1].isdigit():
        rows = space.derived if parts[0] == "derived" else space.parameters
        return f"space.{rows[int(parts[1])].name}"
    return "space"


def _label(task: str) -> str:
    entry = catalogue().task(task)
    return entry.label.lower() if entry else task
