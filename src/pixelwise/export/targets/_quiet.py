"""Libraries that print while they work."""

import io
import logging
import warnings
from collections.abc import Generator
from contextlib import contextmanager, redirect_stdout


@contextmanager
def quiet() -> Generator[None]:
    """Progress does not reach stdout, where results go, nor what is below an error the log, nor warnings."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
