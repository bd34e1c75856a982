"""What a sweep is, for its page: facts, the call."""

from typing import Any

from runners.protocol.backends import AnyBackend, NamedChoice, OptunaBackend, RayBackend, WandbBackend
from runners.protocol.mirrors import MIRROR_LABELS
from runners.protocol.objective import TRANSFORMERS_DEFAULT, Objective
from runners.protocol.script import ScriptSpec, is_script
from runners.protocol.spec import (
    ConfigModel,
    FolderModel,
    HubData,
    HubModel,
    Lora,
    ModelProcessor,
    ModelSource,
    NewImageProcessor,
    ProcessorSource,
    SweepSpec,
    TrainedTokenizer,
)
from runners.protocol.states import JobState
from sweeps.models import Job, Sweep, SweepAct

Facts = list[tuple[str, str]]


def frozen_spec(sweep: Sweep) -> SweepSpec | None:
    """The sweep's spec, or None for a draft and for a script's sweep (see `script_spec`)."""
    return None if sweep.spec is None or is_script(sweep.spec) else SweepSpec.model_validate(sweep.spec)


def script_spec(sweep: Sweep) -> ScriptSpec | None:
    """The spec of a sweep whose trials a person's own script trains; None for any other."""
    return ScriptSpec.model_validate(sweep.spec) if is_script(sweep.spec) else None


def facts(sweep: Sweep, spec: SweepSpec | None) -> Facts:
    """Label and value of what a reader may want to know of the sweep, beside its figures."""
    script = script_spec(sweep)
    if script is not None:
        return _script_facts(sweep, script)
    rows: Facts = [("Model", sweep.model.name if sweep.model else "–")]
    version = sweep.dataset_version
    rows.append(("Data", f"{version.dataset.name}, version {version.number}" if version else "–"))
    if spec is None:
        return rows
    rows += [
        *_early_end(sweep),
        ("Weights", describe_model(spec.model)),
        ("Processor", describe_processor(spec.processor)),
        *(("Objective", describe_objective(objective)) for objective in spec.objectives),
        ("Backend", spec.backend.name),
        *describe_backend(spec.backend),
        ("Seeds", f"{spec.seed} for training, {spec.sampler_seed} for the sampler"),
        *([("Adapters", _adapters(spec.lora))] if spec.lora else []),
        ("At once", _at_once(spec)),
        *([("Mirrored to", _mirrors(sweep, spec))] if spec.report_to else []),
        *_runner_facts(sweep),
        *((name, str(value)) for name, value in sorted(spec.arguments.items())),
        *((f"data.{name}", str(value)) for name, value in sorted(spec.data_settings.items())),
    ]
    return rows


def _early_end(sweep: Sweep) -> Facts:
    """Why the search itself wanted no more trials, where it did."""
    act = SweepAct.objects.filter(sweep=sweep, verb="converged").last()
    return [("Ended early", str(act.detail.get("reason", "")))] if act else []


def _script_facts(sweep: Sweep, spec: ScriptSpec) -> Facts:
    """Who trains, where, and what was asked for."""
    jobs = Job.objects.filter(sweep=sweep).order_by("pk")
    hosts = sorted({str(job.facts.get("host", "")) for job in jobs} - {""})
    programs = sorted({str(job.facts.get("program", "")) for job in jobs} - {""})
    library = {"wandb": "wandb", "sigopt": "sigopt"}[spec.client]
    return [
        ("Script", f"A person's own, through the {library} client"),
        ("Program", ", ".join(programs) or "–"),
        ("Host", ", ".join(hosts) or "–"),
        *(("Objective", f"{objective.metric}, {objective.direction}") for objective in spec.objectives),
        ("Backend", spec.backend.name),
        *describe_backend(spec.backend),
        ("Trials", "as many as the script asks for" if spec.open_ended else f"{spec.budget.n_trials}"),
        ("Sampler's seed", str(spec.sampler_seed)),
    ]


def describe_model(source: ModelSource) -> str:
    """Where the weights come from, in words."""
    match source:
        case HubModel():
            return f"{source.id} from the Hub" + (f", revision {source.revision}" if source.revision else "")
        case FolderModel():
            return f"the runner's folder {source.path}"
        case ConfigModel():
            return f"random, a new {source.model_type}"


def describe_processor(source: ProcessorSource) -> str:
    """Where the tokenizer or image processor comes from, in words."""
    match source:
        case ModelProcessor():
            return "the model's own"
        case TrainedTokenizer():
            return f"{source.algorithm} tokenizer of {source.vocab_size} tokens, trained on the data"
        case NewImageProcessor():
            return "a new image processor for the model"
        case _:
            return describe_model(source)


