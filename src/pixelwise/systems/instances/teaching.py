"""From digits, or from a set in COCO's format, to a detector in a file."""

from collections.abc import Sequence
from pathlib import Path

import torch

from pixelwise.core.errors import DataError
from pixelwise.data.readers.coco import coco
from pixelwise.engine.precision import choose_device
from pixelwise.systems.instances.detector import FILE, Detector, keep
from pixelwise.systems.instances.learning import learn
from pixelwise.systems.instances.network import resnet50, small
from pixelwise.systems.instances.scenes import DIGITS, DrawnScenes, Scene, digit_scenes

_SCENES = 600


def teach(
    out: Path | str,
    *,
    root: Path | str | None = None,
    weights: str | None = None,
    size: int | None = None,
    steps: int = 400,
    batch_size: int = 4,
    seed: int = 0,
) -> Path:
    """Train a detector and keep it in `out` for `find_instances`.

    Args:
        out: Folder for the detector.
        root: A set in COCO's format; digits are drawn when left out. Where it has a part to train with, only
            that is learnt from.
        weights: Where to begin: `pretrained`, or the path of a safetensors file, for torchvision's ResNet-50
            with a pyramid. Left out: the small network, at random.
        size: Rows or columns that images are scaled to; 800 with weights, 64 without when left out.
        steps: How long.
        batch_size: Images of a step.
        seed: Of weights, order and digits.

    Returns:
        The file of the detector.

    Raises:
        DataError: If the set cannot be read, or holds nothing to learn from.
        CheckpointError: If the weights cannot be had or do not fit.
        StorageError: If the disk refuses.
    """
    scenes, names = (digit_scenes(_SCENES, seed), DIGITS) if root is None else coco_scenes(Path(root))
    device = choose_device()[0]
    torch.manual_seed(seed)
    if weights is None:
        kind, size = "small", size or 64
        network = small(len(names), size=size)
    else:
        kind, size = "resnet50_frozen", size or 800
        network = resnet50(len(names), size=size, weights=weights)
    network = network.to(device)
    rate = 1e-3 if weights is None else 1e-4
    learn(network, scenes, steps=steps, seed=seed, batch_size=batch_size, lr=rate, device=device)
    path = Path(out) / FILE
    keep(path, Detector(network, names, kind, size, device=device))
    return path


def coco_scenes(root: Path) -> tuple[Sequence[Scene], tuple[str, ...]]:
    """The scenes of a set in COCO's format, and its classes' names; the part to train with if it has one.

    Raises:
        DataError: If it cannot be read, or none of its images shows a thing.
    """
    drawn = coco(root)
    scenes = DrawnScenes(drawn, drawn.splits.get("train") or range(len(drawn)))
    if not any(len(drawn.drawings[number].shapes) for number in range(len(drawn))):
        raise DataError(
            f"nothing to learn from in {root}. No image shows a thing. Draw some, or give another set."
        )
    return scenes, scenes.names
