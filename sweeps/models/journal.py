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
    """Log entries of one batch: `[{"seq", "t", "number", "stream", "level", "text"}, …]`; `text` may have several lines.

    What a search looks at before it reads the entries: `bytes` of text, the times `t_from` to `t_to` on the job's clock,
    and `numbers`, the trials that are named, as `,3,4,`.
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="logs")
    first_seq = models.PositiveBigIntegerField()
    lines = models.JSONField()
    bytes = models.PositiveIntegerField(default=0)
    t_from = models.FloatField(default=0.0)
    t_to = models.FloatField(default=0.0)
    numbers = models.TextField(default="", blank=True)

    class Meta:
        ordering = ["job", "first_seq"]
        constraints = [models.UniqueConstraint(fields=["job", "first_seq"], name="log_first_seq_once")]

    def __str__(self) -> str:
        return f"log of {self.job} from {self.first_seq}"
