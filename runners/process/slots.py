"""Slots: how many jobs at once, and which device each trains on."""

from runners.protocol.runner import Accelerator


class Slots:
    """Slot *i* trains on GPU *i* modulo their number, or on the CPU where there is none.

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

    def device(self, slot: int) -> tuple[str, str]:
        """The slot's device for torch ("cpu", "cuda:0"), and for people."""
        if not self._accelerators:
            return "cpu", f"CPU, {self._cpu_count} cores"
        gpu = self._accelerators[slot % len(self._accelerators)]
        return f"cuda:{gpu.index}", f"{gpu.name} (GPU {gpu.index})"
