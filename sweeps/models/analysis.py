"""What the server has computed about a sweep, kept until more trials have ended."""

from django.db import models

from sweeps.models.sweep import Sweep


class SweepAnalysis(models.Model):
    """Importances and hypervolume of a sweep.

    `asked_at`: somebody looks, and wants it newer than it is; null when it is done. `begun_at`: a process computes it.
    `result`: `runners.optimizers.analysis.Found`, which rests on the `finished` trials that were complete at
    `computed_at`; it took `took_s`. `problem`: why the last try gave none.
    """

    sweep = models.OneToOneField(Sweep, models.CASCADE, related_name="analysis")
    asked_at = models.DateTimeField(null=True, blank=True, db_index=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    computed_at = models.DateTimeField(null=True, blank=True)
    finished = models.PositiveIntegerField(default=0)
    took_s = models.FloatField(default=0.0)
    result = models.JSONField(null=True, blank=True)
    problem = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"analysis of {self.sweep}"


class SweepWords(models.Model):
    """Which parameter values stand in a sweep's trials, so that a search need not read the trials.

    `position`: the sweep's, when it was last looked at; `trials`: how many are in `data`, see `queries.find.terms`.
    """

    sweep = models.OneToOneField(Sweep, models.CASCADE, primary_key=True, related_name="words")
    position = models.PositiveBigIntegerField()
    trials = models.PositiveIntegerField(default=0)
    data = models.BinaryField(default=bytes)

    def __str__(self) -> str:
        return f"words of {self.sweep}"
