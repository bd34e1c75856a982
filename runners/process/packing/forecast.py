"""How much memory one more child may need: by the largest that was seen, and by the largest batch of the space."""

from collections.abc import Iterable

from runners.process.packing.observed import Card, Pace

CONTEXT = 600 * 2**20
"""Bytes of GPU memory that a process holds beside its tensors: CUDA's context and its libraries' kernels."""
UNSEEN = 2**30
"""Bytes for the activations of a model that has not trained yet; a guess for the first seconds only."""
STATES = 16
"""Bytes a parameter: weight, gradient and Adam's two averages, four each."""
MARGIN = 0.08
"""This share of the memory stays free."""


class Forecast:
    """`largest_batch`: rows of a batch at the largest corner of the space; 0 where every trial has the same. `context`: bytes of
    a child beside what it reports.
    """

    def __init__(self, *, parameters: int = 0, largest_batch: int = 0, context: int = CONTEXT, known: int = 0) -> None:
        self.parameters = parameters
        self._largest = largest_batch
        self._context = context
        self.peak = known
        """Bytes of the largest child, as it was seen or as it follows for the largest batch."""

    @property
    def each(self) -> int:
        """Bytes that one child may come to hold."""
        return (self.peak or self.parameters * STATES + UNSEEN) + self._context

    def take(self, paces: Iterable[Pace]) -> None:
        """Learn from what the children have held.

        Weights and optimizer stay as they are when the batch grows; what lies above them grows with it at most.
        """
        for pace in paces:
            if not pace.peak or not pace.steps:
                continue
            fixed = min(pace.peak, self.parameters * STATES)
            ratio = max(1.0, self._largest / pace.batch) if self._largest and pace.batch else 1.0
            self.peak = max(self.peak, int(fixed + (pace.peak - fixed) * ratio))

    def fits(self, card: Card, paces: Iterable[Pace], share: float = 1.0 - MARGIN) -> int | None:
        """How many children this share of the memory has room for, beside what others hold. None: not known."""
        if not card.total:
            return None
        ours = sum(pace.peak + self._context for pace in paces)
        others = max(0, card.used - ours)
        return max(0, int((card.total * share - others) // self.each))
