"""Sequence to sequence: summarisation, translation, and whatever turns one text into another."""

from sweeps.queries.script.data import add_rows, add_tokenizer, split_lines
from sweeps.queries.script.parts import Part
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.tasks.language import END
from sweeps.queries.script.tasks.texts import adapt_text

ROWS = """
@functools.cache
def load(split, max_length, max_target_length):
    rows = read(split)
    sources = tokenizer(list(rows["source"]), truncation=True, max_length=max_length)
    targets = tokenizer(text_target=list(rows["target"]), truncation=True, max_length=max_target_length)
    return [
        {"input_ids": ids, "labels": labels}
        for ids, labels in zip(sources["input_ids"], targets["input_ids"], strict=True)
    ]
"""
METRICS = """
class Words(Tokenizer):
    def tokenize(self, text):
        return text.lower().split()


def compute_metrics(prediction):
    pad = tokenizer.pad_token_id
    written = np.where(prediction.predictions < 0, pad, prediction.predictions)
    wanted = np.where(prediction.label_ids < 0, pad, prediction.label_ids)
    texts = [text.strip() for text in tokenizer.batch_decode(written, skip_special_tokens=True)]
    targets = [text.strip() for text in tokenizer.batch_decode(wanted, skip_special_tokens=True)]
    names = ["rouge1", "rouge2", "rougeL"]
    scorer = RougeScorer(names, tokenizer=Words())
    scores = [scorer.score(target, text) for text, target in zip(texts, targets, strict=True)]
    return {
        **{name: float(np.mean([score[name].fmeasure for score in scores])) for name in names},
        "bleu": sacrebleu.corpus_bleu(texts, [targets]).score,
        "chrf": sacrebleu.corpus_chrf(texts, [targets]).score,
        "gen_len": float((written != pad).sum(axis=1).mean()),
    }
"""
TRAINER = '''
class GeneratingTrainer(Trainer):
    """Writes its answers in evaluations."""

    def prediction_step(self, model, inputs, prediction_loss_only, ignore_keys=None):
        loss, _, labels = super().prediction_step(model, inputs, True, ignore_keys)
        if prediction_loss_only:
            return loss, None, None
        inputs = self._prepare_inputs(inputs)
        with torch.no_grad():
            written = self.accelerator.unwrap_model(model).generate(
                input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], **self.generation
            )
        missing = max(0, self.generation["max_new_tokens"] + 1 - written.shape[-1])
        written = torch.nn.functional.pad(written, (0, missing), value=tokenizer.pad_token_id)
        return loss, written, inputs["labels"] if labels is None else labels
'''


def seq2seq(part: Part) -> TaskCode:
    """Writes the data section, the metrics and the Trainer."""
    writer = part.writer
    add_rows(part)
    add_tokenizer(part)
    for module in ("functools", "numpy as np", "sacrebleu", "torch"):
        writer.use(module)
    writer.use("rouge_score.rouge_scorer", "RougeScorer")
    writer.use("rouge_score.tokenizers", "Tokenizer")
    writer.use("transformers", "DataCollatorForSeq2Seq", "Trainer")
    writer.add(ROWS)
    datasets = split_lines(part, "max_length", "max_target_length")
    writer.add(METRICS)
    writer.add(TRAINER)
    beams, longest = part.setting("num_beams"), part.setting("max_target_length")
    return TaskCode(
        datasets=datasets,
        collator="DataCollatorForSeq2Seq(tokenizer)",
        processor="tokenizer",
        adapt=adapt_text(
            part,
            f"config.eos_token_id = {END}",
            "config.decoder_start_token_id = tokenizer.pad_token_id",
            'if hasattr(config, "forced_eos_token_id"):',
            "    config.forced_eos_token_id = config.eos_token_id",
        ),
        trainer="GeneratingTrainer",
        each=(f'trainer.generation = {{"num_beams": {beams}, "max_new_tokens": {longest}}}',),
    )
