"""One job from its claim to its last acknowledged event."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from runners.process.artifacts import NotIntact
from runners.process.client import BadToken, Refused, ServerClient
from runners.process.forkserver.handle import ForkServerHandle
from runners.process.jobs.best import upload_best
from runners.process.jobs.crew import Crew
from runners.process.jobs.desk import PermitDesk
from runners.process.jobs.ending import Ending, Reason, failed
from runners.process.jobs.inputs import Inputs
from runners.process.jobs.mirrors import JobMirrors, Mirrors
from runners.process.jobs.record import JobRecord
from runners.process.jobs.shipping import Shipper
from runners.process.logs import pairs
from runners.process.orders import Orders
from runners.process.packing.learned import Learned
from runners.process.packing.packer import Packer
from runners.process.packing.site import Site
from runners.protocol.events import JOB_FAILED, RUNNER_STOPPED
from runners.protocol.states import Wanted

logger = logging.getLogger(__name__)

SHUTDOWN_SHIP_S = 5.0
HASTY_UPLOAD_S = 3.0
LATE_SHIP_S = 60.0


@dataclass(frozen=True)
class Means:
    """What jobs are done with; one set for the whole runner. `on_bad_token`: the server refuses this runner itself."""

    client: ServerClient
    forks: ForkServerHandle
    inputs: Inputs
    mirrors: Mirrors
    learned: Learned
    versions: dict[str, str]
    on_bad_token: Callable[[BadToken], None]


class JobKeeper:
    """`device`: "cpu" or "cuda:<index>"; `device_name`: the same for people; `site`: the same for packing; `t0`: monotonic time of the claim."""

    def __init__(
        self, means: Means, record: JobRecord, *, t0: float, device: str, device_name: str, site: Site
    ) -> None:
        self._means = means
        self._record = record
        self._t0 = t0
        self._device = device
        self._device_name = device_name
        # The first urgent ending wins: it interrupts whatever the job is at.
        self._urgent: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._shutting_down = asyncio.Event()
        self._wanted = Wanted.RUN
        self._sweep_over = False
        packer = Packer(record.claimed.spec, site, means.learned)
        self._crew = Crew(record, means.forks, means.inputs, packer, on_broken=self._end)
        self._desk = PermitDesk(
            means.client,
            record,
            need=self._crew.need,
            on_news=self._crew.serve,
            on_wanted=self._on_wanted,
            on_refused=lambda refused: self._end(Ending(Reason.GONE, message=str(refused))),
            on_bad_token=means.on_bad_token,
        )
        self._crew.desk = self._desk
        self._shipper = Shipper(
            means.client,
            record,
            on_wanted=self._on_answer,
            on_orders=Orders(record.folder).hold,
            on_permit_acked=self._desk.look,
            on_gone=lambda reason: self._end(Ending(Reason.GONE, message=reason)),
            on_poison=lambda reason: self._end(failed("protocol_error", f"The server refuses an event: {reason}")),
            on_bad_token=means.on_bad_token,
            on_behind=lambda reason: self._end(Ending(Reason.BEHIND, message=reason)),
        )

    @property
    def job(self) -> str:
        return self._record.job

    @property
    def sweep(self) -> str:
        return self._record.claimed.sweep

    def trials(self) -> list[int]:
        return self._crew.trials()

    def children(self) -> int:
        return self._crew.size()

    def nudge(self) -> None:
        """Ask the server at once what is wanted of this job."""
        self._shipper.renew()

    def shut_down(self) -> None:
        """The runner ends: release the job soon."""
        self._shutting_down.set()
        self._end(Ending(Reason.SHUTDOWN, message=RUNNER_STOPPED))

    async def run(self) -> bool:
        """See the job to its end. True when the server has all of it, or wants none: its folder may go."""
        shipping = asyncio.create_task(self._shipper.run())
        desk = asyncio.create_task(self._desk.run())
        mirrors = await self._means.mirrors.start(self._record)
        try:
            ending = await self._work()
            desk.cancel()
            await self._close(ending, shipping, mirrors)
        finally:
            mirrors.let_go()
            if self._crew.size():  # only an error of ours leads here with children alive
                await self._crew.end(None)
            for task in (desk, shipping):
                task.cancel()
            await asyncio.gather(desk, shipping, return_exceptions=True)
            self._record.journal.close()
        if ending.reason is Reason.DONE or (ending.reason is Reason.CANCELLED and self._sweep_over):
            # Nothing of the sweep waits any more: there is nothing to go on with.
            await asyncio.to_thread(self._record.checkpoints.forget_all)
        logger.info(
            "Job ended",
            extra=pairs(
                job=self.job,
                reason=ending.reason.name.lower(),
                shipped=self._shipper.settled,
                **({"message": ending.message} if ending.message else {}),
            ),
        )
        return self._shipper.settled or ending.reason is Reason.GONE

    async def _work(self) -> Ending:
        self._on_wanted(self._record.claimed.wanted)
        try:
            if self._record.journal.last_seq == self._record.claimed.acked_seq:
                self._record.note(
                    {"type": "job_started", "versions": self._means.versions, "device": self._device_name}
                )
            await self._unless_urgent(self._means.inputs.lay_out(self._record, self._t0, self._device))
        except (Refused, NotIntact) as error:
            return failed("error", f"The job's data cannot be had from the server: {error}", "data")
        except OSError as error:
            return failed("error", f"The runner cannot write to its disk: {error}. Free space or mend its rights.")
        if not self._urgent.done():
            crew = asyncio.create_task(self._crew.run())
            either: list[asyncio.Future[Any]] = [crew, self._urgent]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if self._urgent.done():
                await self._crew.end(_why(self._urgent.result()))
            await crew
        if self._urgent.done():
            return self._urgent.result()
        return Ending(Reason.PAUSED if self._wanted is Wanted.PAUSE else Reason.DONE)

    async def _close(self, ending: Ending, shipping: asyncio.Task[None], mirrors: JobMirrors) -> None:
        """Send the best model, note the end, and ship what is left, as far as there is time for each."""
        if ending.reason is not Reason.GONE:
            self._shipper.drop_poison()
            hasty = ending.reason in {Reason.CANCELLED, Reason.SHUTDOWN, Reason.BEHIND}
            await self._unless_urgent(
                upload_best(self._means.client, self._record), at_most_s=HASTY_UPLOAD_S if hasty else None
            )
            if self._urgent.done() and not hasty and ending.reason is not Reason.FAILED:
                ending = self._urgent.result()  # while the model was being sent
        if ending.reason is not Reason.GONE:
            self._note_end(ending)
        mirrors.let_go()
        self._shipper.seal()
        patience = LATE_SHIP_S if ending.reason is Reason.GONE else None
        hurry = asyncio.create_task(self._shutting_down.wait())
        await asyncio.wait([shipping, hurry], timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if not shipping.done():
            await asyncio.wait([shipping], timeout=SHUTDOWN_SHIP_S)
        hurry.cancel()

    def _note_end(self, ending: Ending) -> None:
        if ending.reason is not Reason.BEHIND:  # of those that it does not know, the server takes none back
            self._record.return_permits()
        with contextlib.suppress(OSError):  # without it the lease runs out, which says the same, later
            self._record.note(
                {
                    "type": "job_finished",
                    "state": ending.state,
                    "failure_code": ending.code,
                    "failure_message": ending.message if ending.reason is Reason.FAILED else "",
                    "failure_field": ending.field,
                }
            )

    async def _unless_urgent(self, doing: Coroutine[Any, Any, None], *, at_most_s: float | None = None) -> None:
        """Do something that is cut off by an urgent end (unless that has come already) or by time."""
        task = asyncio.create_task(doing)
        others: list[asyncio.Future[Any]] = [] if self._urgent.done() else [self._urgent]
        await asyncio.wait([task, *others], timeout=at_most_s, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return None

    def _end(self, ending: Ending) -> None:
        if not self._urgent.done():
            self._urgent.set_result(ending)

    def _on_answer(self, wanted: Wanted) -> None:
        # Permits are refused in this way also where only the job's time is over, and another one will take up its trials.
        self._sweep_over = wanted is Wanted.CANCEL
        self._on_wanted(wanted)

    def _on_wanted(self, wanted: Wanted) -> None:
        if wanted is self._wanted:
            return
        logger.info("The server wants something else", extra=pairs(job=self.job, wanted=wanted))
        self._wanted = wanted
        match wanted:
            case Wanted.CANCEL:
                self._end(Ending(Reason.CANCELLED))
            case Wanted.STOP | Wanted.PAUSE:
                self._crew.no_more_permits()
            case Wanted.RUN:
                self._crew.permits_again()


def _why(ending: Ending) -> str | None:
    """The sentence for trials that are lost by this end; None where the server knows better what becomes of them."""
    match ending.reason:
        case Reason.SHUTDOWN:
            return RUNNER_STOPPED
        case Reason.FAILED:
            return JOB_FAILED
        case _:
            return None
