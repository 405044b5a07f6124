"""Keeps what went wrong inside the server, which has no terminal of its own to say it on."""

import logging
import threading

_MOST_KEPT = 20


class Problems(logging.Handler):
    """Remembers the last warnings and errors of the local AWS, tracebacks included; the same one again is counted."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._texts: dict[str, int] = {}
        self._texts_lock = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Remember one record."""
        text = self.format(record)
        with self._texts_lock:
            # Taken out and put in again, so that the first one is always the one seen longest ago.
            self._texts[text] = self._texts.pop(text, 0) + 1
            if len(self._texts) > _MOST_KEPT:
                del self._texts[next(iter(self._texts))]

    def texts(self) -> list[str]:
        """Return what is remembered, the newest last."""
        with self._texts_lock:
            return [text if times == 1 else f"({times} times) {text}" for text, times in self._texts.items()]
