"""A small made data set for each task, and a sweep over it that learns in seconds."""

from tests.runners.process.samples.language import CHAT, COUNTING, MASKED, TURNING
from tests.runners.process.samples.numbers import REGRESSION
from tests.runners.process.samples.questions import QUESTIONS
from tests.runners.process.samples.sample import Sample, sample_sweep, workbench
from tests.runners.process.samples.sounds import SOUNDS
from tests.runners.process.samples.texts import MANY_LABELS, PAIRS
from tests.runners.process.samples.words import TAGS

SAMPLES = (PAIRS, MANY_LABELS, REGRESSION, TAGS, QUESTIONS, SOUNDS, COUNTING, CHAT, MASKED, TURNING)

__all__ = [
    "CHAT",
    "COUNTING",
    "MANY_LABELS",
    "MASKED",
    "PAIRS",
    "QUESTIONS",
    "REGRESSION",
    "SAMPLES",
    "SOUNDS",
    "TAGS",
    "TURNING",
    "Sample",
    "sample_sweep",
    "workbench",
]
