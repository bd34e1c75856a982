"""The Trainer's class, where the usual one must be helped."""

from sweeps.queries.script.parts import Part
from sweeps.queries.script.tasks.code import TaskCode

BY_EPOCH = "round(self.state.epoch * 100)"


def trainer_class(part: Part, task: TaskCode, *, by_epoch: bool) -> str:
    """Its name; the class is added where it is a new one. `by_epoch`: reports compare by hundredths of an epoch."""
    part.writer.use("transformers", "Trainer")
    if part.spec.processes > 1:
        part.writer.use("optuna")
        part.writer.use("transformers.trainer_pt_utils", "find_batch_size")
        part.writer.add(GROUP.format(base=task.trainer, step=BY_EPOCH if by_epoch else "step"))
        return "GroupTrainer"
    if by_epoch:
        part.writer.add(EPOCH.format(base=task.trainer, step=BY_EPOCH))
        return "EpochTrainer"
    return task.trainer


def best_class(part: Part, base: str) -> str:
    """The name of a class that gives a trial its best evaluation."""
    part.writer.add(BEST.format(base=base))
    return "BestTrainer"


def population_class(part: Part, base: str) -> str:
    """The name of a class that keeps what population-based training has changed."""
    part.writer.add(POPULATION.format(base=base))
    return "PopulationTrainer"


POPULATION = """
class PopulationTrainer({base}):
    # Repair: the checkpoint brings the other trial's rate and decay along, and the changed ones would be lost.
    def _load_optimizer_and_scheduler(self, checkpoint):
        names = ("initial_lr", "weight_decay", "betas", "eps")
        fresh = [{{name: group[name] for name in names if name in group}} for group in self.optimizer.param_groups]
        super()._load_optimizer_and_scheduler(checkpoint)
        for group, own in zip(self.optimizer.param_groups, fresh, strict=True):
            loaded = group.get("initial_lr")
            group.update(own)
            if loaded and own.get("initial_lr", loaded) != loaded:
                group["lr"] *= own["initial_lr"] / loaded
        if hasattr(self.lr_scheduler, "base_lrs"):
            self.lr_scheduler.base_lrs = [group["initial_lr"] for group in self.optimizer.param_groups]
"""
EPOCH = """
class EpochTrainer({base}):
    # Repair: a pruner compares equal steps, and steps of different batch sizes are not equal.
    def _report_to_hp_search(self, trial, step, metrics):
        super()._report_to_hp_search(trial, {step}, metrics)
"""
BEST = """
class BestTrainer({base}):
    # Repair: a pruner sees each evaluation as it is, but the trial's value is the best one.
    def train(self, *args, **kwargs):
        output = super().train(*args, **kwargs)
        if getattr(self, "objective", None) is not None:
            self.objective = best_of_trial()
        return output
"""
GROUP = """
class GroupTrainer({base}):
    # Repair: all ranks do what the pruner of rank 0 says; the others would wait for it for ever.
    def _report_to_hp_search(self, trial, step, metrics):
        pruned = [False]
        try:
            super()._report_to_hp_search(trial, {step}, metrics)
        except optuna.TrialPruned:
            pruned = [True]
        if trial is not None:
            torch.distributed.broadcast_object_list(pruned, src=0)
        if pruned[0]:
            raise optuna.TrialPruned

    # Repair: the last batches are filled up with rows from the beginning, which must not count in their loss.
    def prediction_step(self, model, inputs, prediction_loss_only, ignore_keys=None):
        loss, logits, labels = super().prediction_step(model, inputs, prediction_loss_only, ignore_keys)
        state, size = self.accelerator.gradient_state, find_batch_size(inputs)
        own = state.remainder - self.args.process_index * size
        if state.end_of_dataloader and state.remainder > 0 and 0 < own < size:
            some = {{name: rows[:own] if torch.is_tensor(rows) else rows for name, rows in inputs.items()}}
            loss, _, _ = super().prediction_step(model, some, True, ignore_keys)
        return loss, logits, labels
"""
