"""The best trial's model: from the job's folder into the artifact store."""

import json
import logging

from pydantic import ValidationError

from runners.process.client import Refused, ServerClient
from runners.process.jobs.record import JobRecord
from runners.process.logs import pairs
from runners.process.uploads import upload_folder
from runners.protocol.events import ModelSaved, TrialFinished

logger = logging.getLogger(__name__)


async def upload_best(client: ServerClient, record: JobRecord) -> None:
    """Upload the model that `best.json` names, if there is one, and note `model_saved`.

    Waits through outages. A model that cannot be sent is said in the sweep's log; it does not make the job fail.
    """
    number = _best_number(record)
    attempt = _finished_attempt(record, number) if number is not None else None
    if number is None or attempt is None or _is_saved(record, number):
        return
    try:
        files = await upload_folder(client, record.job, record.folder.best(number), "model")
        if files:
            record.note(
                {
                    "type": "model_saved",
                    "number": number,
                    "attempt": attempt,
                    "files": [file.model_dump() for file in files],
                }
            )
    except (Refused, ValidationError, OSError) as error:
        logger.warning("The best model could not be sent", extra=pairs(job=record.job, trial=number, reason=error))
        record.say(f"The model of trial {number} could not be sent to the server: {error}")


def _best_number(record: JobRecord) -> int | None:
    try:
        number = json.loads(record.folder.best_file.read_bytes())["number"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return number if isinstance(number, int) and record.folder.best(number).is_dir() else None


def _finished_attempt(record: JobRecord, number: int) -> int | None:
    """Which attempt finished the trial; None when its end is not in the journal (the child died between the two)."""
    finished = [
        event for event in record.journal.events() if isinstance(event, TrialFinished) and event.number == number
    ]
    return finished[-1].attempt if finished else None


def _is_saved(record: JobRecord, number: int) -> bool:
    return any(isinstance(event, ModelSaved) and event.number == number for event in record.journal.events())
