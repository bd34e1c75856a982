"""What is kept how long, and then removed: by the timer each hour, or by `manage.py prune`.

Nothing is touched that a sweep under way may need: a job's journal and logs go only when its sweep has ended too.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce, Length
from django.utils import timezone

from runners.protocol.states import FINISHED_SWEEP
from runners.samples import KEPT, prune_samples
from sweeps.models import Artifact, GivenAnswer, Job, JournalBatch, LogChunk, StoredFolder, Sweep, Upload
from sweeps.models.answered import ANSWER_AGE
from sweeps.queries.audit.artifacts import YOUNG, data_files, stored_names
from sweeps.services.artifacts import artifact_storage, remove_artifact, remove_stored
from sweeps.services.uploads import FINISHED_AGE, PARTIAL_AGE, discard_upload, remove_stray_files, stale_uploads

logger = logging.getLogger(__name__)

BATCH: Final = 500
"""Rows that are deleted in one transaction: nobody has to wait long for the database."""


@dataclass(frozen=True)
class Pruned:
    """`count` things of `size` bytes that a rule has removed, or would."""

    count: int = 0
    size: int = 0


@dataclass(frozen=True)
class Rule:
    """`name` and `text` for people. `apply(now, dry)` removes what is due and says what that was."""

    name: str
    text: str
    apply: Callable[[datetime, bool], Pruned]


def rules() -> tuple[Rule, ...]:
    """All rules, with the times that the environment has set."""
    return (
        Rule("journals", _after_end("Batches of events as runners sent them", settings.KEEP_JOURNALS_DAYS), _journals),
        Rule("logs", _after_end("Logs of training", settings.KEEP_LOGS_DAYS), _logs),
        Rule(
            "uploads",
            f"Uploads that stand still for {_time(PARTIAL_AGE)} or are not used for {_time(FINISHED_AGE)}",
            _uploads,
        ),
        Rule("models", f"Trained models that a sweep has replaced by a better one, after {_time(YOUNG)}", _models),
        Rule("artifacts", f"Files that no data set, sweep, model or tokenizer names, after {_time(YOUNG)}", _artifacts),
        Rule("strays", f"Files in the store that the database does not know, after {_time(YOUNG)}", _strays),
        Rule("samples", f"What runners measured of their machines, after {KEPT.days} days", _samples),
        Rule("answers", f"Answers to requests with an Idempotency-Key, after {_time(ANSWER_AGE)}", _answers),
        Rule("sessions", "Logins that have expired", _sessions),
    )


def prune(*, dry: bool = False, now: datetime | None = None) -> dict[str, Pruned]:
    """Apply every rule; name → what it has removed, or with `dry` would remove."""
    now = now or timezone.now()
    found = {}
    for rule in rules():
        found[rule.name] = pruned = rule.apply(now, dry)
        if pruned.count and not dry:
            logger.info("Removed by the rule %s: %d, %d bytes", rule.name, pruned.count, pruned.size)
    return found


def _after_end(what: str, days: int) -> str:
    return f"{what}: {days} days after the sweep's end" if days else f"{what}: for ever"


def _time(age: timedelta) -> str:
    hours = age // timedelta(hours=1)
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"


def _ended_jobs(now: datetime, days: int) -> QuerySet[Job]:
    """Jobs of sweeps that ended so long ago."""
    before = now - timedelta(days=days)
    over = [state.value for state in FINISHED_SWEEP]
    return Job.objects.filter(finished_at__lt=before, sweep__state__in=over, sweep__finished_at__lt=before)


def _journals(now: datetime, dry: bool) -> Pruned:
    if not settings.KEEP_JOURNALS_DAYS:
        return Pruned()
    rows = JournalBatch.objects.filter(job__in=_ended_jobs(now, settings.KEEP_JOURNALS_DAYS))
    return _remove(rows, Length("payload"), dry)


def _logs(now: datetime, dry: bool) -> Pruned:
    if not settings.KEEP_LOGS_DAYS:
        return Pruned()
    rows = LogChunk.objects.filter(job__in=_ended_jobs(now, settings.KEEP_LOGS_DAYS))
    return _remove(rows, F("bytes"), dry)


def _remove(rows: QuerySet[JournalBatch] | QuerySet[LogChunk], size: Length | F, dry: bool) -> Pruned:
    told = rows.order_by().aggregate(count=Count("pk"), size=Coalesce(Sum(size), 0))
    while not dry and (some := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])):
        rows.model._default_manager.filter(pk__in=some).delete()  # noqa: SLF001  Django's own name for it
    return Pruned(told["count"], told["size"])


def _uploads(now: datetime, dry: bool) -> Pruned:
    found = stale_uploads(now=now)
    for upload in [] if dry else found:
        discard_upload(upload=upload)
    if not dry:
        remove_stray_files(now=now)
    return Pruned(len(found), sum(upload.offset for upload in found))


def _models(now: datetime, dry: bool) -> Pruned:
    """A sweep keeps its newest best model. Its files go with the next rule."""
    named = Sweep.objects.exclude(model_folder=None).values("model_folder")
    folders = list(StoredFolder.objects.filter(kind="model", created_at__lt=now - YOUNG).exclude(pk__in=named))
    for folder in [] if dry else folders:
        folder.delete()
    return Pruned(len(folders), sum(folder.size for folder in folders))


def _artifacts(now: datetime, dry: bool) -> Pruned:
    named: set[tuple[int, str]] = set()
    for folder in StoredFolder.objects.all().iterator():
        named.update((folder.team_id, str(file["sha256"])) for file in folder.files)
    for team, spec in Sweep.objects.exclude(spec=None).values_list("team_id", "spec").iterator():
        named.update((team, sha256) for sha256 in data_files((spec or {}).get("data") or {}))
    uploads = Upload.objects.exclude(artifact=None).values("artifact")
    free = Artifact.objects.filter(created_at__lt=now - YOUNG, dataset_versions=None).exclude(pk__in=uploads)
    found = [artifact for artifact in free.select_related("team") if (artifact.team_id, artifact.sha256) not in named]
    if not dry:
        # Each looks again whether something names it.
        found = [artifact for artifact in found if remove_artifact(artifact=artifact)]
    return Pruned(len(found), sum(artifact.size for artifact in found))


def _strays(now: datetime, dry: bool) -> Pruned:
    storage = artifact_storage()
    known = set(Artifact.objects.values_list("sha256", flat=True))
    count = size = 0
    for name in list(stored_names(storage)):
        sha256 = name.rpartition("/")[2]
        if sha256 in known or len(sha256) != 64 or storage.get_modified_time(name) >= now - YOUNG:
            continue
        large = storage.size(name)
        if dry or remove_stored(sha256):
            count, size = count + 1, size + large
    return Pruned(count, size)


def _samples(now: datetime, dry: bool) -> Pruned:
    return Pruned(prune_samples(now, dry=dry))


def _answers(now: datetime, dry: bool) -> Pruned:
    old = GivenAnswer.objects.filter(created_at__lt=now - ANSWER_AGE)
    count = old.count()
    if not dry:
        old.delete()
    return Pruned(count)


def _sessions(now: datetime, dry: bool) -> Pruned:
    expired = Session.objects.filter(expire_date__lt=now)
    return Pruned(expired.count() if dry else expired.delete()[0])
