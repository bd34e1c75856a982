"""A job's time: seconds on this machine's monotonic clock since the claim."""

import time


class JobClock:
    """`t0`: `time.monotonic()` at the claim. It goes on from `at_least` when the machine was started anew since."""

    def __init__(self, t0: float, *, at_least: float = 0.0) -> None:
        now = time.monotonic()
        self._t0 = t0 if now - t0 >= at_least else now - at_least

    def now(self) -> float:
        return max(0.0, time.monotonic() - self._t0)
