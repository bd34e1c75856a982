"""A small world to throw things at, and a count of what was thrown and what came back."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.signals import got_request_exception, request_finished, request_started
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, Phase, settings

from runners.models import Runner
from sweeps.models import Sweep, Upload
from sweeps.services.artifacts import store_bytes
from sweeps.services.uploads import start_upload
from tests.factories import Cast, make_cast, make_runner
from tests.sweeps.parts import make_draft
from tests.sweeps.talk import Talk, running_job


def drawing(examples: int, *, same_below: int) -> settings:
    """So many inputs, none of them minimised; the same ones each time where fewer than `same_below` are drawn."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=examples < same_below,
    )


NASTY: tuple[str, ...] = (
    *(
        "",
        " ",
        "0",
        "-1",
        "1e999",
        "nan",
        "inf",
        "9" * 40,
        "true",
        "null",
        "[]",
        "{}",
        "''",
        '"',
        "%",
        "%s",
        "{0}",
        "$(x)",
    ),
    *(
        "\0",
        "a\0b",
        "\x1f",
        "\u202e",
        "\ud800",
        "\U0001f642",
        "é" * 300,
        "x" * 5000,
        "../../etc/passwd",
        "<script>",
        "\r\nX: y",
    ),
    *("2026-13-45", "00000000-0000", "١٢٣", "1_000", "0x10", "learning_rate", "eval_accuracy", "bert"),
)


@dataclass
class World:
    """Alice's team with a draft, a running sweep of two trials, an upload; a runner and its token."""

    cast: Cast
    draft: str
    talk: Talk
    upload: Upload
    job_upload: Upload
    runner: Runner
    token: str
    ids: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def make(cls) -> "World":
        cast = make_cast()
        draft = make_draft(cast.team, cast.alice)
        talk = running_job(cast.team, n_trials=6, data={"source": "hub", "id": "a/b"})
        talk.permits(count=2)
        talk.send(*talk.whole_trial(0), talk.started(1), talk.metrics(1, 1, loss=1.0))
        runner, token = make_runner()
        job = talk.fresh()
        job.runner = runner
        job.save()
        upload = start_upload(team=cast.team, user=cast.alice, kind="dataset", filename="a.csv", size=100)
        job_upload = start_upload(team=cast.team, job=job, kind="model", sha256="c" * 64, size=100)
        store_bytes(team=cast.team, data=b"x")
        sweep = job.sweep.public_id
        ids = {
            "public_id": [
                sweep,
                draft.public_id,
                upload.public_id,
                runner.public_id,
                cast.team.public_id,
                "x" * 12,
                *_parts(draft),
            ],
            "form": ["csv", "json", "parquet", "x"],
            "split": ["train", "x"],
            "email": ["bob@example.org", "nobody"],
            "invitation": ["x" * 12],
            "number": ["0", "1", "7", "9" * 30],
            "job": [job.public_id],
            "upload": [job_upload.public_id],
            "key": ["a" * 64],
            "sha256": ["a" * 64],
        }
        return cls(cast, draft.public_id, talk, upload, job_upload, runner, token, ids)


def _parts(draft: Sweep) -> list[str]:
    """Ids of the draft's parts in the library."""
    assert draft.model
    assert draft.space
    assert draft.dataset_version
    version = draft.dataset_version
    return [draft.model.public_id, draft.space.public_id, version.public_id, version.dataset.public_id]


@dataclass
class Tally:
    """`answers`: status → how many. `faults`: what an answer of 500 or more came from."""

    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    _raised: list[BaseException] = field(default_factory=list)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Remember the exceptions of views, which the answers do not show."""

        def note(**_: Any) -> None:
            error = sys.exc_info()[1]
            if error is not None:
                self._raised.append(error)

        got_request_exception.connect(note)
        # As Django's test client does: the test's connection, with its open transaction, outlives the requests.
        request_started.disconnect(close_old_connections)
        request_finished.disconnect(close_old_connections)
        try:
            yield
        finally:
            request_started.connect(close_old_connections)
            request_finished.connect(close_old_connections)
            got_request_exception.disconnect(note)

    def count(self, what: str, status: int) -> None:
        self.answers[status] += 1
        if status >= 500 and status != 507:
            why = self._raised[-1] if self._raised else None
            self.faults.append(f"{what} → {status}: {type(why).__name__}: {why}")

    @property
    def tried(self) -> int:
        return sum(self.answers.values())

    def __str__(self) -> str:
        rows = ", ".join(f"{status}: {count}" for status, count in sorted(self.answers.items()))
        return f"{self.tried} inputs ({rows})"


@contextmanager
def undone() -> Iterator[None]:
    """Whatever the database is changed to inside is taken back: each input meets the same world."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def rows() -> dict[str, tuple[int, int]]:
    """Table → how many rows, and the highest key: what a refused request must leave as it was."""
    tables = [
        (model._meta.db_table, model._meta.pk.column)
        for app in ("sweeps", "teams", "runners")
        for model in apps.get_app_config(app).get_models()
    ]
    query = " union all ".join(
        f"select '{table}', count(*), coalesce(max({key}), 0) from {table}" for table, key in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {table: (count, highest) for table, count, highest in cursor.fetchall()}
