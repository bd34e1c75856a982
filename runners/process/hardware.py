"""What this machine is and how busy it is. Nothing here raises: what cannot be read is left out."""

import contextlib
import importlib.metadata
import logging
import os
import platform
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from runners.protocol.runner import Accelerator

logger = logging.getLogger(__name__)

_PACKAGES = (
    "torch",
    "transformers",
    "optuna",
    "accelerate",
    "datasets",
    "tokenizers",
    "numpy",
    "scikit-learn",
    "ray",
    "wandb",
    "peft",
    "pillow",
    "soundfile",
    "sacrebleu",
    "rouge-score",
    "hyperopt",
    "hpbandster",
)


@dataclass(frozen=True)
class Load:
    """CPU in percent of all cores, memory and disk in bytes."""

    cpu_percent: float
    memory_used: int
    disk_free: int


class Hardware:
    """`home`: the folder whose disk is watched."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._gpus = _open_gpus()
        self.hostname = socket.gethostname()
        self.cpu_count = len(os.sched_getaffinity(0))
        self.memory_total = int(psutil.virtual_memory().total)
        psutil.cpu_percent()  # its first answer is always 0

    def accelerators(self) -> tuple[Accelerator, ...]:
        """The GPUs with their load now."""
        return tuple(gpu for index, handle in enumerate(self._gpus) if (gpu := _read_gpu(index, handle)))

    def accelerator(self, index: int) -> Accelerator | None:
        """One of them with its load now."""
        return _read_gpu(index, self._gpus[index]) if index < len(self._gpus) else None

    def load(self) -> Load:
        memory_used = disk_free = 0
        cpu_percent = 0.0
        with contextlib.suppress(psutil.Error, OSError):
            cpu_percent = float(psutil.cpu_percent())
            memory = psutil.virtual_memory()
            memory_used = int(memory.total - memory.available)
        with contextlib.suppress(OSError):
            disk_free = int(psutil.disk_usage(str(self._home)).free)
        return Load(min(100.0, cpu_percent), memory_used, disk_free)


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide what a trial computes; without importing them."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found


def _open_gpus() -> list[Any]:
    """NVML's handles; empty without a driver. NVML makes no CUDA context, so no GPU memory is taken."""
    try:
        import pynvml

        pynvml.nvmlInit()
        return [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
    except Exception as error:  # noqa: BLE001 - a broken driver has many faces, and none of them stops a runner
        logger.debug("No GPU", extra={"pairs": {"reason": error}})
        return []


def _read_gpu(index: int, handle: Any) -> Accelerator | None:
    import pynvml

    def ask(name: str, *arguments: Any) -> Any:
        try:
            return getattr(pynvml, name)(handle, *arguments)
        except Exception:  # noqa: BLE001 - not every GPU answers every question
            return None

    memory, utilisation = ask("nvmlDeviceGetMemoryInfo"), ask("nvmlDeviceGetUtilizationRates")
    temperature, power = ask("nvmlDeviceGetTemperature", pynvml.NVML_TEMPERATURE_GPU), ask("nvmlDeviceGetPowerUsage")
    return Accelerator(
        index=index,
        name=_text(ask("nvmlDeviceGetName")) or "GPU",
        uuid=_text(ask("nvmlDeviceGetUUID")),
        memory_total=int(memory.total) if memory else 0,
        memory_used=int(memory.used) if memory else None,
        utilisation=float(utilisation.gpu) if utilisation else None,
        temperature=float(temperature) if temperature is not None else None,
        power=power / 1000 if power is not None else None,
    )


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value or "")
