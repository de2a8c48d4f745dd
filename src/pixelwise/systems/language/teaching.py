"""From a folder of expressions, or from drawn scenes, to a network that answers."""

from collections.abc import Sequence
from pathlib import Path

import torch

from pixelwise.core.comparison import Tell
from pixelwise.core.errors import DataError
from pixelwise.engine.precision import choose_device
from pixelwise.systems.language.answer import FILE, Answering, keep
from pixelwise.systems.language.learning import learn
from pixelwise.systems.language.network import small
from pixelwise.systems.language.refer import refer
from pixelwise.systems.language.referit import referit
from pixelwise.systems.language.referred import Referred, squared
from pixelwise.systems.language.scenes import SIZE, Expression, draw
from pixelwise.systems.language.words import Vocabulary, vocabulary

_DRAWN = 3000


def teach(
    out: Path,
    *,
    root: Path | None = None,
    steps: int = 900,
    size: int = SIZE,
    seed: int = 0,
    tell: Tell = lambda _: None,
) -> Path:
    """Train the small network and keep it in `out`, for `find_meant` to ask.

    Args:
        out: Folder for the run.
        root: A folder of RefCOCO or ReferIt, of which the split `train` is learnt; scenes are drawn when
            left out.
        steps: Three tenths of them on cells, the rest on pixels.
        size: Rows and columns of the square that photographs are scaled to fit.
        seed: Of weights and order, and of what is drawn.
        tell: Told step and loss every now and then.

    Returns:
        The file of the network.

    Raises:
        DataError: If the folder cannot be read.
        StorageError: If the disk refuses.
    """
    samples = draw(_DRAWN, seed) if root is None else _of_folder(root, size)
    words = vocabulary((sample.text for sample in samples), length=5 if root is None else 20)
    answering = taught(samples, words, steps=steps, size=SIZE if root is None else size, seed=seed, tell=tell)
    keep(out / FILE, answering)
    return out / FILE


def taught(
    samples: Sequence[Expression],
    words: Vocabulary,
    *,
    steps: int,
    size: int,
    seed: int,
    tell: Tell = lambda _: None,
) -> Answering:
    """The small network after its training on images of `size` rows and columns."""
    device = choose_device()[0]
    torch.manual_seed(seed)
    net = small(3, len(words), length=words.length).to(device)
    coarse = 3 * steps // 10
    learn(
        net,
        samples,
        words,
        coarse_steps=coarse,
        fine_steps=steps - coarse,
        seed=seed,
        tell=tell,
    )
    return Answering(net.eval(), words, size)


def _of_folder(root: Path, size: int) -> list[Expression]:
    try:
        found: Referred = referit(root)
    except DataError:
        found = refer(root)
    chosen = found.splits.get("train", range(len(found)))
    return [squared(found[number], size) for number in chosen]
