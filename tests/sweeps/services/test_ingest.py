"""Taking in batches: duplicate, overlapping, gapped, stale, late, concurrent, and bad ones."""

import json
import threading
import zlib
from typing import Any

import pytest
from django.db import connections

from runners.protocol.states import Wanted
from sweeps.models import Attempt, Job, JournalBatch, LogChunk, MetricChunk, Trial
from sweeps.queries.rows import trial_rows, visible_trials
from sweeps.services.ingest import ingest
from sweeps.services.refusals import BadEvent, Fenced, Gap, Refused, TooLarge
from tests.factories import Cast, make_cast
from tests.sweeps.talk import Talk, running_job


@pytest.fixture
def talk(cast: Cast) -> Talk:
    """A running job that has begun trial 0; two events are acknowledged."""
    talk = running_job(cast.team)
    talk.permits()
    talk.send(talk.event("job_started", versions={}, device="cpu"), talk.started(0))
    return talk


def curve(talk: Talk) -> list[Any]:
    chunks = MetricChunk.objects.filter(attempt__job=talk.job).order_by("first_seq")
    return [value for chunk in chunks for value in chunk.data["values"]["loss"]]


def test_the_same_batch_twice_changes_nothing_twice(talk: Talk) -> None:
    events = [talk.metrics(0, 1, loss=1.0), talk.event("reported", number=0, attempt=1, step=1, value=0.5)]
    first = talk.send(*events)
    position = talk.sweep.position
    assert talk.send(*events) == first
    assert first.acked_seq == 4
    assert (curve(talk), talk.sweep.position) == ([1.0], position)
    assert Trial.objects.get().intermediate == [[1, None, 0.5]]


def test_of_an_overlapping_batch_only_the_new_part_counts(talk: Talk) -> None:
    events = [talk.metrics(0, step, loss=float(step)) for step in (1, 2, 3)]
    talk.send(*events[:2])
    assert talk.send(*events).acked_seq == 5
    assert curve(talk) == [1.0, 2.0, 3.0]
    journal = [event for batch in JournalBatch.objects.all() for event in json.loads(zlib.decompress(batch.payload))]
    assert [event["seq"] for event in journal] == [1, 2, 3, 4, 5]
    assert [(b.first_seq, b.last_seq) for b in JournalBatch.objects.all()] == [(1, 2), (3, 4), (5, 5)]


def test_a_gap_is_refused_and_says_where_to_go_on(talk: Talk) -> None:
    talk.metrics(0, 1, loss=1.0)
    with pytest.raises(Gap) as refused:
        talk.send(talk.metrics(0, 2, loss=2.0))
    assert refused.value.expected_seq == 3
    assert curve(talk) == []


def test_another_claims_batch_is_fenced_off(talk: Talk) -> None:
    stale = Talk(talk.job, claim_id="0" * 32, seq=talk.seq)
    for events in ([stale.metrics(0, 1, loss=1.0)], []):
        with pytest.raises(Fenced):
            stale.send(*events)
    assert curve(talk) == []


def test_an_empty_batch_renews_the_lease_only(talk: Talk) -> None:
    before = talk.fresh().lease_until
    position = talk.sweep.position
    answer = talk.send()
    after = talk.fresh().lease_until
    assert before is not None
    assert after is not None
    assert after > before
    assert (answer.acked_seq, answer.wanted, talk.sweep.position) == (2, Wanted.RUN, position)


def test_numbers_that_are_not_finite_are_kept_by_name(talk: Talk) -> None:
    talk.send(
        talk.metrics(0, 1, loss="nan", eval_loss="inf"),
        talk.event("reported", number=0, attempt=1, step=1, value="-inf"),
        talk.finished(0, "nan"),
    )
    trial = Trial.objects.get()
    assert (trial.values, trial.value, trial.last) == (["nan"], None, {"loss": "nan", "eval_loss": "inf"})
    assert trial.best == {}
    assert trial.intermediate == [[1, None, "-inf"]]
    assert talk.sweep.best_trial is None


