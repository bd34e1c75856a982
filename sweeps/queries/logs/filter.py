"""What a reader looks for in a log, and which lines are that."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sweeps.queries.shapes import LogLine

STREAMS: Final = ("stdout", "stderr", "logging", "runner")
LEVELS: Final = ("debug", "info", "warning", "error")
MAX_QUERY: Final = 200

# Libraries print their warnings where no level is told.
_ERROR: Final = re.compile(r"\b(CRITICAL|FATAL|ERROR|Traceback \(most recent call last\)|\w+(?:Error|Exception):)")
_WARNING: Final = re.compile(r"\bWARN(?:ING)?\b|\b\w*Warning:")


class BadFilter(ValueError):
    """`field` of the request is wrong; the text is a sentence with the mend."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class LogFilter:
    """`trial`: of this trial only. `stream`: from there only. `level`: this or worse. `words`: lines that have them, in any case."""

    trial: int | None = None
    stream: str = ""
    level: str = ""
    words: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "LogFilter":
        """From the parameters `trial`, `stream`, `level`, `q` of an address. Raises BadFilter."""
        trial = given.get("trial", "").strip()
        if trial and not re.fullmatch(r"\d{1,9}", trial, re.ASCII):
            raise BadFilter("trial", f"{trial[:20]!r} is not a trial's number, such as 3.")
        stream = given.get("stream", "")
        if stream and stream not in STREAMS:
            raise BadFilter("stream", f"There is no stream {stream[:20]!r}; there are {', '.join(STREAMS)}.")
        level = given.get("level", "")
        if level and level not in LEVELS:
            raise BadFilter("level", f"There is no level {level[:20]!r}; there are {', '.join(LEVELS)}.")
        words = given.get("q", "").strip().replace("\0", "")
        if len(words) > MAX_QUERY:
            raise BadFilter("q", f"At most {MAX_QUERY} characters can be searched for.")
        return cls(int(trial) if trial else None, stream, level, words)

    def parameters(self) -> dict[str, str]:
        """What `read` reads, without the trial."""
        given = {"stream": self.stream, "level": self.level, "q": self.words}
        return {name: value for name, value in given.items() if value}

    def admits(self, entry: LogLine) -> bool:
        """Whether the entry may have such lines."""
        return (self.trial is None or entry["number"] == self.trial) and (
            not self.stream or entry["stream"] == self.stream
        )

    def picks(self, text: str, level: str) -> bool:
        """Whether a line of such an entry is one."""
        if self.level and LEVELS.index(level or "info") < LEVELS.index(self.level):
            return False
        return not self.words or self.words.lower() in text.lower()


def level_of(entry: Mapping[str, Any], text: str) -> str:
    """The line's level: as it was told, or as its words say; empty when nothing says."""
    told = str(entry.get("level") or "")
    if told or entry["stream"] == "runner":
        return told
    if _ERROR.search(text):
        return "error"
    return "warning" if _WARNING.search(text) else ""
