"""Failed trials by their cause, and what they have in common."""

from typing import Any

import pytest
from django.test import Client

from sweeps.queries.failures import cause_of, failure_groups
from sweeps.queries.failures_common import in_common
from tests.factories import Cast
from tests.sweeps.talk import Talk, running_job

OOM = "The trial ran out of memory. A smaller batch, shorter inputs or a smaller model need less."
CUDA = (
    "Traceback (most recent call last):\n  …\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."
)


def fail(talk: Talk, number: int, params: dict[str, Any], **told: Any) -> None:
    talk.permits()
    talk.send(talk.started(number, params=params), talk.finished(number, None, state="fail", **told))


@pytest.mark.django_db
def test_failures_of_one_cause_stand_together_with_what_they_share(cast: Cast, client: Client) -> None:
    talk = running_job(cast.team, n_trials=20)
    for number, size in enumerate((8, 16, 8)):
        talk.permits()
        talk.send(
            talk.started(number, params={"learning_rate": 0.0005 * (number + 1), "per_device_train_batch_size": size}),
            talk.finished(number),
        )
    for number in range(3, 8):
        params = {"learning_rate": 0.0001 * number, "per_device_train_batch_size": 64}
        fail(talk, number, params, failure_code="oom", failure_message=OOM, traceback=CUDA)
    for number, at in ((8, 40), (9, 55)):
        params = {"learning_rate": 0.05 + number / 1000, "per_device_train_batch_size": 8}
        fail(talk, number, params, failure_code="not_finite", failure_message=f"eval_loss is nan at step {at}.")
    memory, finite = failure_groups(talk.sweep)
    assert (memory.count, memory.title, memory.numbers) == (5, "CUDA out of memory", [3, 4, 5, 6, 7])
    assert [common.words for common in memory.common] == ["per_device_train_batch_size 64"]
    assert memory.advice[0].startswith("Retry with half the per_device_train_batch_size")
    assert (finite.count, finite.trial) == (2, 9)
    assert [common.words for common in finite.common] == ["learning_rate of 0.058 or more (the others: at most 0.0015)"]
    client.force_login(cast.vera)
    page = client.get(f"/sweeps/{talk.sweep.public_id}/").content.decode()
    assert "5 × CUDA out of memory" in page
    assert "<span>all with per_device_train_batch_size 64</span>" in page


def test_a_cause_is_the_same_whatever_its_numbers_and_paths() -> None:
    trace = 'Traceback\n  File "/a/b.py", line {}\nValueError: shape {} in /tmp/x{}/y.bin'
    one, two = (cause_of("error", f"ValueError: shape {n} in /tmp/x{n}/y.bin", trace.format(n, n, n)) for n in (3, 41))
    assert one == two
    assert cause_of("error", "ValueError: no such column", "") != one
    assert cause_of("oom", "ValueError: shape 3 in /tmp/x3/y.bin", trace.format(3, 3, 3)) != one


@pytest.mark.parametrize(
    ("failed", "fine", "words"),
    [
        ([{"a": 1}], [{"a": 2}], []),
        ([{"a": 1}, {"a": 1}], [], ["a 1"]),
        ([{"a": True}, {"a": 1}], [], []),
        ([{"a": "x", "b": 1}, {"a": "x", "b": 2}], [{"a": "x", "b": 1}, {"a": "x", "b": 2}], []),
        ([{"a": 5}, {"a": 7}], [{"a": 9}, {"a": 8}], ["a of 7 or less (the others: at least 8)"]),
        ([{"a": 5}, {}], [{"a": 9}], []),
    ],
)
def test_what_tells_the_failed_from_the_others(failed: Any, fine: Any, words: list[str]) -> None:
    assert [common.words for common in in_common(failed, fine)] == words


@pytest.mark.django_db
def test_a_failed_trials_page_has_its_traceback_and_the_log_around_it(cast: Cast, client: Client) -> None:
    talk = running_job(cast.team)
    talk.permits()
    talk.send(
        talk.started(0),
        talk.event("log", stream="stderr", number=0, text="about to break"),
        talk.event("reported", number=0, attempt=1, step=3, epoch=0.5, value=0.25),
        talk.finished(
            0, None, state="fail", failure_code="error", failure_message="ValueError: no", traceback="Traceback …\nNo"
        ),
    )
    client.force_login(cast.bob)
    answer = client.get(f"/sweeps/{talk.sweep.public_id}/trials/0/")
    page = answer.content.decode()
    assert [line["text"] for line in answer.context["lines"]] == ["about to break"]
    assert "ValueError: no" in page
    assert "Traceback …\nNo" in page
    assert f'href="/sweeps/{talk.sweep.public_id}/trials/0/logs/?step=3"' in page
    assert client.get(f"/sweeps/{talk.sweep.public_id}/trials/7/").status_code == 404


@pytest.mark.django_db
def test_a_sweep_whose_trials_all_failed_says_why_in_a_sentence(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=3)
    for number in range(3):
        broken = {"failure_code": "error", "failure_message": "ValueError: no column 7"}
        told = broken if number == 1 else {"failure_code": "oom", "failure_message": OOM, "traceback": CUDA}
        fail(talk, number, {"learning_rate": 0.1}, **told)
    talk.send(talk.ended())
    assert talk.sweep.state == "fail"
    assert talk.sweep.failure_message == (
        f"All 3 trials failed, 2 of them with one cause: CUDA out of memory. The last of them said: {OOM}"
    )
