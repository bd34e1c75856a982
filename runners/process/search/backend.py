"""What a backend is to a child."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from runners.process.distributed.rank import Rank
from runners.process.folder import JobFolder
from runners.process.search.reporter import Reporter
from runners.process.training.pace import Notes
from runners.process.training.prepare import Workbench
from runners.protocol.job import Claimed, Permit


@dataclass(frozen=True)
class Setting:
    """What a backend is made from. `child`: this child's name. `end_search`: called with the reason for no more trials.

    `rank`: this process in its group, where a trial has several processes. `pace`: where its steps are counted.
    """

    folder: JobFolder
    claimed: Claimed
    workbench: Workbench
    reporter: Reporter
    child: str
    end_search: Callable[[str], None]
    rank: Rank | None = None
    pace: Notes | None = None


class Backend(ABC):
    """Made once per child, before the first permit."""

    @abstractmethod
    def __init__(self, setting: Setting) -> None: ...

    @abstractmethod
    def run(self, permit: Permit) -> bool:
        """Run the permit's trial to its end, whatever that is; its events are written when this returns.

        False when this process should not run another one: a failed trial may leave memory or state behind. Raises when the search itself is broken.
        """

    def work(self, next_permit: Callable[[], Permit | None]) -> bool:
        """Run trials until there are no more permits. False when another process should go on instead of this one.

        A backend that keeps several trials at work in one process replaces this.
        """
        while permit := next_permit():
            if not self.run(permit):
                return False
        return True
