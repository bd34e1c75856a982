"""Low-rank adapters through a real child: only they and the head learn, and the kept model needs no peft."""

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from runners.process.training.lora import adapted, merged
from runners.protocol.spec import Lora
from tests.runners.process.material import TEXT, sweep
from tests.runners.process.small_supervisor import SmallSupervisor

RATE = {"type": "float", "name": "learning_rate", "low": 1e-3, "high": 2e-2, "log": True}


def test_a_searched_rank_acts_and_the_best_model_is_whole(tmp_path: Path) -> None:
    space = {"parameters": [RATE, {"type": "categorical", "name": "lora.r", "choices": [2, 16]}]}
    spec, files = sweep(TEXT, 240, n_trials=3, space=space, lora={"alpha": 32, "target_modules": ["query", "value"]})
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(3)
    assert supervisor.failed is None
    assert [event["state"] for event in supervisor.of_type("trial_finished")] == ["complete"] * 3
    (folder,) = supervisor.folder.best(0).parent.iterdir()
    assert not (folder / "adapter_config.json").exists()
    model = AutoModelForSequenceClassification.from_pretrained(str(folder))
    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    with torch.no_grad():
        logits = model(**tokenizer(["una frase"], return_tensors="pt")).logits
    assert logits.shape == (1, 12)


@pytest.mark.parametrize("rank", [2, 16])
def test_adapters_and_the_head_are_all_that_learns(rank: int) -> None:
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
    config.num_labels = 3
    torch.manual_seed(0)
    model = adapted(
        BertForSequenceClassification(config),
        Lora(r=rank, target_modules=("query",)),
        "AutoModelForSequenceClassification",
    )
    trained = {name: weight.numel() for name, weight in model.named_parameters() if weight.requires_grad}
    adapters = {name: size for name, size in trained.items() if "lora_" in name}
    assert sum(adapters.values()) == 2 * 2 * rank * 16  # two layers, A and B, each rank × width
    assert sum(trained.values()) - sum(adapters.values()) == 3 * 16 + 3
    ids = torch.tensor([[1, 2, 3]])
    model.eval()
    before = model(input_ids=ids).logits
    assert torch.allclose(merged(model)(input_ids=ids).logits, before, atol=1e-6)


def test_a_module_that_is_not_there_is_refused(tmp_path: Path) -> None:
    spec, files = sweep(TEXT, 60, n_trials=1, lora={"target_modules": ["no_such_module"]})
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(1)
    assert supervisor.failed is not None
    assert (supervisor.failed.code, supervisor.failed.field) == ("invalid_spec", "lora.target_modules")
    assert "no_such_module" in supervisor.failed.message
