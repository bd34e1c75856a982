"""The order in which rows are locked: the sweep first, then its job. Nobody who holds a sweep waits for a runner.

On SQLite a transaction is the lock (`IMMEDIATE`); on PostgreSQL these rows are.
"""

from django.db import connection

from sweeps.models import Job, Sweep


def lock_sweep(pk: int) -> Sweep:
    """The sweep, fresh, locked until the transaction ends."""
    return Sweep.objects.select_for_update(of=("self",)).select_related("best_trial").get(pk=pk)


def lock_job(job: Job) -> tuple[Sweep, Job]:
    """The job's sweep and the job, fresh, locked until the transaction ends."""
    sweep = lock_sweep(job.sweep_id)
    fresh = Job.objects.select_for_update(of=("self",)).select_related("runner").get(pk=job.pk)
    fresh.sweep = sweep
    return sweep, fresh


def lock_content(sha256: str) -> None:
    """Until the transaction ends nobody else adds or removes a row, or the file, of this content."""
    if connection.vendor == "postgresql":
        # There may be no row yet that could be locked.
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [int(sha256[:15], 16)])
