"""The script of a sweep or of one of its trials, from what the database has."""

from runners.protocol.spec import SweepSpec
from runners.protocol.states import JobState
from sweeps.models import Job, Sweep, Trial
from sweeps.queries.script.sweep import sweep_script, trial_script


def script_of(sweep: Sweep, spec: SweepSpec, trial: Trial | None = None) -> str:
    """The text. Raises `NoScript`."""
    found = versions(sweep)
    if trial is None:
        return sweep_script(spec, name=sweep.name, versions=found)
    return trial_script(spec, trial.params or {}, name=sweep.name, number=trial.number, versions=found)


def versions(sweep: Sweep) -> dict[str, str]:
    """Package → version, as the runner told them that took the sweep last."""
    jobs = Job.objects.filter(sweep=sweep).exclude(state__in=[JobState.OFFERED.value, JobState.RELEASED.value])
    job = jobs.order_by("-pk").first()
    told = job.facts.get("versions", {}) if job else {}
    return {str(name): str(version) for name, version in told.items()}
