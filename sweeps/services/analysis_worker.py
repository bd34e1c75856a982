"""Who computes what is due: one thread of the process that does the periodic work, which waits for another process."""

import logging
import threading

from django.db import DatabaseError, connections

from sweeps.services.analysis import compute, due

logger = logging.getLogger(__name__)


class AnalysisWorker:
    """Call `look` from time to time. It starts a thread where something is due, and none while one is at work."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """May raise DatabaseError."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._thread = None
        if due() is not None:
            # A daemon: a server that ends does not wait for it, and another takes the analysis up.
            self._thread = threading.Thread(target=self._work, name="analysis", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        try:
            while (analysis := due()) is not None:
                if not compute(analysis):
                    break
        except DatabaseError as error:
            logger.warning("The database does not answer: %s", error)
        finally:
            connections.close_all()
