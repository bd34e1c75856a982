"""`hyperparameter_search(backend="ray")` in one call."""

from runners.optimizers.compile_ray import described_ray
from runners.optimizers.ray_choices import options_of
from runners.protocol.backends import RayBackend
from runners.protocol.space import Place
from sweeps.queries.script.model import build_lines
from sweeps.queries.script.objective import directions
from sweeps.queries.script.parts import Part
from sweeps.queries.script.search import data_lines
from sweeps.queries.script.space import condition
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.writer import keywords

SCHEDULERS = {
    "asha": "ASHAScheduler",
    "hyperband": "HyperBandScheduler",
    "median": "MedianStoppingRule",
    "pbt": "PopulationBasedTraining",
}


def add_ray_space(part: Part, backend: RayBackend) -> None:
    """`hp_space`, and `complete(params)`."""
    part.writer.use("ray", "tune")
    rows = [
        f"        {row.name!r}: {described_ray(row, grid=backend.search.name == 'grid', shorten=False)},"
        for row in part.spec.space.parameters
    ]
    part.writer.add("\n".join(["def hp_space(_):", "    return {", *rows, "    }"]))


def add_ray_model_init(part: Part, task: TaskCode) -> None:
    """`model_init(trial)` for Ray, where every trial works on its own copy of the Trainer."""
    writer = part.writer
    writer.use("transformers", "set_seed")
    lines = ["params = dict(trial or {})"]
    for row in part.spec.space.parameters:
        if row.when is not None:
            lines += [f"if not {condition(row)}:", f"    params.pop({row.name!r}, None)"]
    if part.spec.space.derived:
        lines += ["params = complete(params)", "for name in DERIVED:", "    if name in params:"]
        lines += ["        setattr(trainer.args, name, params[name])"]
        names = [row.name for row in part.spec.space.derived if "." not in row.name]
        writer.add(f"DERIVED = {names!r}")
    if data := data_lines(part, task):
        lines += ["if trial:", *(f"    {line}" for line in data)]
    seed = f'params.get("seed", {part.seed})' if "seed" in part.searched(Place.ARGUMENTS) else str(part.seed)
    lines += [
        f"torch.set_num_threads({part.spec.threads})",
        "# Repair: a searched seed has no effect otherwise.",
        f"set_seed({seed})",
        *build_lines(part, labels=task.labels, adapt=task.adapt),
        "return model",
    ]
    writer.add("def model_init(trial=None):\n" + "\n".join(f"    {line}" for line in lines))


def add_ray(part: Part, backend: RayBackend) -> None:
    """The search and the table of its trials."""
    spec, writer = part.spec, part.writer
    writer.use("json")
    writer.use("ray")
    mode = spec.objectives[0].direction[:3]
    value = '(trial.last_result or {}).get("objective")'
    if spec.objectives[0].over == "best":
        value = f'trial.metric_analysis.get("objective", {{}}).get({mode!r})'
    scheduler = ""
    if backend.scheduler.name != "none":
        kind = "HyperBandForBOHB" if backend.search.name == "bohb" else SCHEDULERS[backend.scheduler.name]
        writer.use("ray.tune.schedulers", kind)
        # Some count seconds by default.
        options = {"time_attr": "training_iteration", **options_of("scheduler", backend.scheduler)}
        mutations = dict.fromkeys(backend.mutations)
        more = "".join(f"{name}={value!r}, " for name, value in options.items())
        if mutations:
            domains = ", ".join(f"{name!r}: hp_space(None)[{name!r}]" for name in mutations)
            more += f"hyperparam_mutations={{{domains}}}"
        scheduler = f"\n    scheduler={kind}({more}),"
    writer.add(
        f"""
# Repair: Ray's workers are sent the Trainer, and not every model can be pickled.
trainer.model_wrapped = trainer.callback_handler.model = None
ray.init(num_cpus={max(1, round(backend.cpus * spec.side_by_side + 0.5))}, include_dashboard=False)
best = trainer.hyperparameter_search(
    hp_space=hp_space,
    compute_objective=compute_objective,
    n_trials={1 if backend.search.name == "grid" else spec.budget.n_trials},
    # Repair: the default direction is "minimize", whatever the objective.
    direction={directions(spec.objectives)},
    backend="ray",
    search_alg={_search(part, backend)},{scheduler}
    metric="objective",
    mode={mode!r},
    # Repair: by default as many trials at once as there are cores.
    resources_per_trial={{"cpu": {backend.cpus}, "gpu": {backend.gpus}}},
    storage_path=str(HERE / "ray"),
    verbose=0,
    # Repair: otherwise one failing trial ends in an exception after everything.
    raise_on_failed_trial=False,
)
for number, trial in enumerate(best.run_summary.trials):
    value = {value}
    print(json.dumps({{"number": number, "params": trial.config, "values": [value], "state": trial.status}}))
"""
    )


def _search(part: Part, backend: RayBackend) -> str:
    seed, at_once = part.spec.sampler_seed, part.spec.side_by_side
    match backend.search.name:
        case "optuna":
            part.writer.use("ray.tune.search.optuna", "OptunaSearch")
            inner = f"OptunaSearch(seed={seed})"
        case "hyperopt":
            part.writer.use("ray.tune.search.hyperopt", "HyperOptSearch")
            options = keywords(dict(options_of("search", backend.search)), "").replace("\n", " ")
            inner = f"HyperOptSearch(random_state_seed={seed}, {options})"
        case "bohb":
            part.writer.use("ray.tune.search.bohb", "TuneBOHB")
            part.writer.use("numpy as np")
            # It draws from NumPy's global state too, and pauses trials, so a limit of Ray's own would stop it.
            part.writer.add(f"np.random.seed({seed})")
            return f"TuneBOHB(seed={seed}, bohb_config={dict(options_of('search', backend.search))!r})"
        case _:
            part.writer.use("ray.tune.search.basic_variant", "BasicVariantGenerator")
            return f"BasicVariantGenerator(max_concurrent={at_once}, random_state={seed})"
    part.writer.use("ray.tune.search", "ConcurrencyLimiter")
    return f"ConcurrencyLimiter({inner}, max_concurrent={at_once})"
