"""What is due from time to time, whoever calls it: the server process, or a Celery worker."""

import logging
import time
from typing import Final

from django.db import DatabaseError

from sweeps.services.analysis_worker import AnalysisWorker
from sweeps.services.reap import extend_leases, reap
from sweeps.services.retention import prune
from sweeps.services.schedule import schedule
from sweeps.services.search_words import index_words

logger = logging.getLogger(__name__)

HOUR: Final = 3600.0
WORDS_S: Final = 5.0
"""After so many seconds a new trial is found by its parameters, or at once while there is much to take up."""


class Timer:
    """Call `tick` each second. The first tick, and the first after the database was away, give every lease a new term."""

    def __init__(self) -> None:
        self._fresh = True
        self._next_sweeping = time.monotonic() + HOUR / 60
        self._next_words = time.monotonic() + WORDS_S
        self._analysis = AnalysisWorker()

    def tick(self) -> None:
        """Extend leases where nobody could answer, take back what has run out, offer what waits. May raise DatabaseError."""
        try:
            if self._fresh:
                extended = extend_leases()
                if extended:
                    logger.info("%d running jobs have a whole lease from now on", extended)
                self._fresh = False
            reap()
            schedule()
            self._analysis.look()
            if time.monotonic() >= self._next_words:
                self._next_words = time.monotonic() + (0 if index_words() else WORDS_S)
            if time.monotonic() >= self._next_sweeping:
                self._next_sweeping = time.monotonic() + HOUR
                prune()
        except DatabaseError:
            self._fresh = True
            raise
