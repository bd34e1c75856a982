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


def test_slots_share_the_gpus_in_turn() -> None:
    gpus = tuple(Accelerator(index=index, name="H100") for index in range(2))
    slots = Slots(3, gpus, 16)
    assert [slots.take() for _ in range(4)] == [0, 1, 2, None]
    assert [slots.device(slot)[0] for slot in range(3)] == ["cuda:0", "cuda:1", "cuda:0"]
    slots.give_back(1)
    assert (slots.free, slots.take()) == (1, 1)


def test_a_job_of_several_processes_takes_the_slots_of_its_gpus() -> None:
    slots = Slots(None, tuple(Accelerator(index=index, name="H100") for index in range(4)), 16)
    first = slots.take()
    assert first == 0
    assert slots.take_beside(first, 2) == [1]
    assert slots.device(first, 2) == ("cuda:0,1", "H100 (GPU 0, 1)")
    assert (slots.free, slots.take()) == (2, 2)
    assert slots.take_beside(2, 8) == [3]
    assert slots.device(2, 8)[0] == "cuda:2,3,0,1"
    assert Slots(None, (), 2).take_beside(0, 2) == []


def test_there_is_a_slot_for_each_gpu_and_one_without() -> None:
    assert Slots(None, tuple(Accelerator(index=index, name="H100") for index in range(4)), 16).count == 4
    assert Slots(None, (), 2).count == 1
    assert Slots(None, (), 2).device(0) == ("cpu", "CPU, 2 cores")
