"""From a draft to the frozen spec."""

from runners.protocol.spec import SweepSpec
from sweeps.models import Sweep
from sweeps.services.drafts import read_draft
from sweeps.validation.problems import Problem, refuse
from sweeps.validation.sweep import Parts, build
from sweeps.validation.team import team_settings


def review(*, sweep: Sweep) -> tuple[SweepSpec | None, list[Problem]]:
    """What `freeze` would give, and everything that is wrong or odd; None when an error keeps the sweep from starting."""
    parts = Parts(read_draft(sweep), sweep.model, sweep.dataset_version, sweep.space, team_settings(sweep.team))
    return build(parts)


def freeze(*, sweep: Sweep) -> SweepSpec:
    """The sweep's spec, typed by the catalogue. Raises `sweeps.validation.Invalid` with every problem. Writes nothing."""
    spec, problems = review(sweep=sweep)
    refuse(problems)
    assert spec is not None  # without errors there is a spec
    return spec