def test_the_best_is_by_the_metrics_own_direction(talk: Talk) -> None:
    talk.send(
        *(
            talk.metrics(0, step, loss=loss, eval_accuracy=acc, learning_rate=0.1)
            for step, loss, acc in [(1, 2.0, 0.5), (2, 1.0, 0.9), (3, 3.0, 0.7)]
        )
    )
    trial = Trial.objects.get()
    assert trial.best == {"loss": 1.0, "eval_accuracy": 0.9}
    assert trial.last == {"loss": 3.0, "eval_accuracy": 0.7, "learning_rate": 0.1}


def test_of_equal_trials_the_lower_number_is_best_whichever_ended_first(talk: Talk) -> None:
    talk.permits(0, count=3)
    talk.send(*talk.whole_trial(1, 0.5), talk.finished(0, 0.5), *talk.whole_trial(2, 0.4))
    best = talk.sweep.best_trial
    assert best is not None
    assert best.number == 0


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"values": {"loss": "high"}}, "events.0.values.loss"),
        ({"values": None}, "events.0.values"),
        ({"step": -1}, "events.0.step"),
        ({"step": 2**31}, "events.0.step"),
        ({"t": 1e300}, "events.0.t"),
        ({"type": "mystery"}, "events.0"),
        ({"extra": 1}, "events.0.extra"),
        ({"seq": 99}, "events.0.seq"),
        ({"number": 7}, "events.0.number"),
        ({"attempt": 2}, "events.0.attempt"),
    ],
)
def test_a_bad_event_is_named_and_nothing_is_applied(talk: Talk, change: dict[str, Any], path: str) -> None:
    good = talk.metrics(0, 1, loss=1.0)
    with pytest.raises(BadEvent) as refused:
        talk.send({**good, **change}, first_seq=3)
    assert next(iter(refused.value.fields)) == path
    assert refused.value.message.startswith(f"{path}: ")
    assert (curve(talk), talk.fresh().acked_seq) == ([], 2)
    talk.send(good)
    assert curve(talk) == [1.0]


def test_a_bad_event_at_the_end_undoes_the_good_ones_before_it(talk: Talk) -> None:
    with pytest.raises(BadEvent) as refused:
        talk.send(talk.metrics(0, 1, loss=1.0), talk.started(3))
    assert list(refused.value.fields) == ["events.1.number"]
    assert (curve(talk), JournalBatch.objects.count(), talk.fresh().acked_seq) == ([], 1, 2)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'{"claim_id": 3}', b"\xff", b'{"a": NaN}', b"[" * 9000])
def test_what_is_no_batch_is_refused(talk: Talk, body: bytes) -> None:
    with pytest.raises(Refused):
        ingest(job=talk.job, body=body)


def test_numbers_beyond_all_bounds_are_refused(talk: Talk) -> None:
    """JSON may say 1e999, which Python reads as infinite."""
    bodies = [
        talk.body(talk.metrics(0, 1, loss=1.0)).replace(b'"sent_t":1.5', b'"sent_t":1e999'),
        talk.body(talk.event("params_changed", number=0, attempt=1, step=1, params={"x": 1.5})).replace(
            b"1.5}", b"1e999}"
        ),
    ]
    for body in bodies:
        assert b"1e999" in body
        with pytest.raises(BadEvent):
            ingest(job=talk.job, body=body)


def test_nan_as_a_word_of_javascript_is_refused_and_says_how_to_write_it(talk: Talk) -> None:
    body = talk.body(talk.metrics(0, 1, loss=1.5)).replace(b"1.5", b"NaN")
    with pytest.raises(Refused, match='send the string "nan"'):
        ingest(job=talk.job, body=body)


def test_the_words_nan_and_infinity_may_stand_in_a_log(talk: Talk) -> None:
    talk.send(talk.event("log", stream="stdout", text='loss is NaN, "events":[ Infinity', number=0))
    assert LogChunk.objects.get().lines == [
        {
            "seq": talk.seq,
            "t": talk.t,
            "number": 0,
            "stream": "stdout",
            "level": "",
            "text": 'loss is NaN, "events":[ Infinity',
        }
    ]
    (event,) = json.loads(zlib.decompress(JournalBatch.objects.order_by("-first_seq")[0].payload))
    assert event["text"] == 'loss is NaN, "events":[ Infinity'


