"""The whole state of a Trainer, written and read: so that what goes on from a checkpoint is what would have been.

transformers saves model, optimizer, scheduler, scaler, random states and its own state. It saves some models under names
of old that its own resuming does not know, and goes on with fresh weights there. Missing are: the loss since the last log; the random state at the epoch's beginning, from which some samplers draw the order of rows; and those before the
batches that were fetched ahead, which a collator or an augmentation may draw from.
"""

import random
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.utils.data import get_worker_info
from transformers import Trainer, TrainerCallback
from transformers.utils import SAFE_WEIGHTS_NAME, WEIGHTS_NAME

from runners.process.checkpoints import Checkpoint, Counters

_AHEAD = 4
"""More batches than accelerate fetches ahead."""


class Chance(NamedTuple):
    """The random states of this process."""

    python: Any
    numpy: Any
    cpu: torch.Tensor

    @classmethod
    def now(cls) -> "Chance":
        return cls(random.getstate(), np.random.get_state(), torch.get_rng_state())

    def set(self) -> None:
        """They are again what they were."""
        random.setstate(self.python)
        np.random.set_state(self.numpy)
        torch.set_rng_state(self.cpu)

    def plain(self) -> dict[str, Any]:
        """As torch saves it without pickling code."""
        kind, keys, *rest = self.numpy
        return {"python": self.python, "numpy": [kind, torch.from_numpy(keys.copy()), *rest], "cpu": self.cpu}

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Chance":
        kind, keys, *rest = plain["numpy"]
        version, internal, gauss = plain["python"]
        return cls((version, tuple(internal), gauss), (kind, keys.numpy(), *rest), plain["cpu"])


class Seam(TrainerCallback):
    """Watches one Trainer, so that its state can be written between any two steps, and lays it back.

    `over`: the epoch's last step is done. `fetching` is called before each batch of training rows.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._checkpoint: Checkpoint | None = None
        self.over = False
        self._epoch: Chance | None = None
        self._before: deque[Chance] = deque(maxlen=_AHEAD)
        self._fetched = 0
        self._updates = 0
        self._replay: list[Chance] = []
        self.replayed = False

    def resume(self, checkpoint: Checkpoint | None) -> None:
        """The next training goes on from it, or from the beginning."""
        self._checkpoint = checkpoint
        self._replay = []
        self.replayed = False

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        if self._checkpoint is None:
            return
        trainer: Any = self._trainer
        counters = self._checkpoint.kept.counters
        trainer._tr_loss = torch.tensor(counters.loss, device=trainer.args.device)  # noqa: SLF001 - kept nowhere else
        trainer._total_loss_scalar = counters.earlier_loss  # noqa: SLF001 - kept nowhere else
        trainer._globalstep_last_logged = counters.last_logged  # noqa: SLF001 - kept nowhere else

    def on_epoch_begin(self, *_: Any, **__: Any) -> None:
        self.over = False
        self._before.clear()
        self._fetched = self._updates = 0
        self._replay = []  # where the last epoch had no batch after those that were fetched ahead
        checkpoint, self._checkpoint = self._checkpoint, None
        if checkpoint is not None:
            found = torch.load(checkpoint.path / self._name(), weights_only=True)
            self._updates = int(found["updates"])
            if self._updates:  # in the middle of an epoch
                Chance.of(found["epoch"]).set()
                self._replay = [Chance.of(each) for each in [*found["fetched"], found["now"]]]
                self._fetched = self._updates * self._trainer.args.gradient_accumulation_steps
        self._epoch = Chance.now()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self._updates += 1

    def on_epoch_end(self, *_: Any, **__: Any) -> None:
        self.over = True

    def fetching(self) -> None:
        """The next batch of training rows is about to be made."""
        if self._replay:
            self._replay.pop(0).set()
            # The last one stands behind all that was fetched ahead: from there chance goes on as it did.
            self.replayed = not self._replay
        self._before.append(Chance.now())
        self._fetched += 1

    def save(self, folder: Path) -> Counters:
        """Write everything of this process into `folder`. Called between two steps. Raises what writing raises."""
        trainer: Any = self._trainer
        trainer.store_flos()
        trainer._save_optimizer_and_scheduler(str(folder))  # noqa: SLF001 - kept nowhere else
        trainer._save_scaler(str(folder))  # noqa: SLF001 - kept nowhere else
        trainer._save_rng_state(str(folder))  # noqa: SLF001 - kept nowhere else
        assert self._epoch is not None
        updates = 0 if self.over else self._updates
        trained = updates * trainer.args.gradient_accumulation_steps
        ahead = min(len(self._before), max(0, self._fetched - trained)) if updates else 0
        chances = {
            "updates": updates,
            "epoch": self._epoch.plain(),
            "fetched": [chance.plain() for chance in list(self._before)[len(self._before) - ahead :]],
            "now": Chance.now().plain(),
        }
        torch.save(chances, folder / self._name())
        if trainer.args.should_save:
            write_weights(trainer.accelerator.unwrap_model(trainer.model), folder)
            trainer.state.stateful_callbacks["TrainerControl"] = trainer.control.state()
            trainer.state.save_to_json(str(folder / "trainer_state.json"))
        return Counters(
            loss=float(trainer._tr_loss.item()),  # noqa: SLF001 - kept nowhere else
            earlier_loss=float(trainer._total_loss_scalar),  # noqa: SLF001 - kept nowhere else
            last_logged=trainer._globalstep_last_logged,  # noqa: SLF001 - kept nowhere else
        )

    def _name(self) -> str:
        return f"chance_{self._trainer.args.process_index}.pth"


def write_weights(model: torch.nn.Module, folder: Path) -> None:
    """The model's weights as the Trainer reads them when it goes on: under the names that they have in memory.

    Of a model with adapters, what they leave frozen is left out: `model_init` makes it again.
    """
    state = model.state_dict()
    if hasattr(model, "peft_config"):
        frozen = {name for name, weight in model.named_parameters() if not weight.requires_grad}
        state = {name: weight for name, weight in state.items() if name not in frozen}
    torch.save(state, folder / WEIGHTS_NAME)


def rewrite_weights(model: torch.nn.Module, folder: Path) -> None:
    """`write_weights` in place of what transformers has saved there."""
    for saved in folder.glob(f"{Path(SAFE_WEIGHTS_NAME).stem}*"):
        saved.unlink()
    write_weights(model, folder)


class Watched(torch.utils.data.Dataset[Any]):
    """Training rows that tell `seam` before each batch is made in this process; a loader's workers tell nobody."""

    def __init__(self, rows: Any, seam: Seam) -> None:
        self._rows = rows
        self._seam = seam

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Any:
        return self._rows[index]

    def __getitems__(self, indices: list[int]) -> list[Any]:
        if get_worker_info() is None:
            self._seam.fetching()
        return [self._rows[index] for index in indices]


@contextmanager
def watched(trainer: Trainer, seam: Seam) -> Iterator[None]:
    """Within, the Trainer's training rows are `Watched`."""
    rows: Any = trainer.train_dataset
    trainer.train_dataset = Watched(rows, seam)
    try:
        yield
    finally:
        trainer.train_dataset = rows
