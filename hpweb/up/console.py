"""What several processes say, on one terminal: each line behind the name of who said it."""

import sys
from typing import Final, TextIO

COLOURS: Final = {"hpweb": "1", "server": "36", "runner": "35"}
WIDTH: Final = max(len(name) for name in COLOURS)


class Console:
    """Writes whole lines only, so that two processes never share one."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._colour = stream.isatty()

    def line(self, name: str, text: str) -> None:
        prefix = f"{name:<{WIDTH}} |"
        if self._colour:
            prefix = f"\x1b[{COLOURS.get(name, '0')}m{prefix}\x1b[0m"
        try:
            print(f"{prefix} {text}".rstrip(), file=self._stream, flush=True)
        except BrokenPipeError:
            # The reader has gone (`make run | head`); what the processes do matters more than what they say.
            pass
        except UnicodeEncodeError:
            print(f"{prefix} {text}".encode("ascii", "replace").decode(), file=self._stream, flush=True)
