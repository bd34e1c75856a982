"""The audit of one sweep, and of everything."""

from django.db import transaction

from sweeps.models import Sweep
from sweeps.queries.audit.artifacts import check_artifacts
from sweeps.queries.audit.counts import check_counts
from sweeps.queries.audit.curves import check_curves
from sweeps.queries.audit.finding import Finding
from sweeps.queries.audit.journals import Journals, check_journals
from sweeps.queries.audit.record import read
from sweeps.queries.audit.spaces import check_spaces
from sweeps.queries.audit.states import check_states


def audit(*, at_rest: bool = False, artifacts: bool = True, hashes: bool = True) -> list[Finding]:
    """Every broken promise that can be seen; empty when all is well. Works beside a running server.

    `at_rest`: every sweep and job should have ended, and one that has not is a finding too. `artifacts`: look at the
    store; `hashes`: and read its files.
    """
    found = [
        finding
        for pk in Sweep.objects.order_by("pk").values_list("pk", flat=True)
        for finding in audit_sweep(pk, at_rest=at_rest)
    ]
    return [*found, *(check_artifacts(hashes=hashes) if artifacts else ())]


def audit_sweep(pk: int, *, at_rest: bool = False) -> list[Finding]:
    """The findings of one sweep. It is locked meanwhile, so nothing is seen half-way."""
    with transaction.atomic():
        sweep = Sweep.objects.select_for_update().filter(pk=pk).first()
        if sweep is None:
            return []
        record = read(sweep)
        journals = Journals(record)
        return [
            *check_states(record, at_rest=at_rest),
            *check_counts(record),
            *check_journals(record, journals),
            *check_curves(record, journals.curves()),
            *check_spaces(record),
        ]
