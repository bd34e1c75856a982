"""The head of a script: what it is, what lies beside it, which versions it was made for."""

from collections.abc import Mapping
from typing import Final

from runners.protocol.backends import RayBackend, WandbBackend
from runners.protocol.spec import ArtifactData, TrainedTokenizer
from sweeps.queries.script.parts import Part

PACKAGES: Final = {
    "datasets": "datasets",
    "numpy": "numpy",
    "optuna": "optuna",
    "peft": "peft",
    "PIL": "pillow",
    "ray": "ray[tune]",
    "rouge_score": "rouge-score",
    "sacrebleu": "sacrebleu",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "soundfile": "soundfile",
    "torch": "torch",
    "transformers": "transformers",
}
"""Module → the package that brings it, in the order of the alphabet."""
SEARCHES: Final = {
    "optuna": frozenset({"optuna"}),
    "hyperopt": frozenset({"hyperopt"}),
    # It needs netifaces, which must be compiled, for a part that Ray does not use: pip install --no-deps hpbandster.
    "bohb": frozenset({"hpbandster", "ConfigSpace", "statsmodels", "Pyro4", "serpent"}),
}
"""What Ray's searches need beside it."""
CLIENT: Final = (
    "The wandb client reads WANDB_API_KEY, and WANDB_BASE_URL for another server than W&B's own: hpweb's is its address",
    "with /wandb. The parameters are the server's to choose.",
)


def header(part: Part, title: str, versions: Mapping[str, str], *, searches: bool) -> str:
    """The docstring. `searches`: the script calls the backend."""
    spec = part.spec
    lines = [title, "", "Plain transformers, as hpweb ran it. Every line that a plain search would need and forget is"]
    lines += ['marked "Repair".', ""]
    needed = needs(part)
    if needed:
        lines.append(f"Beside this file: {', '.join(needed)}.")
    lines.append(f"pip install {' '.join(pinned(package, versions) for package in packages(part, searches=searches))}")
    if spec.processes > 1:
        lines += [
            "",
            f"OMP_NUM_THREADS={spec.threads} torchrun --standalone --nproc_per_node {spec.processes} THIS_FILE",
        ]
    if searches and isinstance(spec.backend, WandbBackend):
        lines += ["", *CLIENT]
    return "\n".join([*lines, ""])


def packages(part: Part, *, searches: bool) -> tuple[str, ...]:
    """What must be installed: what the script imports, and what transformers and the backend need beside it."""
    found = {PACKAGES[name] for name in part.writer.modules() if name in PACKAGES} | {"accelerate"}
    backend = part.spec.backend
    if searches:
        found |= {"ray[tune]"} if isinstance(backend, RayBackend) else set()
        found |= {"wandb"} if isinstance(backend, WandbBackend) else set()
        if isinstance(backend, RayBackend):
            found |= SEARCHES.get(backend.search.name, frozenset())
        sampler = getattr(backend, "sampler", None)
        # Optuna brings neither of the two.
        found |= {"cmaes": {"cmaes"}, "gp": {"scipy"}, "qmc": {"scipy"}}.get(getattr(sampler, "name", ""), set())
        if getattr(getattr(backend, "pruner", None), "name", "") == "wilcoxon":
            found.add("scipy")
    return tuple(sorted(found))


def pinned(package: str, versions: Mapping[str, str]) -> str:
    """With the version that the runner has told, if it has."""
    version = versions.get(package.partition("[")[0])
    return f"{package}=={version}" if version else package


def needs(part: Part) -> tuple[str, ...]:
    """Names of the files that the script reads."""
    spec = part.spec
    files = ("train.parquet", "eval.parquet") if isinstance(spec.data, ArtifactData) else ()
    return (*files, "tokenizer/") if isinstance(spec.processor, TrainedTokenizer) else files
