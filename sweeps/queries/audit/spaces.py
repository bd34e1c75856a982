"""The versions of a sweep's space are all there, and every trial was drawn from one of them."""

from typing import Final

from sweeps.models import SpaceVersion
from sweeps.queries.audit.finding import Finding, Findings
from sweeps.queries.audit.record import Record

RULE: Final = "spaces"


def check_spaces(record: Record) -> Findings:
    newest = record.sweep.space_version
    for trial in record.trials:
        if trial.space_version > newest:
            yield Finding(RULE, record.at(trial), f"it was drawn from space {trial.space_version}, of {newest}.")
    if newest == 1:
        return
    kept = dict(SpaceVersion.objects.filter(sweep=record.sweep).values_list("version", "space"))
    missing = [str(version) for version in range(1, newest + 1) if version not in kept]
    if missing:
        yield Finding(RULE, record.at(), f"version {', '.join(missing)} of its space is not kept.")
    elif kept[newest] != record.spec.get("space"):
        yield Finding(RULE, record.at(), "its spec has another space than its newest version.")
