"""What a job needs before its first child starts: data files and, where one was trained before, the tokenizer."""

import logging
import time
from pathlib import Path

from runners.process.artifacts import Artifacts
from runners.process.durable import write_durably
from runners.process.folder import JobFolder, Start
from runners.process.jobs.record import JobRecord
from runners.process.jobs.tokenizers import Tokenizers
from runners.protocol.spec import ArtifactData, FileRef, SweepSpec, TrainedTokenizer

logger = logging.getLogger(__name__)


class Inputs:
    """`model_roots`: folders below which a sweep may name a pretrained model. `stall_s`: as in `Start`."""

    def __init__(
        self, artifacts: Artifacts, tokenizers: Tokenizers, model_roots: tuple[Path, ...], *, stall_s: float = 600.0
    ) -> None:
        self._artifacts = artifacts
        self._tokenizers = tokenizers
        self._model_roots = model_roots
        self._stall_s = stall_s

    async def lay_out(self, record: JobRecord, t0: float, device: str) -> None:
        """Fetch everything and write `start.json`. Raises `Refused`, `NotIntact`, OSError."""
        spec = record.claimed.spec
        begun = time.monotonic()
        data = await self._fetch(spec)
        key = _key(spec)
        tokenizer = await self._tokenizers.get(key, record.job) if key else None
        took = time.monotonic() - begun
        if took > 1:
            record.say(f"Data fetched in {took:.1f} s.")
        start = Start(
            t0=t0,
            data={split: str(path.resolve()) for split, path in data.items()},
            tokenizer_key=key,
            tokenizer=str(tokenizer.resolve()) if tokenizer else None,
            checkpoints=str(record.checkpoints.root.resolve()),
            model_roots=tuple(str(root) for root in self._model_roots),
            device=device,
            stall_s=self._stall_s,
        )
        write_start(record.folder, start)

    async def store_tokenizer(self, record: JobRecord, key: str, trained: Path) -> Path:
        """A child has trained one: → the folder that counts, also for the children to come."""
        folder = (await self._tokenizers.store(key, record.job, trained)).resolve()
        start = record.folder.start()
        write_start(record.folder, start.model_copy(update={"tokenizer_key": key, "tokenizer": str(folder)}))
        return folder

    async def _fetch(self, spec: SweepSpec) -> dict[str, Path]:
        if not isinstance(spec.data, ArtifactData):
            return {}
        files: dict[str, FileRef] = {"train": spec.data.train, "eval": spec.data.eval}
        return {split: await self._artifacts.get(file.sha256) for split, file in files.items()}


def write_start(folder: JobFolder, start: Start) -> None:
    """Write `start.json` at one stroke: a child may be reading it."""
    write_durably(folder.start_file, start.model_dump_json().encode())


def _key(spec: SweepSpec) -> str | None:
    if not isinstance(spec.processor, TrainedTokenizer):
        return None
    from runners.protocol.tokenizer_key import tokenizer_key

    return tokenizer_key(spec)
