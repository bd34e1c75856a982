"""Confirm the best: a sweep that repeats the best trials of another with further seeds."""

from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from runners.protocol.backends import NamedChoice, OptunaBackend
from runners.protocol.base import Scalar
from runners.protocol.script import is_script
from runners.protocol.space import IntParameter, SearchSpace
from runners.protocol.spec import Budget, SweepSpec
from runners.protocol.states import SweepState, TrialState
from sweeps.models import Sweep, Trial
from sweeps.queries.pareto import pareto_numbers
from sweeps.services.acts import note
from sweeps.services.control import NotNow
from sweeps.services.schedule import schedule_on_commit
from sweeps.validation.naming import MAX_NAME
from sweeps.validation.params import check_params
from sweeps.validation.problems import Problem, refuse
from teams.models import User

MOST_SETS: Final = 20
MOST_SEEDS: Final = 50
SEED: Final = "seed"
SEEDS_END: Final = 2**32


@transaction.atomic
def confirm_sweep(*, sweep: Sweep, user: User | None, best: int, seeds: int) -> Sweep:
    """A queued sweep that trains the `best` different parameter sets of `sweep` once more with each of `seeds` seeds.

    Data, model, objectives and arguments are those of `sweep` as it was frozen; nothing is drawn and nothing pruned. The
    seeds are the same for every set, and none that the trials had. `Invalid` for numbers that make no sense or a trial
    that does not fit the space any more; NotNow where there is nothing to confirm.
    """
    refuse(_odd(best, seeds))
    if is_script(sweep.spec):
        raise NotNow("A person's own script trains this sweep: run it again with other seeds.")
    if not sweep.spec:
        raise NotNow("The sweep has not started, so there is nothing to confirm.")
    trials = best_trials(sweep, best)
    if not trials:
        raise NotNow("No trial is complete yet, so there is nothing to confirm.")
    spec = SweepSpec.model_validate(sweep.spec)
    used = Trial.objects.filter(sweep=sweep, seed__isnull=False).order_by().values_list("seed", flat=True).distinct()
    numbers = _seeds(spec, {seed for seed in used if seed is not None}, seeds)
    frozen = _frozen(spec, numbers, len(trials))
    assignments = _assignments(frozen, trials, numbers)
    child = Sweep.objects.create(
        requirements=sweep.requirements,
        team=sweep.team,
        created_by=user,
        confirms=sweep,
        name=_name(sweep, len(trials)),
        description="",
        model=sweep.model,
        dataset_version=sweep.dataset_version,
        space=None,
        spec=frozen.model_dump(mode="json"),
        n_trials=frozen.budget.n_trials,
        priority=sweep.priority,
        state=SweepState.QUEUED.value,
        queued_at=timezone.now(),
    )
    Trial.objects.bulk_create(
        Trial(
            sweep=child,
            number=number,
            params=params,
            state=TrialState.WAITING.value,
            origin="enqueued",
            made_by=user,
            repeats=trial,
        )
        for number, (trial, params) in enumerate(assignments)
    )
    note(child, "created", user=user, confirms=sweep.public_id)
    note(child, "started", user=user)
    told = [trial.number for trial in trials]
    note(sweep, "confirmation", user=user, numbers=told, seeds=seeds, name=child.name, child=child.public_id)
    schedule_on_commit()
    return child


def best_trials(sweep: Sweep, count: int) -> list[Trial]:
    """The best complete trials of different parameters, the best first; of several objectives those of the Pareto set,
    by the first."""
    objective: dict[str, Any] = ((sweep.spec or {}).get("objectives") or [{"direction": "minimize"}])[0]
    order = "-value" if objective["direction"] == "maximize" else "value"
    found = Trial.objects.filter(
        sweep=sweep, state=TrialState.COMPLETE.value, value__isnull=False, params__isnull=False
    )
    front = pareto_numbers(sweep)
    if front:
        found = found.filter(number__in=front)
    chosen: list[Trial] = []
    known: list[dict[str, Scalar]] = []
    for trial in found.order_by(order, "number").iterator(chunk_size=100):
        params = _without_seed(trial)
        if params not in known:
            known.append(params)
            chosen.append(trial)
        if len(chosen) == count:
            break
    return chosen


def _odd(best: int, seeds: int) -> list[Problem]:
    problems = []
    if not 1 <= best <= MOST_SETS:
        problems.append(Problem("best", f"Repeat from 1 to {MOST_SETS} trials, not {best}."))
    if not 2 <= seeds <= MOST_SEEDS:
        problems.append(
            Problem("seeds", f"Take from 2 to {MOST_SEEDS} seeds, not {seeds}: one tells nothing of chance.")
        )
    return problems


def _without_seed(trial: Trial) -> dict[str, Scalar]:
    return {name: value for name, value in (trial.params or {}).items() if name != SEED}


def _seeds(spec: SweepSpec, used: set[int], count: int) -> list[int]:
    """Counted up from the sweep's own, without those that its trials had: their values were chosen for being good."""
    found: list[int] = []
    candidate = spec.seed
    while len(found) < count:
        candidate = (candidate + 1) % SEEDS_END
        if candidate not in used:
            found.append(candidate)
    return found


def _frozen(spec: SweepSpec, seeds: Sequence[int], sets: int) -> SweepSpec:
    rows = [row for row in spec.space.parameters if row.name != SEED]
    seed = IntParameter(name=SEED, low=min(seeds), high=max(seeds))
    return spec.model_copy(
        update={
            "space": SearchSpace(parameters=(*rows, seed), derived=spec.space.derived),
            # Every trial is given, so the sampler has nothing to draw; a pruner would take the worse seeds out of the mean.
            "backend": OptunaBackend(sampler=NamedChoice(name="random"), pruner=NamedChoice(name="none")),
            "budget": Budget(n_trials=sets * len(seeds)),
            "keep_best": False,
        }
    )


def _assignments(
    spec: SweepSpec, trials: Sequence[Trial], seeds: Sequence[int]
) -> list[tuple[Trial, dict[str, Scalar]]]:
    """Seed by seed, so that a sweep which is stopped early has as many values of each set."""
    problems: list[Problem] = []
    found: list[tuple[Trial, dict[str, Scalar]]] = []
    for trial in trials:
        if trial.changes:
            problems.append(
                Problem(
                    "best",
                    f"Trial {trial.number} had its parameters changed while it trained, which cannot be repeated: take fewer "
                    "trials, or add one with fixed values to the sweep first.",
                )
            )
            continue
        _, odd = check_params(spec.space, {**_without_seed(trial), SEED: seeds[0]}, spec.processes)
        if odd:
            problems.append(
                Problem("best", f"Trial {trial.number} does not fit the search space as it is now. {odd[0].message}")
            )
    refuse(problems)
    for seed in seeds:
        for trial in trials:
            values, _ = check_params(spec.space, {**_without_seed(trial), SEED: seed}, spec.processes)
            found.append((trial, values))
    return found


def _name(sweep: Sweep, count: int) -> str:
    suffix = f": the best {count} confirmed" if count > 1 else ": the best confirmed"
    return f"{sweep.name[: MAX_NAME - len(suffix)]}{suffix}"