def test_a_nul_in_a_log_is_replaced(talk: Talk) -> None:
    talk.send(talk.event("log", stream="stdout", text="a\0\0b \\u0000", number=0))
    assert LogChunk.objects.get().lines[0]["text"] == "a\ufffd\ufffdb \\u0000"


def test_a_body_beyond_the_limit_is_refused(talk: Talk) -> None:
    with pytest.raises(TooLarge):
        ingest(job=talk.job, body=b" " * (8 * 2**20 + 1))


def test_an_event_of_a_finished_attempt_is_refused(talk: Talk) -> None:
    talk.send(talk.finished(0))
    for late in (talk.metrics(0, 9, loss=0.1), talk.finished(0), talk.started(0)):
        with pytest.raises(BadEvent, match="attempt"):
            talk.send({**late, "seq": 4}, first_seq=4)
    assert talk.fresh().acked_seq == 3


def test_nothing_comes_after_job_finished(talk: Talk) -> None:
    with pytest.raises(BadEvent, match="job_finished"):
        talk.send(talk.finished(0), talk.ended(), talk.event("log", stream="runner", text="late"))


def test_a_curve_that_came_in_many_batches_ends_as_one_chunk(talk: Talk) -> None:
    for step in range(1, 6):
        values = {"loss": float(step)} | ({"eval_loss": 9.0} if step == 3 else {})
        talk.send(talk.event("metrics", number=0, attempt=1, step=step, values=values))
    assert MetricChunk.objects.count() == 5
    talk.send(talk.finished(0))
    chunk = MetricChunk.objects.get()
    assert (chunk.rows, chunk.data["step"]) == (5, [1, 2, 3, 4, 5])
    assert chunk.data["values"]["eval_loss"] == [None, None, 9.0, None, None]


def test_the_cost_in_queries_does_not_grow_with_the_events(talk: Talk, django_assert_num_queries: Any) -> None:
    def batch(count: int) -> bytes:
        return talk.body(*(talk.metrics(0, step, loss=1.0) for step in range(count)))

    bodies = [batch(1), batch(3), batch(1000)]
    for body in bodies:
        # BEGIN, lock sweep and job, trial, attempts, journal, attempt, trial, chunk, job, position, orders,
        # COMMIT.
        with django_assert_num_queries(13):
            ingest(job=talk.job, body=body)


@pytest.mark.django_db(transaction=True)
def test_many_senders_of_the_same_batches_at_once() -> None:
    talk = running_job(make_cast().team)
    talk.permits()
    events = [talk.started(0), *(talk.metrics(0, step, loss=float(step)) for step in range(30))]
    bodies = [talk.body(*events[first : first + size]) for first in range(0, 31, 3) for size in (3, 5)]
    faults: list[BaseException] = []

    def send() -> None:
        try:
            for body in bodies:
                ingest(job=Job.objects.get(pk=talk.job.pk), body=body)
        except Gap:
            pass
        except BaseException as error:  # noqa: BLE001  whatever it is, the test must see it
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert curve(talk) == [float(step) for step in range(30)]
    assert (Attempt.objects.count(), talk.fresh().acked_seq) == (1, 31)
    seqs = [(batch.first_seq, batch.last_seq) for batch in JournalBatch.objects.all()]
    assert [first for first, _ in seqs] == [1, *(last + 1 for _, last in seqs[:-1])]


def test_changed_parameters_are_the_trials_own_and_their_history_is_kept(talk: Talk) -> None:
    changed = {"learning_rate": 0.002}
    talk.send(talk.event("params_changed", number=0, attempt=1, step=4, params=changed, copied=None))
    row = trial_rows(visible_trials(talk.sweep))[0]
    assert row["params"] == changed
    assert row["changes"] == [{"step": 4, "params": changed, "copied": None}]
