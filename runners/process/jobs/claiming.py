"""Taking an offered job."""

import asyncio
import logging
from collections.abc import Callable

from runners.process.backoff import Backoff
from runners.process.client import BadToken, Refused, ServerClient, Unreachable
from runners.process.logs import pairs
from runners.protocol.job import Claim, Claimed

logger = logging.getLogger(__name__)


async def claim_offer(
    client: ServerClient, job: str, claim: Claim, on_bad_token: Callable[[BadToken], None]
) -> Claimed | None:
    """Claim with one id until there is an answer; None when the job is not to be had."""
    backoff = Backoff()
    while True:
        try:
            return await client.claim(job, claim)
        except Unreachable as error:
            logger.debug("No answer to the claim", extra=pairs(job=job, reason=error))
            await asyncio.sleep(backoff.next())
        except BadToken as error:
            on_bad_token(error)
            return None
        except Refused as refused:
            logger.info("Job not claimed", extra=pairs(job=job, reason=refused))
            return None
