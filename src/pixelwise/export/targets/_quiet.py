"""Libraries that print while they work."""

import io
import logging
from collections.abc import Generator
from contextlib import contextmanager, redirect_stdout


@contextmanager
def quiet() -> Generator[None]:
    """Progress and notes of libraries do not reach stdout, where results go, nor the log below errors."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(before)
