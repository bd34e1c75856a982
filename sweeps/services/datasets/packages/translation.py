"""From English into Spanish: as pairs, as Spanish texts, as chats, and as questions about a small dictionary."""

from typing import Any, Final

import pyarrow as pa

from sweeps.services.datasets.packages.base import Examples, Options, PackageData
from sweeps.services.datasets.packages.english_spanish import SOURCE, sentence_pairs

ENTRIES: Final = 4
"""Of the dictionary that a question is about."""
_MAX_WORDS: Final = 6
_ENDS: Final = " .:;,?!…"
_MESSAGES: Final = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
_ANSWERS: Final = pa.struct([("text", pa.list_(pa.string())), ("answer_start", pa.list_(pa.int64()))])


def load_pairs(_options: Options) -> Examples:
    """English and Spanish."""
    english, spanish = zip(*sentence_pairs(), strict=True)
    return Examples({"source": pa.array(english, pa.string()), "target": pa.array(spanish, pa.string())})


def load_texts(_options: Options) -> Examples:
    """The Spanish side, each text once."""
    texts = dict.fromkeys(spanish for _english, spanish in sentence_pairs())
    return Examples({"text": pa.array(list(texts), pa.string())})


def load_chats(_options: Options) -> Examples:
    """A person asks for a translation and gets it."""
    chats = [
        [{"role": "user", "content": f"Translate into Spanish: {english}"}, {"role": "assistant", "content": spanish}]
        for english, spanish in sentence_pairs()
    ]
    return Examples({"messages": pa.array(chats, _MESSAGES)})


def load_questions(_options: Options) -> Examples:
    """Each context is a dictionary of four short entries, asked for each of them."""
    plain = {english.rstrip(_ENDS): spanish.rstrip(_ENDS) for english, spanish in sentence_pairs()}
    short = [pair for pair in plain.items() if all(pair) and max(len(text.split()) for text in pair) <= _MAX_WORDS]
    questions: list[str] = []
    contexts: list[str] = []
    answers: list[dict[str, list[Any]]] = []
    for first in range(0, len(short) - ENTRIES + 1, ENTRIES):
        entries = short[first : first + ENTRIES]
        context, starts = "", []
        for english, spanish in entries:
            context += f"{english}: "
            starts.append(len(context))
            context += f"{spanish}; "
        for (english, spanish), start in zip(entries, starts, strict=True):
            questions.append(f"What is the Spanish for {english}?")
            contexts.append(context.removesuffix("; ") + ".")
            answers.append({"text": [spanish], "answer_start": [start]})
    return Examples(
        {
            "question": pa.array(questions, pa.string()),
            "context": pa.array(contexts, pa.string()),
            "answers": pa.array(answers, _ANSWERS),
        }
    )


PAIRS: Final = PackageData(
    key="translation",
    title="English to Spanish",
    layout="seq2seq",
    description="Short messages and their translations. A tiny sequence to sequence model learns the frequent ones.",
    source=SOURCE,
    load=load_pairs,
)
TEXTS: Final = PackageData(
    key="spanish-texts",
    title="Spanish messages",
    layout="causal-lm",
    description="Short Spanish texts, to be continued word by word. A tiny GPT-2 trains on them in seconds.",
    source=SOURCE,
    load=load_texts,
)
MASKED: Final = PackageData(
    key="spanish-masked",
    title="Spanish messages with gaps",
    layout="masked-lm",
    description="Short Spanish texts whose masked words are to be filled in. A tiny BERT trains on them in seconds.",
    source=SOURCE,
    load=load_texts,
)
CHATS: Final = PackageData(
    key="translation-chat",
    title="Chats that translate",
    layout="causal-lm-messages",
    description="A person asks for a Spanish translation and an assistant gives it: instruction data in chat form.",
    source=SOURCE,
    load=load_chats,
)
QUESTIONS: Final = PackageData(
    key="dictionary-questions",
    title="Questions about a dictionary",
    layout="question-answering",
    description="Each context is a dictionary of four entries; the answer to be found is the Spanish for one of them.",
    source=SOURCE,
    load=load_questions,
)
