"""What people want of single trials, handed to the processes that train them as small files.

<job>/orders/<number>.json   `{"attempt": …, "act": …}`

A file reaches every child, Ray's workers too, and to look for one costs a step next to nothing.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from runners.process.folder import JobFolder
from runners.protocol.job import Order, Permit


class Orders:
    """The supervisor's side: the files say what the server's last answer said."""

    def __init__(self, folder: JobFolder) -> None:
        self._folder = folder.orders
        self._held: dict[int, Order] = {}
        shutil.rmtree(self._folder, ignore_errors=True)

    def hold(self, orders: Iterable[Order]) -> None:
        """These hold now, and no others. A file that cannot be written is tried again with the next answer."""
        wanted = {order.number: order for order in orders}
        if wanted == self._held:
            return
        for number in self._held.keys() - wanted.keys():
            (self._folder / f"{number}.json").unlink(missing_ok=True)
        held = {number: order for number, order in self._held.items() if number in wanted}
        for number, order in wanted.items():
            if held.get(number) != order:
                with contextlib.suppress(OSError):
                    self._write(self._folder / f"{number}.json", order)
                    held[number] = order
        self._held = held

    def _write(self, path: Path, order: Order) -> None:
        self._folder.mkdir(exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"attempt": order.attempt, "act": order.act}))
        fresh.replace(path)


class OrderOf:
    """Training's side: what is wanted of the attempt of one permit."""

    def __init__(self, folder: JobFolder, permit: Permit) -> None:
        self._path = folder.orders / f"{permit.number}.json"
        self._attempt = permit.attempt

    def act(self) -> str:
        """`stop`, `prune`, `checkpoint`, or "" for none."""
        try:
            os.stat(self._path)  # noqa: PTH116 - at every step: without a Path's own cost
            told = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return ""
        return str(told["act"]) if told.get("attempt") == self._attempt else ""
