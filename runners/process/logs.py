"""One line a message on stderr: the sentence, then `key=value` pairs. Whoever starts us adds time and prefix."""

import json
import logging
import sys

_NOISY = ("httpx", "httpcore", "kombu", "celery", "asyncio", "amqp")


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        text = " ".join(record.getMessage().splitlines())
        if record.levelno >= logging.WARNING:
            text = f"{record.levelname.lower()}: {text}"
        pairs = getattr(record, "pairs", {})
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            pairs = {**pairs, "error": f"{type(error).__name__}: {error}"}
        return " ".join([text, *(f"{key}={_value(value)}" for key, value in pairs.items())])


def _value(value: object) -> str:
    text = str(value)
    return json.dumps(text) if not text or any(c.isspace() or c in '"=' for c in text) else text


def set_up_logging(level: str) -> None:
    """Log to stderr at `level`; libraries that log every request only from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def pairs(**values: object) -> dict[str, object]:
    """`logger.info("Claimed a job", extra=pairs(job=job))`."""
    return {"pairs": values}
