"""What a task needs of a file: which roles columns play, of which kind. Form, mapping, writing and preview read this table.

A task has one layout or more; a layout is one way in which a file may hold the task's rows.
"""

from dataclasses import dataclass
from typing import Final, Literal

KindName = Literal["text", "label", "labels", "number", "tokens", "tags", "answers", "messages", "image", "audio"]


@dataclass(frozen=True)
class Role:
    """`name`: the canonical column, but for answers, which become two. `names`: what such columns are often called, from
    the likeliest. `field`: of the form, and of what is refused. `help`: what may be in a cell."""

    name: str
    label: str
    kind: KindName
    names: tuple[str, ...]
    field: str
    optional: bool = False
    help: str = ""


@dataclass(frozen=True)
class Layout:
    """`key` is unique over all tasks. `label` tells a task's layouts apart."""

    key: str
    task: str
    roles: tuple[Role, ...]
    label: str = ""

    @property
    def coded(self) -> Role | None:
        """The role whose cells name labels."""
        return next((role for role in self.roles if role.kind in {"label", "labels", "tags"}), None)

    @property
    def media(self) -> str:
        """`image`, `audio`, or "" for a table of text."""
        return next((role.kind for role in self.roles if role.kind in {"image", "audio"}), "")

    def role(self, name: str) -> Role:
        return next(role for role in self.roles if role.name == name)


LABEL_NAMES: Final = (
    "label", "labels", "class", "target", "category", "sentiment", "lang", "language", "intent", "topic", "emotion", "y",
)  # fmt: skip
TEXT_NAMES: Final = (
    "text", "sentence", "content", "review", "body", "document", "tweet", "comment", "message", "sentence1", "premise",
)  # fmt: skip
_LIST_HELP: Final = "A list in each cell: JSON, or words with spaces between."

_TEXT: Final = Role("text", "Text", "text", TEXT_NAMES, "input_column")
_PAIR: Final = Role(
    "text_pair", "Second text", "text", ("text_pair", "sentence2", "hypothesis", "text2"), "text_pair_column",
    optional=True, help="Only where each row compares two texts.",
)  # fmt: skip
_LABEL: Final = Role("label", "Label", "label", LABEL_NAMES, "label_column")

_ALL: Final = (
    Layout("text-classification", "text-classification", (_TEXT, _PAIR, _LABEL)),
    Layout(
        "multi-label-classification",
        "multi-label-classification",
        (
            _TEXT,
            _PAIR,
            Role(
                "labels", "Labels", "labels", ("labels", "tags", "topics", "categories", "label", "genres"), "label_column",
                help="A list in JSON, or labels with a separator between. An empty cell has no label.",
            ),
        ),
    ),
    Layout(
        "text-regression",
        "text-regression",
        (
            _TEXT,
            _PAIR,
            Role("label", "Number", "number", ("score", "label", "rating", "value", "target", "stars", "y"), "label_column"),
        ),
    ),
    Layout(
        "token-classification",
        "token-classification",
        (
            Role("tokens", "Tokens", "tokens", ("tokens", "words", "token"), "tokens_column", help=_LIST_HELP),
            Role(
                "tags", "Tags", "tags", ("tags", "ner_tags", "pos_tags", "labels", "upos", "chunk_tags"), "tags_column",
                help="As many as there are tokens.",
            ),
        ),
    ),
    Layout(
        "question-answering",
        "question-answering",
        (
            Role("question", "Question", "text", ("question", "query"), "question_column"),
            Role("context", "Context", "text", ("context", "passage", "paragraph", "document"), "context_column"),
            Role(
                "answers", "Answers", "answers", ("answers", "answer"), "answers_column",
                help='As SQuAD has them: {"text": ["…"], "answer_start": [0]}; empty lists for a question without an answer.',
            ),
        ),
    ),
    Layout("causal-lm", "causal-lm", (_TEXT,), "Plain text"),
    Layout(
        "causal-lm-messages",
        "causal-lm",
        (
            Role(
                "messages", "Messages", "messages", ("messages", "conversation", "conversations", "chat"), "messages_column",
                help='A list in JSON: [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}].',
            ),
        ),
        "Chat messages",
    ),
    Layout(
        "causal-lm-prompt",
        "causal-lm",
        (
            Role("prompt", "Prompt", "text", ("prompt", "instruction", "input", "question"), "prompt_column"),
            Role("completion", "Completion", "text", ("completion", "response", "output", "answer"), "completion_column"),
        ),
        "Prompt and completion",
    ),
    Layout(
        "seq2seq",
        "seq2seq",
        (
            Role("source", "Source", "text", ("source", "src", "article", "en"), "source_column"),
            Role("target", "Target", "text", ("target", "tgt", "summary", "highlights", "translation", "es", "fr", "de"), "target_column"),
        ),
    ),
    Layout("masked-lm", "masked-lm", (_TEXT,)),
    Layout(
        "image-classification",
        "image-classification",
        (Role("image", "Image", "image", ("image",), "input_column"), _LABEL),
    ),
    Layout(
        "audio-classification",
        "audio-classification",
        (Role("audio", "Audio", "audio", ("audio",), "input_column"), _LABEL),
    ),
)  # fmt: skip

LAYOUTS: Final = {layout.key: layout for layout in _ALL}


def layouts_of(task: str) -> tuple[Layout, ...]:
    """A task's layouts; none for a task that another package adds."""
    return tuple(layout for layout in _ALL if layout.task == task)


def tasks_for(media: str) -> tuple[str, ...]:
    """The tasks of a file that holds images, audio, or ("") a table of text, in the table's order."""
    return tuple(dict.fromkeys(layout.task for layout in _ALL if layout.media == media))
