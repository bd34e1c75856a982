"""Whether the best stay the best with other seeds: mean, interval and a test, of what a confirming sweep has repeated.

The interval is Student's t at 95 %; the test is Welch's, for two means of samples whose variances may differ (B. L. Welch,
Biometrika 34, 1947). The value that made a trial one of the best is shown and not counted: it was chosen for being good.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite, sqrt
from statistics import fmean, stdev
from typing import Any, Final

from runners.protocol.states import COUNTED_TRIAL, FINISHED_SWEEP, TrialState
from sweeps.models import Sweep, SweepAct, Trial

LEVEL: Final = 0.95
COUNTED: Final = frozenset(state.value for state in COUNTED_TRIAL)


@dataclass(frozen=True)
class Estimate:
    """Of `n` values. `low`, `high`: where the mean lies with 95 % confidence; None for fewer than two values."""

    n: int
    mean: float | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Drawn:
    """Where a page draws them, in 160ths of the width that all sets share."""

    mean: str
    low: str
    high: str
    values: list[str]


@dataclass(frozen=True)
class Repeated:
    """A parameter set. `trial`: the one that is repeated, None once it was deleted. `planned`: how many repeats there are.

    `before`: the value that made it one of the best. `failed`: repeats that ended without a value.
    """

    trial: Trial | None
    params: dict[str, Any]
    values: list[float]
    estimate: Estimate
    planned: int
    failed: int
    before: float | None
    drawn: Drawn | None = None


@dataclass(frozen=True)
class Confirmation:
    """`sets`: the best mean first. `says`: whether first and second can be told apart, in a sentence."""

    sweep: Sweep
    metric: str
    direction: str
    sets: list[Repeated]
    says: str
    over: bool


def confirmation(sweep: Sweep) -> Confirmation:
    """What a confirming sweep has found so far. Two queries."""
    objective = ((sweep.spec or {}).get("objectives") or [{"metric": "value", "direction": "minimize"}])[0]
    trials = Trial.objects.filter(sweep=sweep, origin="enqueued").select_related("repeats").order_by("number")
    if sweep.confirms_id is not None:
        trials = trials.filter(repeats__isnull=False)
    # Once what they repeat is deleted, equal parameters tell which belong together.
    groups: dict[str, list[Trial]] = {}
    for trial in trials.defer("intermediate", "traceback"):
        groups.setdefault(json.dumps(_without_seed(trial), sort_keys=True), []).append(trial)
    more = objective["direction"] == "maximize"
    sets = sorted((_repeated(found) for found in groups.values()), key=lambda one: _rank(one, more))
    over = sweep.state in {state.value for state in FINISHED_SWEEP}
    says = said(sets, over=over)
    return Confirmation(sweep, objective["metric"], objective["direction"], _drawn(sets), says, over)


def estimate(values: Sequence[float]) -> Estimate:
    """Mean, standard deviation (n − 1) and Student's interval at 95 %."""
    n = len(values)
    if n == 0:
        return Estimate(0)
    mean = fmean(values)
    if n == 1:
        return Estimate(1, mean)
    from scipy.stats import t

    sd = stdev(values)
    half = float(t.ppf((1 + LEVEL) / 2, n - 1)) * sd / sqrt(n)
    return Estimate(n, mean, sd, mean - half, mean + half)


def welch(one: Sequence[float], other: Sequence[float]) -> float | None:
    """The two-sided p-value of Welch's t-test; None for fewer than two values on a side. Without any spread: 1 or 0."""
    if len(one) < 2 or len(other) < 2:
        return None
    if max(one) == min(one) and max(other) == min(other):
        return 1.0 if one[0] == other[0] else 0.0
    from scipy.stats import ttest_ind

    return float(ttest_ind(one, other, equal_var=False).pvalue)


def said(sets: Sequence[Repeated], *, over: bool) -> str:
    """First against second."""
    if len(sets) < 2:
        return "There is one parameter set only, so nothing to tell apart." if sets else ""
    first, second = sets[0], sets[1]
    p = welch(first.values, second.values)
    if p is None:
        missing = "ended with too few values" if over else "have too few values yet"
        return f"First and second {missing} to be told apart: each needs two seeds or more."
    names = f"{_name(first)} and {_name(second)}"
    difference = abs((first.estimate.mean or 0.0) - (second.estimate.mean or 0.0))
    shown = f"p = {p:.2g}" if p >= 0.001 else "p < 0.001"
    so_far = "" if over else " so far"
    if p >= 1 - LEVEL:
        return (
            f"{_capital(names)} cannot be told apart{so_far}: their means differ by {difference:.3g}, and chance alone gives as "
            f"much or more in {100 * p:.0f} of 100 such comparisons (Welch's t-test, {shown}). Take the cheaper one, or "
            "repeat them with more seeds."
        )
    return (
        f"{_capital(_name(first))} is better than {_name(second)}{so_far}: their means differ by {difference:.3g}, which chance "
        f"alone seldom gives (Welch's t-test, {shown})."
    )


def confirmations(sweep: Sweep) -> list[Confirmation]:
    """Of a confirming sweep its own, else those of the sweeps that confirm this one, the newest first."""
    if sweep.confirms_id is not None or _confirmed(sweep):
        return [confirmation(sweep)]
    children = Sweep.objects.filter(confirms=sweep).select_related("confirms").order_by("-created_at", "-pk")
    return [confirmation(child) for child in children]


def _confirmed(sweep: Sweep) -> bool:
    """Whether it was made to confirm a sweep that is deleted now."""
    return SweepAct.objects.filter(sweep=sweep, verb="created", detail__has_key="confirms").exists()


def _without_seed(trial: Trial) -> dict[str, Any]:
    return {name: value for name, value in (trial.params or {}).items() if name != "seed"}


def _repeated(trials: list[Trial]) -> Repeated:
    source = trials[0].repeats
    complete = [trial.value for trial in trials if trial.state == TrialState.COMPLETE.value]
    values = [value for value in complete if value is not None and isfinite(value)]
    failed = sum(trial.state in COUNTED for trial in trials) - len(values)
    before = source.value if source else None
    return Repeated(source, _without_seed(trials[0]), values, estimate(values), len(trials), failed, before)


def _drawn(sets: Sequence[Repeated]) -> list[Repeated]:
    ends = [end for one in sets for end in (*one.values, one.estimate.low, one.estimate.high) if end is not None]
    if not ends:
        return list(sets)
    low, width = min(ends), (max(ends) - min(ends)) or 1.0

    def at(value: float) -> str:
        return f"{4 + 152 * (value - low) / width:.1f}"

    found = []
    for one in sets:
        mean = one.estimate.mean
        if mean is None:
            found.append(one)
            continue
        lowest = mean if one.estimate.low is None else one.estimate.low
        highest = mean if one.estimate.high is None else one.estimate.high
        drawn = Drawn(at(mean), at(lowest), at(highest), [at(value) for value in one.values])
        found.append(replace(one, drawn=drawn))
    return found


def _rank(one: Repeated, more: bool) -> tuple[bool, float, int]:
    """Sets without a value last; equal means in the order of the trials."""
    mean = one.estimate.mean
    return mean is None, 0.0 if mean is None else -mean if more else mean, one.trial.number if one.trial else 0


def _name(one: Repeated) -> str:
    return f"trial {one.trial.number}" if one.trial else "a trial that was deleted"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
