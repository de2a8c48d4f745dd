"""Ctrl-C and SIGTERM as a question that the loop asks, so that nothing is cut in half."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class Interrupt:
    """While entered, the first Ctrl-C or SIGTERM is only noted; a second Ctrl-C breaks off at once."""

    def __init__(self) -> None:
        self._came: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __call__(self) -> bool:
        """Whether a signal came."""
        return self._came is not None

    @property
    def name(self) -> str:
        """Name of the signal that came, or nothing."""
        return "" if self._came is None else self._came.name

    def __enter__(self) -> "Interrupt":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 the signal's own signature
        if self._came is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self._came = signal.Signals(number)
