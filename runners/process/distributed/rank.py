"""A rank's ties: to its group (the process group), to rank 0 (what to do next), to the leader (failures, signs of life)."""

import json
import os
import socket
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, NoReturn

from runners.process.distributed.beats import Beats
from runners.process.training.failures import Failure
from runners.protocol.job import Permit
from runners.protocol.states import FailureCode

_HOST = "127.0.0.1"
_UNTIL_KILLED_S = 3600.0
_GONE = "Connection closed by peer: process 0 has left."


@dataclass(frozen=True)
class RankFailed:
    """A rank's word to the leader. `peer`: it says only that another rank is gone, so another's word is the reason."""

    rank: int
    code: str
    message: str
    traceback: str
    peer: bool

    @property
    def failure(self) -> Failure:
        return Failure(FailureCode(self.code), self.message, self.traceback)


class Rank:
    """One of `world` processes. `words`: to the leader. `orders`: rank 0's ends to all others, or this rank's only one.

    `device`: as in `Start`. `stall_s`: the leader ends a group that does not move for so long.
    """

    def __init__(
        self,
        index: int,
        world: int,
        *,
        device: str,
        threads: int,
        stall_s: float,
        beats: Beats,
        words: socket.socket,
        orders: list[socket.socket],
    ) -> None:
        self.index = index
        self.world = world
        self._cpu = device == "cpu"
        self._threads = threads
        self._stall_s = stall_s
        self._beats = beats
        self._words = words
        self._orders = orders
        self._inbox = orders[0].makefile("rb") if index else None
        self._store: Any = None

    def join(self) -> None:
        """Make the process group with the others. Returns once all are there. Raises what torch raises."""
        import torch
        from torch._C._distributed_c10d import TCPStore

        if self.index == 0:
            # The kernel chooses the port, so no other group can have it.
            self._store = TCPStore(_HOST, 0, self.world, is_master=True, wait_for_workers=False)
            self._order({"port": self._store.port})
            port = int(self._store.port)
        else:
            port = int(self._next_order()["port"])
            self._store = TCPStore(_HOST, port, self.world, is_master=False, wait_for_workers=False)
        os.environ.update(
            RANK=str(self.index),
            LOCAL_RANK=str(self.index),
            WORLD_SIZE=str(self.world),
            LOCAL_WORLD_SIZE=str(self.world),
            MASTER_ADDR=_HOST,
            MASTER_PORT=str(port),
            # accelerate sets torch's threads itself where this is not said.
            OMP_NUM_THREADS=str(self._threads),
        )
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
        if not self._cpu:
            torch.cuda.set_device(self.index)
        torch.distributed.init_process_group(
            "gloo" if self._cpu else "nccl",
            store=self._store,
            rank=self.index,
            world_size=self.world,
            # The leader comes first, since it can say where each rank stands.
            timeout=timedelta(seconds=2 * self._stall_s + 60),
        )

    def prepared(self) -> None:
        """Rank 0: data and tokenizer lie ready for the others."""
        self._order({"prepared": True})

    def wait_until_prepared(self) -> bool:
        """Any other: return when rank 0 has prepared the job, however long that takes. False when it has refused it."""
        try:
            self._next_order()
        except EOFError:
            return False
        return True

    def begin(self, permit: Permit) -> None:
        """Rank 0: tell all that a trial begins."""
        self._order({"permit": permit.model_dump(mode="json")})
        self.beat()

    def agree(self, word: str) -> str:
        """Rank 0's word, on every rank. All must come to this point equally often in a trial."""
        if self.index == 0:
            self._order({"agreed": word})
            return word
        return str(self._next_order()["agreed"])

    def next_permit(self) -> Permit | None:
        """Any other: wait for the next trial, however long that takes; None when there is none any more."""
        self.rest()
        try:
            order = self._next_order()
        except EOFError:
            return None
        self.beat()
        return Permit.model_validate(order["permit"])

    def beat(self) -> None:
        """This rank moves."""
        self._beats.beat(self.index, busy=True)

    def rest(self) -> None:
        """This rank is not at work on a trial: its silence means nothing."""
        self._beats.beat(self.index, busy=False)

    def fail(self, failure: Failure) -> NoReturn:
        """Tell the leader that this rank's trial cannot go on, and wait for the end that it makes of the group."""
        word = RankFailed(
            self.index, failure.code.value, failure.message, failure.traceback, peer=_is_of_a_peer(failure)
        )
        self._words.sendall(json.dumps(asdict(word)).encode() + b"\n")
        _wait_to_be_killed()

    def _order(self, order: dict[str, Any]) -> None:
        line = json.dumps(order).encode() + b"\n"
        try:
            for sock in self._orders:
                sock.sendall(line)
        except OSError:
            # Another rank is gone: the leader sees that too, and decides. As a failure of this one it would end the job.
            _wait_to_be_killed()

    def _next_order(self) -> dict[str, Any]:
        assert self._inbox is not None, "rank 0 gives the orders"
        line = self._inbox.readline()
        if not line.endswith(b"\n"):
            raise EOFError(_GONE)
        order: dict[str, Any] = json.loads(line)
        return order


def _wait_to_be_killed() -> NoReturn:
    while True:
        time.sleep(_UNTIL_KILLED_S)


def _is_of_a_peer(failure: Failure) -> bool:
    """Whether a collective broke because another rank left it."""
    said = f"{failure.message}\n{failure.traceback[-4000:]}".lower()
    return any(
        words in said
        for words in (
            "connection closed by peer",
            "connection reset by peer",
            "broken pipe",
            "gloo/transport",
            "distbackenderror",
            "distnetworkerror",
            "nccl error",
        )
    )
