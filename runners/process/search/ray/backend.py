"""The Ray backend of a child: the driver of one search over all of the job's trials."""

from collections.abc import Callable
from typing import Any

from runners.optimizers.ray_choices import RAY_SCHEDULERS, most_begun
from runners.process.search.backend import Backend, Setting
from runners.process.search.ray.trainer import RayTrainer, Worker
from runners.process.search.sampler import seed_after
from runners.protocol.backends import RayBackend
from runners.protocol.job import Permit


class RaySearch(Backend):
    """`work` replaces the call per trial: Ray's schedulers compare trials of one call."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._spec = setting.claimed.spec
        assert isinstance(self._spec.backend, RayBackend)
        self._backend = self._spec.backend

    def run(self, permit: Permit) -> bool:
        """Not used: see `work`."""
        raise NotImplementedError

    def work(self, next_permit: Callable[[], Permit | None]) -> bool:
        """Run trials until there are no more permits; always true, as no trial runs in this process."""
        from runners.process.search.ray.cluster import connected

        with connected(self._backend, self._setting.folder, at_once=self._spec.side_by_side) as ray:
            self._search(ray, next_permit)
        return True

    def _search(self, ray: Any, next_permit: Callable[[], Permit | None]) -> None:
        from runners.process.search.ray.draws import make_draws
        from runners.process.search.ray.schedulers import make_scheduler
        from runners.process.search.ray.search import Ends, PermitAlgorithm, Permits, PermitSearch
        from runners.process.search.ray.sink import Drain, Lines
        from runners.process.search.ray.trials import Trials

        spec, setting, backend = self._spec, self._setting, self._backend
        claimed = setting.claimed
        direction = spec.objectives[0].direction
        mode = direction[:3]
        seed = spec.sampler_seed
        if backend.search.name not in {"random", "grid"}:
            seed = seed_after(seed, len(claimed.history))
        best = {"min": min, "max": max}[mode] if spec.objectives[0].over == "best" else None
        trials = Trials(setting.reporter, setting.child, best)
        actor = ray.remote(num_cpus=0)(Lines).remote()
        drain = Drain(actor, trials.heard)
        search = PermitSearch(
            Permits(next_permit),
            make_draws(backend, spec.space, seed, mode, claimed.history),
            trials,
            at_once=most_begun(spec),
            mode=mode,
            grant=lambda trial_id, permit: ray.get(actor.grant.remote(trial_id, permit)),
        )
        trainer = Worker(setting.workbench, setting.folder, actor).session.trainer
        assert isinstance(trainer, RayTrainer)
        trainer.folder, trainer.actor = setting.folder.path, actor
        scheduler = make_scheduler(backend, spec.space, seed)
        try:
            trainer.hyperparameter_search(
                hp_space=lambda _: {},
                compute_objective=_objective,
                n_trials=-1,
                direction=direction,
                backend="ray",
                search_alg=PermitAlgorithm(search),
                resources_per_trial={"cpu": backend.cpus, "gpu": backend.gpus},
                metric="objective",
                mode=mode,
                callbacks=[Ends(search, trials, drain)],
                storage_path=str(setting.folder.path / "ray"),
                name="sweep",
                verbose=0,
                raise_on_failed_trial=False,
                reuse_actors=not RAY_SCHEDULERS[backend.scheduler.name].pauses,
                log_to_file=False,
                progress_reporter=None,
                **({} if scheduler is None else {"scheduler": scheduler}),
            )
        except (AttributeError, KeyError):
            # transformers asks the best trial for its id and its objective, also where no trial has a result.
            if trials.at_work():
                raise
        finally:
            drain.close()


def _objective(metrics: dict[str, float]) -> float:
    """Stands in for the trial's own, which its worker sets."""
    raise LookupError(f"no objective was set for {sorted(metrics)}")
