"""Tasks that predict tokens."""

from typing import Final

from runners.process.catalogue_build.tasks.settings import MAX_LENGTH, TRAIN_FRACTION
from runners.protocol.catalogue.shapes import Field, MetricInfo, Task
from runners.protocol.space import CategoricalParameter

_LOSS: Final = MetricInfo(
    name="eval_loss",
    label="Loss",
    direction="minimize",
    help="Mean cross-entropy, batch by batch: how surprised the model is by the right tokens.",
)
_TOKENS: Final = (
    _LOSS,
    MetricInfo(
        name="eval_perplexity",
        label="Perplexity",
        direction="minimize",
        help="exp of the mean loss over all tokens: among how many tokens the model still wavers.",
    ),
    MetricInfo(
        name="eval_token_loss",
        label="Loss over tokens",
        direction="minimize",
        help="Mean cross-entropy over all tokens; short batches weigh less than in the loss.",
    ),
    MetricInfo(
        name="eval_token_accuracy",
        label="Accuracy of tokens",
        direction="maximize",
        help="The share of tokens that the model holds for the likeliest.",
    ),
)

CAUSAL_LM: Final = Task(
    name="causal-lm",
    label="Causal language modelling",
    modality="text",
    auto_class="AutoModelForCausalLM",
    metrics=_TOKENS,
    settings=(
        MAX_LENGTH,
        TRAIN_FRACTION,
        Field(
            name="answers_only",
            type="bool",
            default=True,
            group="data",
            help="Learn the assistant's words and completions only, not what is asked. Plain texts are learned whole.",
            proposal=CategoricalParameter(name="data.answers_only", choices=(True, False)),
        ),
    ),
)

MASKED_LM: Final = Task(
    name="masked-lm",
    label="Masked language modelling",
    modality="text",
    auto_class="AutoModelForMaskedLM",
    metrics=_TOKENS,
    settings=(
        MAX_LENGTH,
        TRAIN_FRACTION,
        Field(
            name="mlm_probability",
            type="float",
            default=0.15,
            minimum=0.01,
            maximum=0.9,
            group="data",
            help="The share of tokens that is masked while training. Evaluations always mask 0.15.",
            proposal=CategoricalParameter(name="data.mlm_probability", choices=(0.1, 0.15, 0.3)),
        ),
    ),
)

SEQ2SEQ: Final = Task(
    name="seq2seq",
    label="Sequence to sequence",
    modality="text",
    auto_class="AutoModelForSeq2SeqLM",
    metrics=(
        _LOSS,
        *(
            MetricInfo(
                name=f"eval_rouge{kind}",
                label=f"ROUGE-{kind}",
                direction="maximize",
                help=f"Overlap of {what} with the wanted text, from 0 to 1.",
            )
            for kind, what in (("1", "words"), ("2", "pairs of words"), ("L", "the longest common sequence"))
        ),
        MetricInfo(
            name="eval_bleu",
            label="BLEU",
            direction="maximize",
            help="How many word sequences are in the wanted text, from 0 to 100.",
        ),
        MetricInfo(
            name="eval_chrf",
            label="chrF",
            direction="maximize",
            help="Overlap of character sequences, from 0 to 100; kinder to rich word forms than BLEU.",
        ),
        MetricInfo(
            name="eval_gen_len",
            label="Length of the answers",
            direction="minimize",
            help="Mean number of tokens that the model writes.",
        ),
    ),
    settings=(
        MAX_LENGTH,
        TRAIN_FRACTION,
        Field(
            name="max_target_length",
            type="int",
            default=64,
            minimum=4,
            maximum=512,
            group="data",
            help="The longest answer in tokens, learned and written.",
            proposal=CategoricalParameter(name="data.max_target_length", choices=(32, 64, 128)),
        ),
        Field(
            name="num_beams",
            type="int",
            default=1,
            minimum=1,
            maximum=16,
            group="data",
            help="Answers that are followed side by side when the model writes; 1 takes the likeliest token.",
            proposal=CategoricalParameter(name="data.num_beams", choices=(1, 4)),
        ),
    ),
)
