"""What packing found is remembered by model, inputs, batch and device."""

from pathlib import Path

from runners.process.packing.learned import Found, Learned, key_of
from runners.process.packing.observed import Card, Pace
from runners.process.packing.progress import ProgressReader, ProgressWriter, progress_file
from runners.process.packing.site import Site, largest_batch, limits_of
from runners.protocol.spec import SweepSpec
from tests.runners.process.cases import spec


def case(**changes: object) -> SweepSpec:
    return SweepSpec.model_validate({**spec().model_dump(), **changes})


def test_what_was_found_is_there_for_the_next_process(tmp_path: Path) -> None:
    file = tmp_path / "packing.json"
    key = key_of(case(), "H100", 16)
    assert Learned(file).get(key) is None
    Learned(file).put(key, Found(children=8, peak=10**9))
    assert Learned(file).get(key) == Found(children=8, peak=10**9)
    file.write_text("torn {")
    assert Learned(file).get(key) is None


def test_another_model_batch_or_device_is_another_case() -> None:
    keys = {
        key_of(case(), "H100", 16),
        key_of(case(), "A100", 16),
        key_of(case(model={"source": "hub", "id": "other"}), "H100", 16),
        key_of(case(arguments={"per_device_train_batch_size": 64}), "H100", 16),
        key_of(case(data_settings={"max_length": 512}), "H100", 16),
    }
    assert len(keys) == 5
    assert key_of(case(budget={"n_trials": 99}, seed=3, arguments={"logging_steps": 5}), "H100", 16) in keys


def test_limits_of_a_machine() -> None:
    site = Site("CPU", 8, gpu=False, card=Card)
    assert limits_of(case(children=3), site).most == 3
    assert limits_of(case(children="auto", threads=2), site).most == 4
    assert limits_of(case(children="auto", max_children=2), site).reason == "no more were allowed"
    assert limits_of(case(children="auto", processes=2), site).most == 1


def test_the_largest_batch() -> None:
    row = {"type": "categorical", "name": "per_device_train_batch_size", "choices": [8, 64, 16]}
    assert largest_batch(case(space={"parameters": [row]})) == 64
    assert largest_batch(case()) == 0


def test_a_pace_is_read_as_it_was_written(tmp_path: Path) -> None:
    reader = ProgressReader(tmp_path, "c1")
    assert reader.read(working=True) == Pace("c1")
    writer = ProgressWriter(progress_file(tmp_path, "c1"))
    writer.write(7, 56, 1.5, 10**9, 8)
    assert reader.read(working=False) == Pace("c1", 7, 56, 1.5, 10**9, 8, working=False)
    reader.close()
