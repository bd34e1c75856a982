"""What server and runner must know: names, directions, help. No Django and no torch here."""

from runners.protocol.catalogue import AddedMetric, Addition, Field, MetricInfo, Task
from runners.protocol.space import CategoricalParameter, FloatParameter

TEXT_GRADING = Task(
    name="text-grading",
    label="Text grading",
    modality="text",
    auto_class="AutoModelForSequenceClassification",
    metrics=(
        MetricInfo(name="eval_loss", label="Loss", direction="minimize", help="The mean squared error."),
        MetricInfo(
            name="eval_near",
            label="Near",
            direction="maximize",
            help="The share of texts whose grade is off by no more than data.tolerance.",
        ),
    ),
    settings=(
        Field(
            name="max_length",
            type="int",
            default=64,
            minimum=8,
            maximum=512,
            help="The longest text in tokens; what is longer is cut.",
            group="data",
            proposal=CategoricalParameter(name="data.max_length", choices=(32, 64)),
        ),
        Field(
            name="train_fraction",
            type="float",
            default=1.0,
            minimum=0.001,
            maximum=1.0,
            help="The share of the training rows that is used.",
            group="data",
            proposal=FloatParameter(name="data.train_fraction", low=0.25, high=1.0, step=0.25),
        ),
        Field(
            name="tolerance",
            type="float",
            default=0.5,
            minimum=0.0,
            help="How far off a grade may be.",
            group="data",
            searchable=False,
            reason="a lenient measure is no better model.",
        ),
    ),
)

STEPS_OFF = AddedMetric(
    tasks=("text-classification",),
    function="steps_off",
    metric=MetricInfo(
        name="eval_steps_off",
        label="Steps off",
        direction="minimize",
        help="How many labels the predicted one is from the true one, in their order.",
    ),
)

ADDITION = Addition(tasks=(TEXT_GRADING,), metrics=(STEPS_OFF,))
