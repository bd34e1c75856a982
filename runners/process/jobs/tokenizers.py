"""Trained tokenizers: trained by whoever comes first, then the same files for everybody."""

import logging
import shutil
from pathlib import Path

from pydantic import ValidationError

from runners.process.artifacts import Artifacts
from runners.process.backoff import retry_unreachable
from runners.process.client import ServerClient
from runners.process.durable import sync_folder, write_durably
from runners.process.home_limit import touch
from runners.process.uploads import upload_folder
from runners.protocol.runner import StoredFiles

logger = logging.getLogger(__name__)


class Tokenizers:
    """The folder of trained tokenizers, shared by all jobs. The server's files count, whatever lies here."""

    def __init__(self, folder: Path, client: ServerClient, artifacts: Artifacts) -> None:
        self._folder = folder
        self._client = client
        self._artifacts = artifacts

    async def get(self, key: str, job: str) -> Path | None:
        """The folder of a tokenizer that the server has; None where it must be trained first."""
        stored = await retry_unreachable(lambda: self._client.tokenizer(key, job))
        return await self._lay_out(key, stored) if stored else None

    async def store(self, key: str, job: str, trained: Path) -> Path:
        """Offer what was trained in `trained`. Returns the folder of the one that counts, which may be another's."""
        files = await upload_folder(self._client, job, trained, "tokenizer")
        offered = StoredFiles(job=job, files=files)
        stored = await retry_unreachable(lambda: self._client.store_tokenizer(key, offered))
        if stored.files == files:
            return self._keep(key, stored, {file.path: trained / file.path for file in files})
        return await self._lay_out(key, stored)

    async def _lay_out(self, key: str, stored: StoredFiles) -> Path:
        folder, note = self._folder / key, self._folder / f"{key}.json"
        try:
            known = StoredFiles.model_validate_json(note.read_bytes()).files
        except (FileNotFoundError, ValidationError):
            known = ()
        if known == stored.files and folder.is_dir():
            touch(note)
            return folder
        return self._keep(key, stored, {file.path: await self._artifacts.get(file.sha256) for file in stored.files})

    def _keep(self, key: str, stored: StoredFiles, sources: dict[str, Path]) -> Path:
        """Put the files below `key` at one stroke; the note beside the folder is written last."""
        folder, note = self._folder / key, self._folder / f"{key}.json"
        fresh = self._folder / f".{key}"
        shutil.rmtree(fresh, ignore_errors=True)
        for name, source in sources.items():
            target = fresh / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        note.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
        sync_folder(self._folder)
        write_durably(note, stored.model_dump_json().encode())
        return folder