def describe_objective(objective: Objective) -> str:
    """Metric, direction and which evaluation counts."""
    name: str = objective.metric
    if objective.weights:
        name = " + ".join(f"{weight:g} × {metric}" for metric, weight in objective.weights.items())
    elif objective.metric == TRANSFORMERS_DEFAULT:
        name = "transformers' default: the sum of all metrics without the loss, or the loss where it is alone"
    return f"{name}, {objective.direction}" + (", best evaluation of a trial" if objective.over == "best" else "")


def describe_backend(backend: AnyBackend) -> Facts:
    """Who proposes parameters, and how: label and value of each part."""
    match backend:
        case OptunaBackend():
            return [
                ("Sampler", describe_choice(backend.sampler)),
                *(
                    [("Fixed", ", ".join(f"{name} {value}" for name, value in backend.fixed.items()))]
                    if backend.fixed
                    else []
                ),
                ("Pruner", describe_choice(backend.pruner)),
                *([("Terminator", describe_choice(backend.terminator))] if backend.terminator else []),
            ]
        case RayBackend():
            return [
                ("Search", describe_choice(backend.search)),
                ("Scheduler", describe_choice(backend.scheduler)),
                *([("Changed while training", ", ".join(backend.mutations))] if backend.mutations else []),
                ("Resources of a trial", f"CPUs: {backend.cpus:g}, GPUs: {backend.gpus:g}"),
                ("Ray", backend.address or "a local one, for the job"),
            ]
        case WandbBackend():
            return [
                ("Server", "hpweb's own endpoint" if backend.server == "hpweb" else "W&B"),
                ("Method", _method(backend)),
                ("Early termination", describe_choice(backend.early_terminate)),
                *(
                    (label, value)
                    for label, value in (
                        ("Project", backend.project),
                        ("Entity", backend.entity),
                        ("Name at W&B", backend.sweep_name),
                        ("W&B sweep", backend.sweep_id),
                    )
                    if value
                ),
            ]


def _method(backend: WandbBackend) -> str:
    own = backend.server == "hpweb" and backend.method == "bayes"
    return "bayes, by Optuna's TPE sampler" if own else backend.method


def describe_choice(choice: NamedChoice) -> str:
    """A sampler or pruner with the options that were set."""
    options = ", ".join(f"{name} {value}" for name, value in sorted(choice.options.items()))
    return f"{choice.name} ({options})" if options else choice.name


def describe_data(spec: SweepSpec) -> str:
    """The data, in words."""
    data = spec.data
    if isinstance(data, HubData):
        return f"{data.id} from the Hub"
    return f"{data.train.rows or '?'} training and {data.eval.rows or '?'} evaluation rows, {len(data.labels)} labels"


def _at_once(spec: SweepSpec) -> str:
    trials = "1 trial" if spec.children == 1 else f"{spec.children} trials"
    if spec.children == "auto":
        most = f", at most {spec.max_children}" if spec.max_children else ""
        trials = f"as many trials as the runner finds to be best{most}"
    processes = "" if spec.processes == 1 else f" in {spec.processes} processes each,"
    return f"{trials},{processes} {spec.threads} thread{'' if spec.threads == 1 else 's'} each"


def _mirrors(sweep: Sweep, spec: SweepSpec) -> str:
    """TensorBoard's files are on the runner and nowhere else; of the others the service itself tells."""
    lies = {"tensorboard": f" (mirrors/{sweep.public_id}/tensorboard in the runner's folder)"}
    return ", ".join(f"{MIRROR_LABELS[name]}{lies.get(name, '')}" for name in spec.report_to)


def _adapters(lora: Lora) -> str:
    modules = ", ".join(lora.target_modules) or "peft's choice of modules"
    return f"LoRA of rank {lora.r}, alpha {lora.alpha}, dropout {lora.dropout:g}, in {modules}"


def _runner_facts(sweep: Sweep) -> Facts:
    job = (
        Job.objects.filter(sweep=sweep)
        .exclude(state__in=[JobState.OFFERED.value, JobState.RELEASED.value])
        .select_related("runner")
        .order_by("-pk")
        .first()
    )
    if job is None:
        return []
    told: dict[str, Any] = job.facts
    rows: Facts = [("Runner", job.runner.name if job.runner else "no longer registered")]
    if told.get("device"):
        rows.append(("Device", str(told["device"])))
    packed = told.get("packed")
    if packed:
        rows.append(("At a time on it", str(packed["why"])))
    versions = told.get("versions", {})
    if versions:
        rows.append(("Versions", ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))))
    prepared = told.get("prepared", {})
    if prepared:
        rows.append(("Parameters", f"{prepared['model_parameters']:,}"))
        rows.append(("Rows", f"{prepared['train_rows']:,} to train on, {prepared['eval_rows']:,} to evaluate on"))
    return rows
