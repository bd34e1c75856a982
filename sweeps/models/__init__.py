"""The domain's tables."""

from sweeps.models.analysis import SweepAnalysis, SweepWords
from sweeps.models.answered import GivenAnswer
from sweeps.models.artifact import Artifact, StoredFolder, Upload
from sweeps.models.comparison import Comparison
from sweeps.models.job import Job
from sweeps.models.journal import JournalBatch, LogChunk, MetricChunk
from sweeps.models.library import Dataset, DatasetVersion, Model, SearchSpace
from sweeps.models.marks import ChosenColumns, SavedView, SweepTag, TrialNote, TrialStar, TrialTag
from sweeps.models.sweep import SpaceVersion, Sweep, SweepAct
from sweeps.models.trial import Attempt, Trial
from sweeps.models.visit import HomeVisit

__all__ = [
    "Artifact",
    "Attempt",
    "ChosenColumns",
    "Comparison",
    "Dataset",
    "DatasetVersion",
    "GivenAnswer",
    "HomeVisit",
    "Job",
    "JournalBatch",
    "LogChunk",
    "MetricChunk",
    "Model",
    "SavedView",
    "SearchSpace",
    "SpaceVersion",
    "StoredFolder",
    "Sweep",
    "SweepAct",
    "SweepAnalysis",
    "SweepTag",
    "SweepWords",
    "Trial",
    "TrialNote",
    "TrialStar",
    "TrialTag",
    "Upload",
]
