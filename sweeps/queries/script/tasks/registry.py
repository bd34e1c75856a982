"""Tasks by name."""

from collections.abc import Callable
from typing import Final

from sweeps.queries.script.parts import Part
from sweeps.queries.script.tasks.audio_classification import audio_classification
from sweeps.queries.script.tasks.causal_lm import causal_lm
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.tasks.image_classification import image_classification
from sweeps.queries.script.tasks.masked_lm import masked_lm
from sweeps.queries.script.tasks.multi_label_classification import multi_label_classification
from sweeps.queries.script.tasks.question_answering import question_answering
from sweeps.queries.script.tasks.seq2seq import seq2seq
from sweeps.queries.script.tasks.text_classification import text_classification
from sweeps.queries.script.tasks.text_regression import text_regression
from sweeps.queries.script.tasks.token_classification import token_classification

TASKS: Final[dict[str, Callable[[Part], TaskCode]]] = {
    "text-classification": text_classification,
    "multi-label-classification": multi_label_classification,
    "text-regression": text_regression,
    "token-classification": token_classification,
    "question-answering": question_answering,
    "causal-lm": causal_lm,
    "seq2seq": seq2seq,
    "masked-lm": masked_lm,
    "image-classification": image_classification,
    "audio-classification": audio_classification,
}
