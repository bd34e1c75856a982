"""Packing of one job: its controller, what it looks at, and what it remembers."""

from collections.abc import Sequence

from runners.process.packing.controller import Packing
from runners.process.packing.forecast import CONTEXT, Forecast
from runners.process.packing.learned import Found, Learned, key_of
from runners.process.packing.observed import Pace, Plan, Seen
from runners.process.packing.site import Site, largest_batch, limits_of
from runners.protocol.spec import SweepSpec

SETTLED_S = 2.0
"""Once nothing is tried any more, the device is looked at no more often."""


class Packer:
    """`learned`: None where nothing is remembered."""

    def __init__(self, spec: SweepSpec, site: Site, learned: Learned | None) -> None:
        self._site = site
        limits = limits_of(spec, site)
        self._auto = limits.grows
        self._learned = learned if self._auto else None
        self._key = key_of(spec, site.device, site.cores) if self._learned else ""
        self._batch = largest_batch(spec)
        known = self._learned.get(self._key) if self._learned else None
        self._what = f"{spec.task}, {site.device}"
        self._forecast = Forecast(
            largest_batch=self._batch, context=CONTEXT if site.gpu else 0, known=known.peak if known else 0
        )
        self._control = Packing(
            limits,
            self._forecast,
            start=limits.most if not self._auto else known.children if known else 1,
            learned=known is not None,
            by_samples=bool(self._batch),
        )
        self._noted = known.children if known else 0
        self._looked = 0.0

    @property
    def plan(self) -> Plan:
        return self._control.plan

    @property
    def tells(self) -> bool:
        """Whether the number is worth telling people: it was not theirs, or has not stayed so."""
        return self._auto or "memory" in self.plan.why

    def prepared(self, parameters: int) -> None:
        """The model of a trial has at most so many parameters."""
        self._forecast.parameters = parameters

    def look(self, now: float, paces: Sequence[Pace], left: int | None) -> None:
        """Decide anew, where that is of use. `now`: seconds, monotonic."""
        if not self._auto or (self._control.settled and now - self._looked < SETTLED_S):
            return
        self._looked = now
        self._control.look(Seen(now, tuple(paces), self._site.card(), left))
        self._remember()

    def finished(self) -> None:
        self._control.finished()

    def out_of_memory(self, living: int) -> None:
        """See `Packing.out_of_memory`."""
        self._control.out_of_memory(living)
        self._remember()

    def _remember(self) -> None:
        plan = self._control.plan
        if self._learned is None or not self._control.found or plan.children == self._noted:
            return
        self._noted = plan.children
        found = Found(children=plan.children, peak=self._forecast.peak, what=f"{self._what}. {plan.why}"[:500])
        self._learned.put(self._key, found)
