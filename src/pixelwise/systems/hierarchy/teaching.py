"""From rendered vessels, or from drawn scenes, to both networks in one file."""

from collections.abc import Sequence
from pathlib import Path

import torch

from pixelwise.core.comparison import Tell
from pixelwise.engine.precision import choose_device
from pixelwise.systems.hierarchy.answer import FILE, Chain, keep
from pixelwise.systems.hierarchy.learning import learn
from pixelwise.systems.hierarchy.levels import DRAWN, VESSEL, Level, outputs
from pixelwise.systems.hierarchy.network import small
from pixelwise.systems.hierarchy.rendered import LEVELS, rendered, scaled
from pixelwise.systems.hierarchy.scenes import SIZE, Scene, draw

_SCENES = 400


def teach(
    out: Path,
    *,
    root: Path | None = None,
    steps: int = 400,
    size: int = SIZE,
    seed: int = 0,
    tell: Tell = lambda _: None,
) -> Path:
    """Train both small networks, each from the truth, and keep them in `out` for `find_contents`.

    Args:
        out: Folder for the run.
        root: A folder of rendered vessels; scenes of single vessels are drawn when left out.
        steps: Of each network.
        size: Rows and columns that rendered images are scaled to.
        seed: Of weights and order, and of what is drawn.
        tell: Told step and loss every now and then.

    Returns:
        The file of the networks.

    Raises:
        DataError: If the folder cannot be read.
        StorageError: If the disk refuses.
    """
    if root is None:
        chain = taught(draw(_SCENES, seed, kind="one"), DRAWN, steps=steps, seed=seed, tell=tell)
    else:
        chain = taught(_of_folder(root, size), LEVELS, steps=steps, seed=seed, tell=tell)
    keep(out / FILE, chain)
    return out / FILE


def taught(
    scenes: Sequence[Scene],
    levels: tuple[Level, ...],
    *,
    steps: int,
    seed: int,
    tell: Tell = lambda _: None,
) -> Chain:
    """Both small networks after their training on scenes of one size, each with the true vessel."""
    device = choose_device()[0]
    torch.manual_seed(seed)
    first = small(3, outputs((VESSEL,)), way="nothing").to(device)
    second = small(3, outputs(levels)).to(device)
    vessel = (levels[0],)
    learn(first, scenes, levels=vessel, steps=steps, seed=seed, tell=tell)
    learn(second, scenes, levels=levels, steps=steps, seed=seed, tell=tell)
    rows, columns = scenes[0].labels.shape
    return Chain(first.eval(), second.eval(), levels, (rows, columns))


def _of_folder(root: Path, size: int) -> list[Scene]:
    reader = rendered(root)
    found: list[Scene] = []
    for number in range(len(reader)):
        sample = reader[number]
        image, labels = scaled(sample, size)
        found.append(Scene(image, labels > 0, labels, sample.name))
    return found
