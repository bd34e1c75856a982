"""What jobs told: the journal as it came, and the columns that the pages read."""

from django.db import models

from sweeps.models.job import Job
from sweeps.models.trial import Attempt


class JournalBatch(models.Model):
    """Events `first_seq` to `last_seq` of a job: a zlib-compressed JSON list, as they came. Pruned some time after the job."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="batches")
    first_seq = models.PositiveBigIntegerField()
    last_seq = models.PositiveBigIntegerField()
    payload = models.BinaryField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["job", "first_seq"]
        constraints = [models.UniqueConstraint(fields=["job", "first_seq"], name="batch_first_seq_once")]

    def __str__(self) -> str:
        return f"{self.first_seq}-{self.last_seq} of {self.job}"


class MetricChunk(models.Model):
    """Metric rows of an attempt, as columns.

    `data`: `{"step": […], "epoch": […], "t": […], "values": {name: [… or null]}}`, all lists `rows` long; non-finite
    numbers are "nan", "inf", "-inf".
    """

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="chunks")
    first_seq = models.PositiveBigIntegerField()
    rows = models.PositiveIntegerField()
    data = models.JSONField()

    class Meta:
        ordering = ["attempt", "first_seq"]
        constraints = [models.UniqueConstraint(fields=["attempt", "first_seq"], name="chunk_first_seq_once")]

    def __str__(self) -> str:
        return f"{self.rows} rows of {self.attempt}"


class LogChunk(models.Model):
    """Log lines of one batch: `[{"t", "number", "stream", "text"}, …]`."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="logs")
    first_seq = models.PositiveBigIntegerField()
    lines = models.JSONField()

    class Meta:
        ordering = ["job", "first_seq"]
        constraints = [models.UniqueConstraint(fields=["job", "first_seq"], name="log_first_seq_once")]

    def __str__(self) -> str:
        return f"log of {self.job} from {self.first_seq}"
