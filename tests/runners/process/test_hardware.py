"""Hardware that is read, or left out; slots and their devices."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from runners.process.hardware import Hardware, versions
from runners.process.slots import Slots
from runners.protocol.runner import Accelerator


class NotSupported(Exception):
    pass


def fail(*_: object) -> None:
    raise NotSupported


def test_a_machine_says_what_it_is(tmp_path: Path) -> None:
    hardware = Hardware(tmp_path)
    load = hardware.load()
    assert hardware.cpu_count >= 1
    assert 0 <= load.cpu_percent <= 100
    assert 0 < load.memory_used <= hardware.memory_total
    assert load.disk_free > 0
    assert versions()["python"] == sys.version.split()[0]
    assert "torch" in versions()


def test_a_missing_folder_is_left_out(tmp_path: Path) -> None:
    assert Hardware(tmp_path / "nowhere").load().disk_free == 0


def test_a_gpu_that_answers_half_is_read_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = SimpleNamespace(
        NVML_TEMPERATURE_GPU=0,
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: 1,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetName=lambda _: b"NVIDIA H100",
        nvmlDeviceGetUUID=lambda _: "GPU-1",
        nvmlDeviceGetMemoryInfo=lambda _: SimpleNamespace(total=80 * 2**30, used=2**30),
        nvmlDeviceGetUtilizationRates=fail,
        nvmlDeviceGetTemperature=lambda *_: 41,
        nvmlDeviceGetPowerUsage=fail,
    )
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    assert Hardware(tmp_path).accelerators() == (
        Accelerator(
            index=0, name="NVIDIA H100", uuid="GPU-1", memory_total=80 * 2**30, memory_used=2**30, temperature=41.0
        ),
    )


def test_no_driver_means_no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", SimpleNamespace(nvmlInit=fail))
    assert Hardware(tmp_path).accelerators() == ()


GPUS = tuple(Accelerator(index=index, name="H100") for index in range(4))


def test_slots_share_the_gpus_in_turn() -> None:
    slots = Slots(3, GPUS[:2], 16)
    assert [slots.take() for _ in range(4)] == [0, 1, 2, None]
    assert [slots.device([slot])[0] for slot in range(3)] == ["cuda:0", "cuda:1", "cuda:0"]
    slots.give_back(1)
    assert (slots.free, slots.take()) == (1, 1)


def test_a_job_of_several_processes_holds_a_slot_for_each() -> None:
    slots = Slots(None, GPUS, 16)
    assert [slots.take(), slots.take()] == [0, 1]
    slots.give_back(0)
    assert slots.missing([1], 2) == 1
    assert slots.take_further([1], 2) == [0]
    assert slots.device([1, 0], 2) == ("cuda:0,1", "H100 (GPU 0, 1)")
    assert slots.take() == 2
    # One slot is not free yet.
    assert slots.take_further([2], 3) == [3]
    assert slots.missing([2, 3], 3) == 1
    assert slots.take_further([2, 3], 3) == []
    slots.give_back(0)
    assert slots.take_further([2, 3], 3) == [0]
    assert slots.device([2, 3, 0], 3)[0] == "cuda:0,2,3"


def test_two_processes_have_two_gpus_also_where_slots_share_them() -> None:
    slots = Slots(4, GPUS[:2], 16)
    assert slots.take() == 0
    assert slots.take_further([0], 2) == [1]  # not 2, which is on the first GPU too
    assert slots.device([0, 1], 2)[0] == "cuda:0,1"
    one = Slots(1, GPUS, 16)
    assert one.take() == 0
    assert (one.missing([0], 2), one.device([0], 2)[0]) == (0, "cuda:0,1")
    # More than there are: the child says so.
    assert one.device([0], 8)[0] == "cuda:0,1,2,3"


def test_without_gpus_each_process_has_a_slot() -> None:
    slots = Slots(3, (), 16)
    assert slots.take() == 0
    assert slots.take_further([0], 2) == [1]
    assert (slots.free, slots.device([0, 1], 2)[0]) == (1, "cpu")


def test_there_is_a_slot_for_each_gpu_and_one_without() -> None:
    assert Slots(None, GPUS, 16).count == 4
    assert Slots(None, (), 2).count == 1
    assert Slots(None, (), 2).device([0]) == ("cpu", "CPU, 2 cores")
