"""How much of a log is kept: so much for a trial, so much for a job. Beyond it a notice stands where the rest would."""

from typing import Any, Final

from django.conf import settings

from sweeps.queries.shapes import LogLine

LOGGED: Final = "logged"
"""Where a job's facts count the bytes of its log, `{"bytes": …, "trials": {number: …}}`."""


class LogCaps:
    """The limits of one job's log. Counts in the job's facts, which the caller saves."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self._facts = facts

    def admit(self, line: LogLine) -> LogLine | None:
        """The line, or a notice in place of the first one that is too much, or None."""
        counts: dict[str, Any] = self._facts.setdefault(LOGGED, {"bytes": 0, "trials": {}})
        size = len(line["text"].encode())
        before = counts["bytes"]
        if before > settings.MAX_LOG_BYTES:
            return None
        counts["bytes"] = before + size
        if counts["bytes"] > settings.MAX_LOG_BYTES:
            return _notice(line, "this job", settings.MAX_LOG_BYTES, "HPWEB_LOG_MB", None)
        if line["number"] is None:
            return line
        trials, key = counts["trials"], str(line["number"])
        before = trials.get(key, 0)
        if before > settings.MAX_TRIAL_LOG_BYTES:
            counts["bytes"] -= size
            return None
        trials[key] = before + size
        if trials[key] > settings.MAX_TRIAL_LOG_BYTES:
            return _notice(line, f"trial {key}", settings.MAX_TRIAL_LOG_BYTES, "HPWEB_TRIAL_LOG_MB", line["number"])
        return line

    def forget(self, number: int) -> None:
        """The trial has ended: what it logged need not be counted any more."""
        counts = self._facts.get(LOGGED)
        if counts:
            counts["trials"].pop(str(number), None)


def _notice(line: LogLine, whose: str, limit: int, variable: str, number: int | None) -> LogLine:
    text = (
        f"The log of {whose} has reached {limit / 2**20:g} MB: what follows is not kept. "
        f"An admin raises the limit with {variable}."
    )
    return {**line, "stream": "runner", "level": "warning", "number": number, "text": text}
