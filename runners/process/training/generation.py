"""A Trainer that writes its answers in evaluations, as `Seq2SeqTrainer(predict_with_generate=True)` does."""

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from runners.process.training.trainer import SweepTrainer as Base
else:
    Base = object


class Generates(Base):
    """Put before a Trainer's class. `generation`: `num_beams` and `max_new_tokens`; set for each trial."""

    generation: dict[str, int]

    def prediction_step(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        prediction_loss_only: bool,
        ignore_keys: list[str] | None = None,
    ) -> tuple[Any, Any, Any]:
        """The loss of the given answers, and the model's own answers, padded to one length."""
        loss, _, labels = super().prediction_step(model, inputs, True, ignore_keys)
        if prediction_loss_only:
            return loss, None, None
        inputs = self._prepare_inputs(inputs)
        tokenizer: Any = self.processing_class
        pad = tokenizer.pad_token_id
        unwrapped: Any = self.accelerator.unwrap_model(model)
        length = self.generation["max_new_tokens"] + 1
        with torch.no_grad():
            written = unwrapped.generate(
                input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], **self.generation
            )
        written = nn.functional.pad(written, (0, max(0, length - written.shape[-1])), value=pad)
        return loss, written, inputs["labels"] if labels is None else labels
