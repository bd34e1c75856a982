"""The list of sweeps, the first page and the search with a team of many sweeps: written past the program, then asked.

    HPWEB_DATA=<an empty folder> DJANGO_SETTINGS_MODULE=hpweb.settings python -m bench.search [sweeps] [trials of each]

prints a line for each question: the median and the slowest of its repetitions in milliseconds, through Django's test
client (so with session, rights and template), and how many queries it took. 2,000 sweeps of 50 trials where nothing else
is said. A data folder that has them already is only asked.
"""

import random
import statistics
import sys
import time
from datetime import timedelta
from typing import Any, Final

import django

from bench.large import OBJECTIVES, SPACE, trial_of

REPEAT: Final = 7
WORDS: Final = (
    "digits",
    "language",
    "wide",
    "narrow",
    "longer",
    "warm-up",
    "cosine",
    "small",
    "deep",
    "first",
    "again",
)
TASKS: Final = ("text-classification", "image-classification")
STATES: Final = ("complete",) * 14 + ("running", "running", "queued", "queued", "fail", "paused")


def write(sweeps: int, trials: int) -> None:
    """The demo's team with its people, so many sweeps, and so many trials of each."""
    from django.db import transaction
    from django.utils import timezone

    from sweeps.models import (
        Comparison,
        Dataset,
        DatasetVersion,
        Model,
        SearchSpace,
        Sweep,
        SweepTag,
        Trial,
        TrialNote,
        TrialTag,
    )
    from sweeps.services.demo import seed_demo
    from tests.factories import make_runner
    from tests.sweeps.talk import spec

    rng = random.Random(1)
    demo = seed_demo()
    team, people, now = demo.team, [demo.owner, demo.viewer], timezone.now()
    models = [
        Model.objects.create(team=team, name=f"model {i}", task=TASKS[i % 2], source={"source": "config"}, processor={})
        for i in range(20)
    ]
    versions = []
    for i in range(20):
        dataset = Dataset.objects.create(team=team, name=f"data {WORDS[i % len(WORDS)]} {i}", task=TASKS[i % 2])
        versions.append(DatasetVersion.objects.create(dataset=dataset, number=1, digest=f"{i:064d}", spec={}))
    SearchSpace.objects.bulk_create(
        SearchSpace(team=team, name=f"space {i}", space={"parameters": SPACE}) for i in range(20)
    )
    for i in range(8):
        make_runner(f"gpu-{i}", state="online", last_seen=now, slots=8, facts={"tasks": list(TASKS)})
    frozen = spec(trials, objectives=OBJECTIVES, space={"parameters": SPACE})
    with transaction.atomic():
        made = Sweep.objects.bulk_create(
            Sweep(
                team=team, name=f"{' '.join(rng.sample(WORDS, 3))} {i}", description=" ".join(rng.choices(WORDS, k=30)),
                created_by=rng.choice(people), model=models[i % 20], dataset_version=versions[i % 20],
                state=STATES[i % len(STATES)], spec={**frozen, "task": TASKS[i % 2]}, n_trials=trials, position=trials,
                started_at=now - timedelta(hours=i), queued_at=now, finished_at=now - timedelta(minutes=30 * i),
            )
            for i in range(sweeps)
        )  # fmt: skip
        for i, sweep in enumerate(made):
            Sweep.objects.filter(pk=sweep.pk).update(created_at=now - timedelta(hours=i))
        SweepTag.objects.bulk_create(SweepTag(sweep=sweep, name=rng.choice(WORDS)) for sweep in made[::3])
        for sweep in made:
            _trials(sweep, trials, rng)
        noted = Trial.objects.filter(number=3).order_by("pk")[: max(1, sweeps // 2)]
        for trial in noted:
            TrialNote.objects.create(trial=trial, text=" ".join(rng.choices(WORDS, k=40)))
            TrialTag.objects.create(trial=trial, name=rng.choice(WORDS))
        Comparison.objects.bulk_create(Comparison(team=team, name=f"compared {i}", query="") for i in range(50))


def _trials(sweep: Any, trials: int, rng: random.Random) -> None:
    from sweeps.models import Sweep, Trial

    rows = [trial_of(rng.randrange(10**9)) for _ in range(trials)]
    made = Trial.objects.bulk_create(
        Trial(
            sweep=sweep, number=number, params=row["params"], state=row["state"], values=row["values"],
            value=row["values"][0] if row["values"] else None, intermediate=row["intermediate"],
            duration_s=row["duration_s"], finished_order=number + 1,
        )
        for number, row in enumerate(rows)
    )  # fmt: skip
    best = min((trial for trial in made if trial.value is not None), key=lambda trial: trial.value or 0, default=None)
    Sweep.objects.filter(pk=sweep.pk).update(best_trial=best)


def ask() -> None:
    """Each question, cold for the program's caches, then repeated."""
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from sweeps.models import Sweep, Trial
    from teams.models import User

    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(email="demo@hpweb.example"))
    trial = Trial.objects.order_by("pk")[Trial.objects.count() // 2]
    rate = f"learning_rate={(trial.params or {})['learning_rate']:.4g}"
    seen = ",".join(f"{public_id}:50" for public_id in Sweep.objects.values_list("public_id", flat=True)[:50])
    questions = {
        "list": "/sweeps/",
        "list, page 30": "/sweeps/?page=30",
        "list, words": "/sweeps/?q=warm-up+deep",
        "list, rows that moved (none)": f"/sweeps/rows/?bulk=1&seen={seen}",
        "first page": "/",
        "search, a word of many": "/search/?q=language",
        "search, a word of none": "/search/?q=zebra",
        "search, two words": "/search/?q=wide+deep",
        f"search, {rate}": f"/search/?q={rate}",
        "search, a value of none": "/search/?q=learning_rate=0.5",
        "search, a value of very many": "/search/?q=lr_scheduler_type=cosine",
        "suggestions": "/search/suggest/?q=lang",
    }

    def once(address: str) -> tuple[float, int]:
        with CaptureQueriesContext(connection) as queries:
            begin = time.perf_counter()
            answer = client.get(address)
            took = 1000 * (time.perf_counter() - begin)
        assert answer.status_code in {200, 204}, (address, answer.status_code)
        return took, len(queries)

    print(f"{Sweep.objects.count()} sweeps, {Trial.objects.count()} trials, {connection.vendor}")
    for name, address in questions.items():
        cache.clear()
        times = [once(address) for _ in range(REPEAT)]
        took = [ms for ms, _ in times]
        print(
            f"{name:<38} first {took[0]:7.1f} ms, median {statistics.median(took):7.1f} ms, "
            f"slowest of the rest {max(took[1:]):7.1f} ms, {times[0][1]} queries",
            flush=True,
        )


def main(sweeps: int = 2000, trials: int = 50) -> None:
    django.setup()
    from django.core.management import call_command

    from sweeps.models import Sweep
    from sweeps.services.search_words import index_words

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if Sweep.objects.count() < sweeps:
        write(sweeps, trials)
    while index_words():
        pass
    ask()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
