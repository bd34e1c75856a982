"""A package's own task and metric, found through its entry points and trained in a real child."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from runners.process.training.own_metrics import with_own_metrics
from runners.process.training.refusal import InvalidSpec
from runners.process.training.registry import added_task
from runners.protocol.catalogue import AddedMetric, Addition, MetricInfo, catalogue
from runners.protocol.catalogue.additions import additions
from tests.runners.process.samples import PAIRS, sample_sweep
from tests.runners.process.small_supervisor import SmallSupervisor

HERE = Path(__file__).parent


def forget() -> None:
    catalogue.cache_clear()
    additions.cache_clear()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example lies on the path, as if it were installed."""
    monkeypatch.syspath_prepend(str(HERE))
    forget()
    yield
    monkeypatch.undo()
    forget()


@pytest.mark.usefixtures("installed")
def test_an_added_task_is_in_the_catalogue_and_learns(tmp_path: Path) -> None:
    entry = catalogue().task("text-grading")
    assert entry is not None
    rows = [{"text": row["text_pair"], "label": row["label"]} for row in PAIRS.rows(300)]
    spec, files = sample_sweep(
        PAIRS, rows=rows, task="text-grading", objectives=[{"metric": "eval_near", "direction": "maximize"}]
    )
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(2)
    assert supervisor.failed is None
    ends = supervisor.of_type("trial_finished")
    assert [end["state"] for end in ends] == ["complete", "complete"], supervisor.output
    assert max(end["values"][0] for end in ends) > 0.6


@pytest.mark.usefixtures("installed")
def test_an_added_metric_is_measured_beside_the_tasks_own(tmp_path: Path) -> None:
    entry = catalogue().task("text-classification")
    assert entry is not None
    assert entry.metrics[-1].name == "eval_steps_off"
    spec, files = sample_sweep(PAIRS, n_trials=1, objectives=[{"metric": "eval_steps_off", "direction": "minimize"}])
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(1)
    assert supervisor.failed is None
    (end,) = supervisor.of_type("trial_finished")
    assert end["state"] == "complete", supervisor.output
    assert 0.0 <= end["values"][0] < 0.5
    assert end["metrics"]["eval_steps_off"] == end["values"][0]
    assert end["metrics"]["eval_accuracy"] > 0.5


def test_the_server_reads_the_example_without_torch() -> None:
    script = (
        "import sys; from runners.protocol.catalogue import catalogue; "
        "assert catalogue().task('text-grading').label == 'Text grading'; "
        "assert not {'torch', 'transformers', 'django'} & set(sys.modules)"
    )
    root = HERE.parents[1]
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{HERE}"}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment, cwd=root)


def prediction() -> Any:
    return SimpleNamespace(predictions=np.eye(3), label_ids=np.array([0, 2, 2]))


@pytest.mark.usefixtures("installed")
def test_a_metric_is_added_where_it_belongs() -> None:
    def own(_: Any) -> dict[str, float]:
        return {"accuracy": 0.5}

    assert with_own_metrics("text-regression", own) is own
    assert with_own_metrics("text-classification", own)(prediction()) == {"accuracy": 0.5, "steps_off": 1 / 3}


def add(monkeypatch: pytest.MonkeyPatch, *given: Any, functions: dict[str, Any] | None = None) -> None:
    """Entry points that load `given` and `functions`, whatever is installed."""

    def entry_points(*, group: str, name: str = "") -> tuple[Any, ...]:
        if group == "hpweb.catalogue":
            return tuple(
                SimpleNamespace(name=f"e{n}", value="x:y", load=lambda one=one: one) for n, one in enumerate(given)
            )
        return tuple(
            SimpleNamespace(name=key, value="x:y", load=lambda one=one: one)
            for key, one in (functions or {}).items()
            if key == name
        )

    monkeypatch.setattr("runners.protocol.catalogue.additions.entry_points", entry_points)
    forget()


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    """Each test leaves the catalogue as it is without additions."""
    yield
    forget()


def info(name: str) -> MetricInfo:
    return MetricInfo(name=name, label="L", direction="minimize", help="H")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["no addition"], "is no Addition"),
        (
            [Addition(metrics=(AddedMetric(tasks=("nowhere",), function="f", metric=info("eval_x")),))],
            "which nobody has",
        ),
        (
            [Addition(metrics=(AddedMetric(tasks=("text-classification",), function="f", metric=info("eval_mcc")),))],
            "two metrics eval_mcc",
        ),
        ([Addition(tasks=(catalogue().tasks[0],))], "Two packages have a task text-classification"),
    ],
)
def test_a_broken_addition_is_said(given: list[Any], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        add(patch, *given)
        with pytest.raises(RuntimeError, match=told):
            catalogue()


def test_a_metric_function_that_is_missing_or_gives_something_else_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    addition = Addition(metrics=(AddedMetric(tasks=("text-classification",), function="f", metric=info("eval_x")),))

    def own(_: Any) -> dict[str, float]:
        return {}

    with monkeypatch.context() as patch:
        add(patch, addition)
        with pytest.raises(InvalidSpec, match="no metric function f"):
            with_own_metrics("text-classification", own)
        add(patch, addition, functions={"f": lambda _p, _l: {"y": 1.0}})
        with pytest.raises(KeyError, match="gives no x; it gives y"):
            with_own_metrics("text-classification", own)(prediction())


def test_a_task_that_is_not_installed_here_is_said() -> None:
    with pytest.raises(InvalidSpec, match="no task text-grading") as caught:
        added_task("text-grading")
    assert caught.value.field == "task"


def test_what_is_no_task_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        add(patch, functions={"odd": int})
        with pytest.raises(InvalidSpec, match="no subclass"):
            added_task("odd")
