"""What a workflow says while it works: sentences and progress bars, to stderr, from one process."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)


class Talk:
    """Where sentences go. `Talk(quiet=True)` says nothing."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = Console(
            stderr=True, quiet=quiet or os.environ.get("RANK", "0") != "0", highlight=False, soft_wrap=True
        )

    def say(self, sentence: str) -> None:
        """One sentence, as it is."""
        self.console.print(sentence, markup=False)

    @contextmanager
    def progress(self, task: str, total: int) -> Generator[Callable[[int], None], None, None]:
        """A bar that is moved on by calling it with how many more are done; it goes when it is full."""
        with self._bar(MofNCompleteColumn()) as bar:
            number = bar.add_task(task, total=total)
            yield lambda more: bar.advance(number, more)

    @contextmanager
    def share(self, task: str) -> Generator[Callable[[float, str], None], None, None]:
        """A bar that is set to a share in 0..1, with a few words; it goes at the end."""
        with self._bar(TextColumn("{task.fields[words]}")) as bar:
            number = bar.add_task(task, total=1.0, words="")
            yield lambda share, words: bar.update(number, completed=min(1.0, share), words=words)

    def _bar(self, words: ProgressColumn) -> Progress:
        columns = (TextColumn("{task.description}"), BarColumn(), words, TimeRemainingColumn())
        return Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal)
