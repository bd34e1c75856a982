"""Add, hold or drop: how many children train at a time, from what they were seen to do. Pure: no clock, no I/O."""

from collections.abc import Iterable
from dataclasses import dataclass

from runners.process.packing.forecast import Forecast
from runners.process.packing.observed import Pace, Plan, Seen

WINDOW_S = 0.6
"""Children are watched for so long at least before their pace counts."""
STEPS = 4
"""And for so many steps."""
GAIN = 1.06
"""An addition must make the whole so much faster, or no further one is tried."""
LEAP = 4
"""The first addition, where the memory is far from full; each later one doubles."""
ROOMY = 0.6
"""Up to this share of the memory a leap is taken."""
CALM = 2
"""After memory ran out: so many trials of each child must end well before another child is added."""


@dataclass(frozen=True)
class Limits:
    """`most`: children at a time; `reason`: what sets that limit, for people. `grows`: False where a person gave the number."""

    most: int
    reason: str = "that is the limit"
    grows: bool = True


class Packing:
    """Begins with `start` children. `learned`: an earlier sweep found that number, so nothing is tried.

    The pace of `n` children is `n` times the mean of theirs, in steps a second (`by_samples`: rows a second, where trials
    differ in their batch), over windows in which all of them train. Additions go on while they pay; one that made the
    whole slower is taken back, and a leap that did is halved once.
    """

    def __init__(
        self, limits: Limits, forecast: Forecast, *, start: int = 1, learned: bool = False, by_samples: bool = False
    ) -> None:
        self._limits = limits
        self._forecast = forecast
        self._by_samples = by_samples
        self._target = max(1, min(start, limits.most))
        self._ceiling = limits.most
        self._settled = learned or not limits.grows
        self._rates: dict[int, float] = {}
        self._window: tuple[float, dict[str, Pace]] | None = None
        self._calm: int | None = None
        self._short = False
        self._ready = self._target
        self._why = _first_words(self._target, learned=learned, grows=limits.grows)

    @property
    def settled(self) -> bool:
        """Nothing is being tried."""
        return self._settled

    @property
    def found(self) -> bool:
        """The number holds for other sweeps too: it was not the end of this one that set it."""
        return self._settled and not self._short

    @property
    def plan(self) -> Plan:
        return Plan(self._target, max(self._target, self._ready), self._why)

    def look(self, seen: Seen) -> Plan:
        """What is to be, after this observation."""
        self._forecast.take(seen.paces)
        if self._limits.grows:
            self._heed_memory(seen)
        if not self._settled:
            self._measure(seen)
        self._ready = self._target if self._settled else max(self._target, self._next(seen))
        return self.plan

    def finished(self) -> None:
        """A trial has ended well."""
        if self._calm is None:
            return
        self._calm -= 1
        if self._calm <= 0:
            self._calm = None
            self._rates.clear()
            self._window = None
            self._settled = self._target >= self._ceiling

    def out_of_memory(self, living: int) -> Plan:
        """A trial (or a child that was starting) found no memory, beside `living` - 1 other children of the job.

        Half as many go on. Between those and the number that was too much another one may be tried, once there is calm.
        """
        self._target = max(1, min(self._target, living // 2))
        self._ceiling = max(self._target, min(self._ceiling, (self._target + living) // 2))
        if self._ceiling == living:
            self._ceiling = self._target
        self._settled, self._window = True, None
        self._ready = self._target
        self._calm = CALM * self._target
        beside = living - 1
        self._why = (
            f"{_trials(self._target)}: one ran out of memory beside {beside} other{'' if beside == 1 else 's'}, and waits "
            "to be trained again."
        )
        return self.plan

    def _heed_memory(self, seen: Seen) -> None:
        fits = self._forecast.fits(seen.card, seen.paces)
        if fits is None or fits >= self._target or self._target == 1:
            return
        self._target = max(1, fits)
        self._settled, self._window = True, None
        self._why = f"{_trials(self._target)}: {self._memory_words(seen)}"

    def _measure(self, seen: Seen) -> None:
        working = [pace for pace in seen.paces if pace.working]
        if len(working) != self._target or (self._window is None and any(not pace.busy for pace in working)):
            self._window = None
            return
        now = {pace.child: pace for pace in working}
        if self._window is None:
            self._window = (seen.t, now)
            return
        began, before = self._window
        if before.keys() != now.keys():
            self._window = (seen.t, now)
            return
        moved = [now[name] for name, old in before.items() if now[name].steps - old.steps >= STEPS]
        if seen.t - began < WINDOW_S or 2 * len(moved) < len(working):
            return
        self._window = None
        self._decide(seen, self._target * self._pace(before, moved))

    def _pace(self, before: dict[str, Pace], moved: Iterable[Pace]) -> float:
        """The mean of these children's paces."""
        paces = []
        for pace in moved:
            old = before[pace.child]
            done = pace.samples - old.samples if self._by_samples else pace.steps - old.steps
            paces.append(done / max(1e-9, pace.busy - old.busy))
        return sum(paces) / len(paces)

    def _decide(self, seen: Seen, rate: float) -> None:
        """The pace of `target` children is known now."""
        self._rates[self._target] = rate
        lower = max((n for n in self._rates if n < self._target), default=None)
        unit = "rows" if self._by_samples else "steps"
        if lower is not None and rate < self._rates[lower] * GAIN:
            kept = self._rates[lower]
            found = f"with {self._target} at a time it was {_short(rate)} {unit} a second, with {lower} {_short(kept)}"
            between = 2 * lower
            if between < self._target and between not in self._rates:
                self._ceiling, self._target = between, between
                self._why = f"{_trials(between)}, being tried: {found}."
                return
            self._target = lower if rate <= kept else self._target
            self._settled = True
            self._why = f"{_trials(self._target)}: {found}."
            return
        following = self._next(seen)
        words = f"{_short(rate)} {unit} a second"
        if lower is not None:
            words += f", {rate / self._rates[lower]:.2g} times as fast as {lower} at a time"
        if following <= self._target:
            self._settled = True
            self._why = f"{_trials(self._target)} ({words}): {self._bound_words(seen)}"
            return
        self._why = f"{_trials(following)}, being tried: {_trials(self._target).lower()} made {words}."
        self._target = following

    def _next(self, seen: Seen) -> int:
        """How many are tried after so many as now, within every limit."""
        fits = self._forecast.fits(seen.card, seen.paces)
        roomy = self._forecast.fits(seen.card, seen.paces, ROOMY)
        leap = self._target * LEAP
        wanted = leap if self._target == 1 and roomy is not None and roomy >= leap else self._target * 2
        bounds = [wanted, self._ceiling]
        if fits is not None:
            bounds.append(fits)
        if seen.left is not None:
            bounds.append(sum(pace.working for pace in seen.paces) + seen.left)
        return max(self._target, min(bounds))

    def _bound_words(self, seen: Seen) -> str:
        if self._target >= self._limits.most:
            return f"{self._limits.reason}."
        if seen.left is not None and sum(pace.working for pace in seen.paces) + seen.left <= self._target:
            self._short = True
            return "no more trials are left to add."
        if self._target >= self._ceiling:
            return "more had run out of memory, or were no faster."
        return self._memory_words(seen)

    def _memory_words(self, seen: Seen) -> str:
        each, total = self._forecast.each / 1e9, seen.card.total / 1e9
        return f"each may need {each:.3g} GB of memory, of {total:.3g} GB in all, and a margin stays free."


def _first_words(children: int, *, learned: bool, grows: bool) -> str:
    if not grows:
        return f"{_trials(children)}, as chosen."
    if learned:
        return f"{_trials(children)}, as an earlier sweep of this model on this device has shown."
    return f"{_trials(children)}: its pace is being measured."


def _trials(count: int) -> str:
    return "1 trial" if count == 1 else f"{count} trials"


def _short(pace: float) -> str:
    """Three digits, as people write them: 3,170 and 0.0123."""
    return f"{float(f'{pace:.3g}'):,.10g}"
