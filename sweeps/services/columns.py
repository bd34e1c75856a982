"""Metric events as columns: one list a name, `None` where a metric was not logged at a step."""

from typing import TypedDict

from sweeps.queries.shapes import Figure


class ColumnData(TypedDict):
    """What a `MetricChunk` holds; all lists have one length."""

    step: list[int]
    epoch: list[Figure | None]
    t: list[float]
    values: dict[str, list[Figure | None]]


class Columns:
    """Rows of one attempt from one batch."""

    def __init__(self, first_seq: int) -> None:
        self.first_seq = first_seq
        self.step: list[int] = []
        self.epoch: list[Figure | None] = []
        self.t: list[float] = []
        self.values: dict[str, list[Figure | None]] = {}

    def add(self, step: int, epoch: Figure | None, t: float, values: dict[str, Figure]) -> None:
        rows = len(self.step)
        self.step.append(step)
        self.epoch.append(epoch)
        self.t.append(t)
        for name, value in values.items():
            column = self.values.get(name)
            if column is None:
                column = self.values[name] = [None] * rows
            elif len(column) < rows:
                column.extend([None] * (rows - len(column)))
            column.append(value)

    def data(self) -> ColumnData:
        """As a `MetricChunk` keeps it."""
        self._square()
        return {"step": self.step, "epoch": self.epoch, "t": self.t, "values": self.values}

    def extend(self, data: ColumnData) -> None:
        """Put a later chunk's rows behind these."""
        self._square()
        rows = len(self.step)
        self.step += data["step"]
        self.epoch += data["epoch"]
        self.t += data["t"]
        for name, column in data["values"].items():
            self.values.setdefault(name, [None] * rows).extend(column)
        self._square()

    def _square(self) -> None:
        rows = len(self.step)
        for column in self.values.values():
            if len(column) < rows:
                column.extend([None] * (rows - len(column)))
