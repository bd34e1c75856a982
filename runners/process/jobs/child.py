"""One child: its process, its channel, its files."""

import asyncio
import contextlib
import signal

from runners.process.channel import FromChild, PermitGiven
from runners.process.forkserver.handle import Process
from runners.process.jobs.record import JobRecord
from runners.process.jobs.spooled import SpooledChild, TrialKey
from runners.process.link import Link
from runners.process.packing.observed import Pace
from runners.process.packing.progress import ProgressReader
from runners.process.room import NO_MEMORY, NO_ROOM, SENTENCE
from runners.protocol.base import Message
from runners.protocol.events import AnyEvent, AttemptBackedOff, AttemptLeft, TrialFinished
from runners.protocol.job import Permit

_LAST_WORDS_S = 2.0


class Child:
    """The supervisor's view of a child.

    `permits`: what it was given and has not finished. `idle`: it has asked for a permit and waits. `asked`: it has
    asked at least once. `useful`: it has finished a trial. `dismissed`: it was told that there are no more permits.
    `beside`: the most other children of the job that lived while its trial trained. `progress`: its pace.
    """

    def __init__(self, name: str, process: Process, link: Link, record: JobRecord) -> None:
        self.name = name
        self.process = process
        self.permits: dict[TrialKey, Permit] = {}
        self.idle = False
        self.asked = False
        self.useful = False
        self.dismissed = False
        self._link = link
        self.beside = 0
        self._files = SpooledChild(name, record, beside=lambda: self.beside)
        self.progress = ProgressReader(record.folder.spool, name)

    @property
    def trials(self) -> list[TrialKey]:
        """What it has begun and not finished."""
        return self._files.trials

    def unused(self) -> list[Permit]:
        """The permits that it was given and has not begun with."""
        return [permit for key, permit in self.permits.items() if key not in self._files.trials]

    @property
    def working(self) -> bool:
        """It has a permit that it has not finished with."""
        return bool(self.permits)

    def pace(self) -> Pace:
        return self.progress.read(working=self.working)

    def give(self, permit: Permit | None) -> None:
        """Answer its question: a permit, or None for "no more"."""
        self.idle = False
        if permit is not None:
            self.permits[permit.number, permit.attempt] = permit
        self.dismissed = permit is None
        self._link.send(PermitGiven(permit=permit))

    def answer(self, message: Message) -> None:
        self._link.send(message)

    async def receive(self) -> FromChild | None:
        return await self._link.receive()

    async def close(self) -> int:
        """The channel has ended: wait for the process. Returns its exit code. The caller kills one that lingers."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self.process.exited), _LAST_WORDS_S)
        await self._link.close()
        self.progress.close()
        return await self.process.exited

    def take_in(self, *, final: bool = False) -> list[AnyEvent]:
        """See `SpooledChild.take_in`."""
        events = self._files.take_in(final=final)
        for event in events:
            if isinstance(event, TrialFinished | AttemptLeft | AttemptBackedOff):
                self.useful = True
                self.permits.pop((event.number, event.attempt), None)
        return events

    def last_words(self, code: int) -> str:
        """Why it ended, as far as one can tell, and what it printed last."""
        if code == NO_ROOM:
            return SENTENCE
        if code == NO_MEMORY and not self.trials:
            return "There is not enough memory on the device to make the model. A smaller model or another runner is needed."
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            how = f"was killed ({name})"
            if code == -signal.SIGKILL:
                how += "; perhaps the machine ran out of memory"
        else:
            how = f"ended with exit code {code}"
        tail = self._files.last_lines()
        return f"The training process {self.name} {how}." + (f" It said last:\n{tail[-2000:]}" if tail else "")
