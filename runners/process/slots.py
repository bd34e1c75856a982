"""Slots: how many jobs at once, and which device each trains on."""

from runners.protocol.room import slots_taken
from runners.protocol.runner import Accelerator


class Slots:
    """Slot *i* trains on GPU *i* modulo their number, or on the CPU where there is none. A job whose trials have several
    processes holds a slot for each (`slots_taken`), and trains on as many GPUs.

    `count` None: one for each GPU, at least one.
    """

    def __init__(self, count: int | None, accelerators: tuple[Accelerator, ...], cpu_count: int) -> None:
        self.count = count if count is not None else max(1, len(accelerators))
        self._accelerators = accelerators
        self._cpu_count = cpu_count
        self._free = list(range(self.count))

    @property
    def free(self) -> int:
        return len(self._free)

    def take(self) -> int | None:
        """The lowest free slot."""
        return self._free.pop(0) if self._free else None

    def give_back(self, slot: int) -> None:
        self._free.append(slot)
        self._free.sort()

    def missing(self, held: list[int], processes: int) -> int:
        """How many more slots a job must hold that has `held`."""
        return slots_taken(processes, self.count) - len(held)

    def take_further(self, held: list[int], processes: int) -> list[int]:
        """Take what is missing of the free slots, or as many as there are: first those on GPUs that no held slot has."""
        taken: list[int] = []
        for _ in range(min(self.missing(held, processes), self.free)):
            used = self._gpus([*held, *taken])
            taken.append(min(self._free, key=lambda slot: (bool(self._gpus([slot]) & used), slot)))
            self._free.remove(taken[-1])
        return taken

    def device(self, held: list[int], processes: int = 1) -> tuple[str, str]:
        """The device of a job's slots for torch ("cpu", "cuda:0", or "cuda:0,1" for two processes), and for people.

        GPUs of its own slots first, then those of free ones. Fewer than processes where there are no more: the child
        then says so.
        """
        if not self._accelerators:
            return "cpu", f"CPU, {self._cpu_count} cores"
        places = [slot % len(self._accelerators) for slot in (*held, *self._free)]
        distinct = list(dict.fromkeys([*places, *range(len(self._accelerators))]))
        gpus = sorted((self._accelerators[place] for place in distinct[:processes]), key=lambda gpu: gpu.index)
        indices = [str(gpu.index) for gpu in gpus]
        return f"cuda:{','.join(indices)}", f"{gpus[0].name} (GPU {', '.join(indices)})"

    def _gpus(self, slots: list[int]) -> set[int]:
        """On the CPU each slot has a place of its own."""
        return {slot % len(self._accelerators) if self._accelerators else slot for slot in slots}
