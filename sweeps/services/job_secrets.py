"""What a job may know that nobody else may: its key for the W&B endpoint, its team's keys for other services."""

import logging
import secrets
from typing import Final

from django.utils.crypto import salted_hmac

from runners.protocol.backends import RayBackend, WandbBackend
from runners.protocol.job import MIRROR_PREFIX
from runners.protocol.spec import SweepSpec
from runners.protocol.states import JobState
from sweeps.models import Job
from teams.connections import names_of, secrets_of
from teams.models import Unreadable

logger = logging.getLogger(__name__)

JOB_KEY: Final = "hpj_"
WANDB_NAMES: Final = ("WANDB_BASE_URL", "WANDB_API_KEY")
_ID: Final = 12
_CLAIM: Final = 32


def secrets_for(job: Job, spec: SweepSpec) -> dict[str, str]:
    """Environment variable → value. One that can't be read any more is left out: the job then says that it is missing."""
    found: dict[str, str] = {}
    for service in spec.report_to:
        # Under names of their own: training does not get them, and the search may use another W&B.
        for name, value in _of_team(job, *names_of(service)).items():
            found[f"{MIRROR_PREFIX}{name}"] = value
    if isinstance(spec.backend, WandbBackend):
        # The child says where hpweb's own endpoint is: it knows under which address it reaches the server.
        own = spec.backend.server == "hpweb"
        found |= {"WANDB_API_KEY": job_key(job)} if own else _of_team(job, *WANDB_NAMES)
    if isinstance(spec.backend, RayBackend) and spec.backend.address is not None:
        found |= _of_team(job, "RAY_AUTH_TOKEN")
    return found


def _of_team(job: Job, *names: str) -> dict[str, str]:
    try:
        return secrets_of(job.sweep.team, *names)
    except Unreadable as error:
        logger.error("Job %s goes without its team's secrets: %s", job.public_id, error)
        return {}


def job_key(job: Job) -> str:
    """The job's key, letters and digits: it follows from its id and its claim, so it ends with the claim."""
    return f"{JOB_KEY}{job.public_id}{job.claim_id}{_proof(job.public_id, job.claim_id)}"


def job_of_key(key: str) -> Job | None:
    """The running job whose key this is, with its sweep and team; None for any other key."""
    if not key.startswith(JOB_KEY):
        return None
    public_id, rest = key[len(JOB_KEY) :][:_ID], key[len(JOB_KEY) + _ID :]
    claim_id, proof = rest[:_CLAIM], rest[_CLAIM:]
    if not secrets.compare_digest(proof.encode(), _proof(public_id, claim_id).encode()):
        return None
    running = Job.objects.select_related("sweep__team").filter(state=JobState.RUNNING.value)
    return running.filter(public_id=public_id, claim_id=claim_id).first()


def _proof(public_id: str, claim_id: str) -> str:
    return salted_hmac("hpweb.wandb.job", public_id + claim_id, algorithm="sha256").hexdigest()
