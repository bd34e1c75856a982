"""The hyper-parameters that a sweep's trials share."""

from runners.protocol.spec import SweepSpec


def fixed_of(spec: SweepSpec, seed: int | None) -> dict[str, object]:
    """Name → value, without what is searched. `seed`: the one that acted in the trial."""
    searched = {row.name for row in (*spec.space.parameters, *spec.space.derived)}
    fixed: dict[str, object] = {
        "task": spec.task,
        "model": getattr(spec.model, "id", None) or getattr(spec.model, "model_type", spec.model.source),
        "backend": spec.backend.name,
        "seed": spec.seed if seed is None else seed,
        "processes": spec.processes,
        **{f"data.{name}": value for name, value in spec.data_settings.items()},
        **spec.arguments,
    }
    if spec.lora is not None:
        fixed |= {f"lora.{name}": value for name, value in spec.lora.model_dump(mode="json").items()}
    return {name: value for name, value in fixed.items() if name not in searched}
