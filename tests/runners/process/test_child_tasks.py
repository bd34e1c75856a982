"""Each task through a real child: it learns, and measures what the catalogue says."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from runners.process.forkserver.warm import warm_up
from runners.protocol.catalogue import catalogue
from tests.runners.process.material import IMAGES, sweep
from tests.runners.process.samples import (
    MANY_LABELS,
    QUESTIONS,
    REGRESSION,
    SAMPLES,
    SOUNDS,
    TAGS,
    Sample,
    sample_sweep,
)
from tests.runners.process.small_supervisor import SmallSupervisor


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Children are forked from a process that has imported what they need, as a runner's are."""
    assert warm_up() == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.task)
def test_a_task_learns(sample: Sample, tmp_path: Path) -> None:
    spec, files = sample_sweep(sample)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(2)
    assert supervisor.failed is None
    ends = supervisor.of_type("trial_finished")
    assert [end["state"] for end in ends] == ["complete", "complete"], supervisor.output
    assert max(end["values"][0] for end in ends) > sample.learned
    entry = catalogue().task(sample.task)
    assert entry is not None
    assert {metric.name for metric in entry.metrics} <= set(ends[0]["metrics"])


@pytest.mark.parametrize(
    "sample",
    [SOUNDS, *(pytest.param(one, marks=pytest.mark.full) for one in (TAGS, QUESTIONS, MANY_LABELS, REGRESSION))],
    ids=lambda sample: sample.task,
)
def test_a_kept_model_is_a_pretrained_one_for_the_next_sweep(sample: Sample, tmp_path: Path) -> None:
    spec, files = sample_sweep(sample, n_trials=1)
    first = SmallSupervisor(tmp_path / "first", spec, files)
    first.run(1)
    root = tmp_path / "root"
    shutil.copytree(first.folder.best(0), root / "kept")
    still = {"type": "categorical", "name": "learning_rate", "choices": [1e-9]}
    spec, files = sample_sweep(
        sample,
        n_trials=1,
        model={"source": "folder", "path": "kept"},
        processor={"source": "model"},
        space={"parameters": [still]},
        arguments={"max_steps": 1, "eval_strategy": "no"},
    )
    second = SmallSupervisor(tmp_path / "second", spec, files, model_roots=(str(root),))
    second.run(1)
    assert second.failed is None
    # It has learned nothing, and knows what the first one knew.
    assert second.table()[0][2] == pytest.approx(first.table()[0][2], abs=1e-3)


def losses(supervisor: SmallSupervisor) -> list[tuple[dict[str, Any], float]]:
    """(parameters, first training loss) of each trial."""
    params = {event["number"]: event["params"] for event in supervisor.of_type("trial_started")}
    first: dict[int, float] = {}
    for event in supervisor.of_type("metrics"):
        if "loss" in event["values"]:
            first.setdefault(event["number"], event["values"]["loss"])
    return [(params[number], loss) for number, loss in first.items()]


def test_augmentation_acts_on_training_alone_and_off_is_as_without(tmp_path: Path) -> None:
    row = {"type": "categorical", "name": "data.crop", "choices": [0, 2]}
    loss = [{"metric": "eval_loss", "direction": "minimize"}]
    quick = {**IMAGES["arguments"], "num_train_epochs": 1, "logging_steps": 1}
    spec, files = sweep(IMAGES, 80, space={"parameters": [row]}, objectives=loss, arguments=quick)
    searched = SmallSupervisor(tmp_path / "searched", spec, files)
    searched.run(5)
    values: dict[int, set[float]] = {params["data.crop"]: set() for params, _ in losses(searched)}
    for _, params, (value,) in searched.table():
        values[params["data.crop"]].add(value)
    # The seed is the same for all, so trials with the same setting are the same trial.
    assert [len(one) for one in values.values()] == [1, 1]
    assert len({loss for _, loss in losses(searched)}) == 2
    without, files = sweep(IMAGES, 80, space={"parameters": []}, objectives=loss, arguments=quick)
    plain = SmallSupervisor(tmp_path / "plain", without, files)
    plain.run(1)
    assert plain.table()[0][2] == list(values[0])


def test_a_threshold_that_is_searched_acts_in_its_own_trial(tmp_path: Path) -> None:
    row = {"type": "categorical", "name": "data.threshold", "choices": [0.001, 0.999]}
    spec, files = sample_sweep(MANY_LABELS, n_trials=6, space={"parameters": [row]}, arguments={"max_steps": 2})
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(6)
    values: dict[float, set[float]] = {}
    for _, params, (value,) in supervisor.table():
        values.setdefault(params["data.threshold"], set()).add(value)
    # Every label is found, or none: known values for a model that has hardly learned.
    assert values[0.999] == {0.0}
    assert list(values[0.001]) == [pytest.approx(everything_found(MANY_LABELS))]


def everything_found(sample: Sample) -> float:
    """F1, micro, of finding every label in every row of the evaluation split."""
    rows = sample.rows(sample.count)[3::4]
    true = sum(len(row["labels"]) for row in rows)
    return 2 * true / (true + len(rows) * len(sample.labels))
