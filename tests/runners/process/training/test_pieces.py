"""The small parts of training."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from runners.process.folder import JobFolder, Start
from runners.process.training.arguments import make_arguments
from runners.process.training.best import BestModel
from runners.process.training.failures import NotFinite, failure_of
from runners.process.training.places import Placed, placed
from runners.process.training.rows import fraction
from runners.process.training.tables import Array, Ragged, stored
from runners.protocol.job import FinishedTrial
from tests.runners.process.material import IMAGES, sweep


def test_a_smaller_fraction_is_part_of_a_larger_one() -> None:
    half, most = fraction(100, 0.5, 3), fraction(100, 0.9, 3)
    assert len(half) == 50
    assert set(half) < set(most)
    assert list(half) == sorted(half)
    assert list(fraction(100, 1.0, 3)) == list(range(100))
    assert len(fraction(10, 0.001, 3)) == 1


def test_lists_come_back_from_flat_arrays() -> None:
    rows = [[1, 2, 3], [], [4]]
    ragged = Ragged.of(rows)
    assert [ragged.row(index) for index in range(3)] == rows
    assert ragged.flat.dtype == np.int32


def test_arrays_are_made_once(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> dict[str, Array]:
        made.append(1)
        return {"a": np.arange(3)}

    for _ in range(2):
        assert stored(tmp_path / "rows", make)["a"].tolist() == [0, 1, 2]
    assert made == [1]
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]


def test_places_are_told_by_the_name() -> None:
    split = placed({"seed": 1, "model.dim": 2, "data.max_length": 3, "lora.r": 4, "var.batch": 5})
    assert split == Placed({"seed": 1}, {"dim": 2}, {"max_length": 3}, {"r": 4})


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "oom"),
        (MemoryError(), "oom"),
        (RuntimeError("CUDA error: device-side assert triggered"), "error"),
        (NotFinite("eval_loss is not finite (nan)."), "not_finite"),
        (KeyError("eval_x"), "error"),
    ],
)
def test_a_failure_has_a_word_a_sentence_and_a_traceback(error: Exception, code: str) -> None:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001 - whatever it is
        failure = failure_of(caught)
    assert failure.code == code
    assert failure.message
    assert type(error).__name__ in failure.traceback


def test_arguments_have_the_types_of_their_fields_and_come_back_to_them(tmp_path: Path) -> None:
    given = {"weight_decay": 0, "num_train_epochs": 2, "warmup_steps": 0, "eval_strategy": "epoch"}
    spec, _ = sweep(IMAGES, 60, seed=5, arguments=given)
    arguments = make_arguments(spec, Start(t0=0), tmp_path)
    mine = arguments.first
    assert [type(getattr(mine, name)) for name in ("weight_decay", "num_train_epochs", "warmup_steps")] == [float] * 3
    assert (mine.seed, mine.save_strategy, mine.logging_nan_inf_filter, mine.use_cpu) == (5, "no", False, True)
    for name, value in {"learning_rate": 1.0, "seed": 9, "data_seed": 9}.items():
        setattr(mine, name, value)
    mine.lr_scheduler_type = type(mine.lr_scheduler_type)("cosine")
    arguments.reset(mine, tmp_path / "3")
    assert (mine.learning_rate, mine.seed, mine.data_seed, mine.lr_scheduler_type) == (5e-5, 5, None, "linear")
    assert mine.output_dir == str(tmp_path / "3")


def done(number: int, value: float) -> FinishedTrial:
    return FinishedTrial(number=number, params={}, state="complete", values=(value,))


def test_the_best_model_replaces_the_one_before(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path)
    best = BestModel(folder, "minimize", [done(0, 5.0), done(1, float("inf"))])

    def save(target: Path) -> None:
        (target / "model").write_text(target.name)

    assert not best.offer(2, 6.0, save)
    assert best.offer(3, 4.0, save)
    assert not best.offer(4, 4.0, save)  # a tie keeps the earlier number
    assert best.offer(5, 3.0, save)
    assert not best.offer(5, 3.0, save)  # trained again after it was lost: it is there already
    assert json.loads(folder.best_file.read_text()) == {"number": 5, "value": 3.0}
    assert [path.name for path in folder.best(5).parent.iterdir()] == ["5"]
    assert (folder.best(5) / "model").read_text() == ".5"


def test_an_unfinished_save_leaves_the_one_before(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path)
    best = BestModel(folder, "maximize", [])

    def good(target: Path) -> None:
        (target / "model").write_text("good")

    def full(target: Path) -> None:
        raise OSError(28, "No space left on device")

    best.offer(0, 1.0, good)
    with pytest.raises(OSError, match="No space"):
        best.offer(1, 2.0, full)
    assert json.loads(folder.best_file.read_text())["number"] == 0
    assert (folder.best(0) / "model").read_text() == "good"
