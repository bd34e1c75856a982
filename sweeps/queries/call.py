"""What is called, as Python: the frozen spec as the calls of `hyperparameter_search` that it stands for."""

from runners.protocol.arguments import ALWAYS, UNLESS_FIXED
from runners.protocol.backends import OptunaBackend, RayBackend, WandbBackend
from runners.protocol.space import Place, place_of
from runners.protocol.spec import SweepSpec
from sweeps.queries.call_objective import notes
from sweeps.queries.call_optuna import optuna_call
from sweeps.queries.call_ray import ray_call, ray_space
from sweeps.queries.call_rows import keywords, optuna_space
from sweeps.queries.call_wandb import wandb_call, wandb_space


def called(spec: SweepSpec) -> str:
    """The calls, in the order of the space's rows. A reader's view, not a program: data and model are left out."""
    match spec.backend:
        case OptunaBackend():
            space, call = optuna_space(spec.space), optuna_call(spec, spec.backend)
        case RayBackend():
            space, call = ray_space(spec.space, spec.backend), ray_call(spec, spec.backend)
        case WandbBackend():
            space, call = wandb_space(spec, spec.backend), wandb_call(spec, spec.backend)
    arguments = {**UNLESS_FIXED, "seed": spec.seed, **spec.arguments, **ALWAYS}
    return "\n".join(
        [
            *_model_notes(spec),
            *space,
            "",
            "args = TrainingArguments(",
            *(f"    {name}={value!r}," for name, value in arguments.items()),
            ")",
            "trainer = Trainer(model_init=model_init, args=args, train_dataset=train, eval_dataset=eval, …)",
            *notes(spec.objectives),
            *call,
        ]
    )


def _model_notes(spec: SweepSpec) -> list[str]:
    lines = []
    if any(place_of(row.name) not in (Place.ARGUMENTS, Place.VARIABLE) for row in spec.space.parameters):
        lines.append("# model.… is set in the model's config by model_init, data.… in the preprocessing.")
    if spec.lora is not None:
        lines.append(f"# model_init adds adapters: LoraConfig({keywords(spec.lora.model_dump())}).")
    if spec.processes > 1:
        lines.append(f"# Each trial is trained by {spec.processes} processes, as torchrun --nproc-per-node does it.")
    return lines
