"""What packing has found, kept in the runner's home: the next sweep of the same kind on the same device starts with it."""

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any, Final

from pydantic import NonNegativeInt, PositiveInt, ValidationError

from runners.process.durable import write_durably
from runners.protocol.base import Message
from runners.protocol.spec import SweepSpec

MOST_KEPT: Final = 500
_MATTERS: Final = frozenset(
    {
        "per_device_train_batch_size",
        "per_device_eval_batch_size",
        "gradient_accumulation_steps",
        "gradient_checkpointing",
        "bf16",
        "fp16",
        "optim",
        "torch_compile",
        "dataloader_num_workers",
    }
)
"""Of the training arguments, those that change a step's length or its memory."""


class Found(Message):
    """`children`: so many at a time were best. `peak`: the most memory that one of them may need, bytes. `what`: for people."""

    children: PositiveInt
    peak: NonNegativeInt = 0
    what: str = ""


class Learned:
    """One file, read and written whole. A file that cannot be read counts as empty: everything in it is found again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, key: str) -> Found | None:
        with contextlib.suppress(ValidationError):
            entry = self._all().get(key)
            return None if entry is None else Found.model_validate(entry)
        return None

    def put(self, key: str, found: Found) -> None:
        """Remember it. On a full disk it is not remembered."""
        entries = self._all()
        entries.pop(key, None)
        entries[key] = found.model_dump()
        newest = dict(list(entries.items())[-MOST_KEPT:])
        with contextlib.suppress(OSError):
            write_durably(self._path, json.dumps(newest, indent=1).encode())

    def _all(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def key_of(spec: SweepSpec, device: str, cores: int) -> str:
    """The same for sweeps whose trials take as much of the same device: model, inputs, batch, precision; not the data."""
    space = [row.model_dump() for row in spec.space.parameters if row.name in _MATTERS or "." in row.name]
    kind = {
        "model": spec.model.model_dump(),
        "lora": spec.lora.model_dump() if spec.lora else None,
        "task": spec.task,
        "settings": spec.data_settings,
        "arguments": {name: value for name, value in spec.arguments.items() if name in _MATTERS},
        "space": space,
        "threads": spec.threads,
        "most": spec.max_children,
        "device": device,
        "cores": cores,
    }
    return hashlib.sha256(json.dumps(kind, sort_keys=True, default=str).encode()).hexdigest()[:32]
