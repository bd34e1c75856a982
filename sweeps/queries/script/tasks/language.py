"""What scripts of tasks that predict tokens share: figures that are exact over tokens."""

from sweeps.queries.script.parts import Part

FIGURES = '''
def figures(logits, labels):
    """Sum of the loss, tokens and hits of each row: less to keep than all scores."""
    scores = logits[0] if isinstance(logits, tuple) else logits
    {shift}counted = labels != -100
    losses = torch.nn.functional.cross_entropy(
        scores.float().transpose(1, 2), labels.clamp(min=0), reduction="none"
    )
    hits = (scores.argmax(dim=-1) == labels) & counted
    return torch.stack([(losses * counted).sum(1), counted.sum(1).float(), hits.sum(1).float()], dim=1)


def compute_metrics(prediction):
    losses, counts, hits = prediction.predictions.astype(np.float64).sum(axis=0)
    mean = losses / counts if counts else math.nan
    return {{
        "perplexity": float(np.exp(mean)),
        "token_loss": float(mean),
        "token_accuracy": float(hits / counts) if counts else math.nan,
    }}
'''
SHIFT = "scores, labels = scores[:, :-1], labels[:, 1:]  # the scores at a token speak of the next one\n    "
END = "tokenizer.sep_token_id if tokenizer.eos_token_id is None else tokenizer.eos_token_id"


def add_figures(part: Part, *, shift: bool) -> None:
    """`figures` and `compute_metrics`. `shift`: the model is causal."""
    for module in ("math", "numpy as np", "torch"):
        part.writer.use(module)
    part.writer.add(FIGURES.format(shift=SHIFT if shift else ""))
