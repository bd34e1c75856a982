"""Slots: how many jobs at once, and which device each trains on."""

from runners.protocol.runner import Accelerator


class Slots:
    """Slot *i* trains on GPU *i* modulo their number, or on the CPU where there is none; several processes on the next ones
    too.

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

    def take_beside(self, slot: int, processes: int) -> list[int]:
        """Take the free slots whose GPUs a job in `slot` will use as well, so that no other job trains on them."""
        used = {self._gpu(slot + further) for further in range(1, min(processes, len(self._accelerators)))}
        taken = [free for free in self._free if used and self._gpu(free) in used]
        self._free = [free for free in self._free if free not in taken]
        return taken

    def device(self, slot: int, processes: int = 1) -> tuple[str, str]:
        """The slot's device for torch ("cpu", "cuda:0", or "cuda:0,1" for two processes), and for people.

        Fewer GPUs than processes where there are no more: the child then says so.
        """
        if not self._accelerators:
            return "cpu", f"CPU, {self._cpu_count} cores"
        some = min(processes, len(self._accelerators))
        gpus = [self._accelerators[self._gpu(slot + further)] for further in range(some)]
        indices = [str(gpu.index) for gpu in gpus]
        return f"cuda:{','.join(indices)}", f"{gpus[0].name} (GPU {', '.join(indices)})"

    def _gpu(self, slot: int) -> int:
        return slot % len(self._accelerators)
