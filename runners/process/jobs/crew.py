"""The children of a job: started, given permits, replaced when they die, ended."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from pathlib import Path

from runners.optimizers.ray_choices import most_begun
from runners.process import temporary
from runners.process.artifacts import NotIntact
from runners.process.backoff import Backoff
from runners.process.channel import AskPermit, EndSearch, Failed, FromChild, Poke, StoreTokenizer, TokenizerStored
from runners.process.client import Refused
from runners.process.forkserver.handle import ForkServerHandle, NoForkServer
from runners.process.jobs.child import Child
from runners.process.jobs.desk import PermitDesk
from runners.process.jobs.ending import Ending, failed
from runners.process.jobs.inputs import Inputs
from runners.process.jobs.mirrors import training_secrets
from runners.process.jobs.record import JobRecord
from runners.process.jobs.spooled import BadEvent
from runners.process.link import Link, NotUnderstood
from runners.process.logs import pairs
from runners.protocol.job import Permit

logger = logging.getLogger(__name__)

MOST_DEATHS = 3
TICK_S = 0.2
TERM_GRACE_S = 0.8
KILL_GRACE_S = 1.0


class Crew:
    """`on_broken` is called when the job cannot go on. `run` returns when all seats are empty.

    A *seat* is one of the `spec.children` places, or the one of a child that has several trials at work; the child on it is replaced until no permit is left.
    """

    def __init__(
        self, record: JobRecord, forks: ForkServerHandle, inputs: Inputs, *, on_broken: Callable[[Ending], None]
    ) -> None:
        self._record = record
        self._forks = forks
        self._inputs = inputs
        self._on_broken = on_broken
        spec = record.claimed.spec
        # Ray keeps all of a job's trials at work in one process.
        many = spec.backend.name == "ray"
        self._room = most_begun(spec) if many else 1
        self._seats_wanted = 1 if many else spec.children
        self.desk: PermitDesk | None = None
        """Set before `run`; desk and crew need each other."""
        self._children: dict[str, Child] = {}
        self._started = 0
        self._deaths = 0
        self._prepared = asyncio.Event()
        self._no_more = False
        self._search_over = False
        self._closing = False
        self._closed = asyncio.Event()
        self._why_ended: str | None = None
        self._lose = True
        self._seats: list[asyncio.Task[None]] = []

    def trials(self) -> list[int]:
        """The numbers that are being trained now."""
        return sorted(number for child in self._children.values() for number, _ in child.trials)

    def size(self) -> int:
        return len(self._children)

    def need(self) -> tuple[int, int]:
        """How many permits are missing, and how many children wait for one. One is kept ahead for each child."""
        if self._no_more or self._closing:
            return 0, 0
        idle = sum(child.idle for child in self._children.values())
        busy = sum(child.asked and not child.dismissed for child in self._children.values())
        if not busy and self._prepared.is_set():
            busy = 1  # the first child will ask in a moment
        return idle + busy - self._record.permits.ready, idle

    async def run(self) -> None:
        """Start the first child, the others once it has prepared the data, and see them all to their end."""
        ticker = asyncio.create_task(self._tick())
        try:
            self._seats.append(asyncio.create_task(self._seat()))
            prepared = asyncio.create_task(self._prepared.wait())
            await asyncio.wait([self._seats[0], prepared], return_when=asyncio.FIRST_COMPLETED)
            prepared.cancel()
            if self._prepared.is_set():
                for _ in range(self._seats_wanted - 1):
                    self._seats.append(asyncio.create_task(self._seat()))
            await asyncio.gather(*self._seats, return_exceptions=True)
        finally:
            ticker.cancel()
            # Also when the job's folder stays for the next start: the short name must not outlive its children.
            await asyncio.to_thread(temporary.remove_all, self._record.folder)

    def no_more_permits(self) -> None:
        """Let the current trials finish and give out nothing any more."""
        self._no_more = True
        self.serve()

    def permits_again(self) -> None:
        """A stop was taken back: children that are still here go on, unless the search itself is over."""
        self._no_more = self._search_over
        self.serve()

    def serve(self) -> None:
        """Give ready permits to idle children, or tell them that there are none any more."""
        if self._no_more or self._closing:
            self._record.return_permits()
        over = self._no_more or (self.desk is not None and self.desk.exhausted)
        for child in self._children.values():
            if child.idle:
                permit = self._record.permits.take()
                if permit or over:
                    child.give(permit)
        if self.desk:
            self.desk.look()

    async def end(self, why: str | None) -> None:
        """End all children now and take in what they have written; `run` returns then.

        `why`: a sentence for the trials that are lost by it; None leaves them to the server, which has decided already.
        """
        self._closing, self._why_ended, self._lose = True, why, why is not None
        self._closed.set()
        self._signal(signal.SIGTERM)
        seats = [seat for seat in self._seats if not seat.done()]
        for patience, number in ((TERM_GRACE_S, signal.SIGKILL), (KILL_GRACE_S, signal.SIGKILL)):
            if seats and self._children:
                _, left = await asyncio.wait(seats, timeout=patience)
                seats = list(left)
                self._signal(number)
        for seat in seats:  # waiting for a process that has not been forked yet, or that the kernel cannot kill
            seat.cancel()
        await asyncio.gather(*self._seats, return_exceptions=True)
        self._record.return_permits()

    def _signal(self, number: int) -> None:
        for child in self._children.values():
            self._forks.signal(child.process, number)

    async def _tick(self) -> None:
        """Take in what was written without a poke: output, and events whose poke is still under way."""
        while True:
            await asyncio.sleep(TICK_S)
            for child in list(self._children.values()):
                self._take_in(child)

    async def _seat(self) -> None:
        backoff = Backoff(first=0.05, limit=5.0)
        while not self._closing:
            try:
                child = await self._start()
            except (NoForkServer, OSError) as error:
                self._count_death(f"No training process can be started: {error}")
            else:
                if await self._attend(child) or self._over():
                    return
                if not self._deaths:  # it had been of use
                    backoff.reset()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), backoff.next())

    def _over(self) -> bool:
        return self._closing or self._no_more or (self.desk is not None and self.desk.exhausted)

    async def _start(self) -> Child:
        self._started += 1
        name = f"c{self._started}"
        process = await self._forks.fork(self._record.folder, name, training_secrets(self._record.claimed.secrets))
        child = Child(name, process, await Link.open(process.sock), self._record)
        self._children[name] = child
        self._record.note({"type": "child_started", "child": name, "pid": process.pid})
        logger.debug("Child started", extra=pairs(job=self._record.job, child=name, pid=process.pid))
        if self._closing:
            self._forks.signal(process, signal.SIGKILL)
        return child

    async def _attend(self, child: Child) -> bool:
        """Serve a child until it has ended. True when it left because it was told to."""
        try:
            while (message := await child.receive()) is not None:
                self._take_in(child)
                await self._heed(child, message)
        except NotUnderstood as error:
            self._break(failed("protocol_error", f"The training process {child.name} cannot be understood: {error}."))
        if not child.process.exited.done():
            lingering = asyncio.get_running_loop().call_later(2.0, self._forks.signal, child.process, signal.SIGKILL)
            code = await child.close()
            lingering.cancel()
        else:
            code = await child.close()
        self._take_in(child, final=True)
        del self._children[child.name]
        told = self._bury(child, code)
        await asyncio.to_thread(temporary.remove_of, self._record.folder, child.name)
        return told

    async def _heed(self, child: Child, message: FromChild) -> None:
        match message:
            case Poke():
                pass  # what it points at is taken in already
            case AskPermit():
                self._on_ask(child)
            case StoreTokenizer():
                await self._on_tokenizer(child, message)
            case EndSearch():
                self._on_search_over(message.reason)
            case Failed():
                self._break(failed(message.code, message.message, message.field))

    def _on_ask(self, child: Child) -> None:
        if len(child.trials) >= self._room:
            number = child.trials[0][0]
            self._break(failed("protocol_error", f"{child.name} asks for a permit before the end of trial {number}."))
            return
        if self._room == 1:
            for permit in child.unused():
                self._return(child, permit)
        child.idle = child.asked = True
        self._prepared.set()
        self.serve()

    def _on_search_over(self, reason: str) -> None:
        if not self._search_over:
            self._search_over = True
            self._record.note({"type": "search_ended", "reason": reason})
            self.no_more_permits()

    def _return(self, child: Child, permit: Permit) -> None:
        self._record.note({"type": "permit_returned", "number": permit.number, "attempt": permit.attempt})
        child.permits.pop((permit.number, permit.attempt), None)

    async def _on_tokenizer(self, child: Child, message: StoreTokenizer) -> None:
        try:
            folder = await self._inputs.store_tokenizer(self._record, message.key, Path(message.folder))
        except (Refused, NotIntact, OSError, ValueError) as error:
            self._break(failed("error", f"The trained tokenizer could not be stored: {error}"))
        else:
            child.answer(TokenizerStored(folder=str(folder)))

    def _take_in(self, child: Child, *, final: bool = False) -> None:
        try:
            events = child.take_in(final=final)
        except BadEvent as error:
            self._break(failed("protocol_error", f"{error}"))
            return
        except OSError as error:
            self._break(failed("error", f"The runner cannot write its journal: {error}. Free space on its disk."))
            return
        for event in events:
            if event.type == "job_prepared":
                self._prepared.set()
                if self.desk:
                    self.desk.look()
            elif event.type == "trial_finished":
                self._deaths = 0
                self._record.checkpoints.forget(event.number)
            elif event.type == "attempt_left":
                self._deaths = 0
                self._begin_again()

    def _bury(self, child: Child, code: int) -> bool:
        """Note the end of a child. True when it left because it was told to."""
        running, unused = list(child.trials), child.unused()
        for permit in unused:
            self._return(child, permit)
        if unused and not self._closing:
            self._begin_again()
        if child.dismissed and code == 0 and not running:
            return True
        if child.useful and code >= 0 and not running and not self._closing:
            # It finished a trial and asks to be replaced: a failed trial may have left memory or state behind.
            logger.info("A child is replaced", extra=pairs(job=self._record.job, child=child.name, exit_code=code))
            return False
        words = self._why_ended or child.last_words(code)
        if self._lose and (code != 0 or running):
            self._record.note(
                {
                    "type": "child_lost",
                    "child": child.name,
                    "exit_code": code,
                    "running": running,
                    "message": words[:4000],
                }
            )
        if self._closing:
            return False
        logger.warning(
            "A child ended", extra=pairs(job=self._record.job, child=child.name, exit_code=code, running=running)
        )
        if running:
            self._begin_again()
        self._count_death(words)
        return False

    def _begin_again(self) -> None:
        """A trial waits again: it comes next, before what was held ahead of it, which would get its draw."""
        self._record.return_permits()
        if self.desk:
            self.desk.reopen()

    def _count_death(self, words: str) -> None:
        self._deaths += 1
        if self._deaths >= MOST_DEATHS and not self._closing:
            self._break(failed("crashed", f"{MOST_DEATHS} training processes in a row died. {words}"))

    def _break(self, ending: Ending) -> None:
        self._closing = True  # nothing is started any more; `end` follows
        self._closed.set()
        self._on_broken(ending)
