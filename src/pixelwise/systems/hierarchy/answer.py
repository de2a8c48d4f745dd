"""Both networks in a row, kept in a file: an image to its vessel, and to what is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from PIL import Image
from torch import Tensor

import pixelwise
from pixelwise.core.classes import Classes
from pixelwise.core.errors import CheckpointError
from pixelwise.engine.checkpoint import Checkpoint, load, save
from pixelwise.engine.precision import choose_device
from pixelwise.engine.predict import AtSize, predict_logits
from pixelwise.engine.state import model_tensors, restore_model
from pixelwise.metrics.confusion import winners
from pixelwise.report.panels import panels
from pixelwise.report.pictures import as_rgb, index_png, overlay
from pixelwise.systems.hierarchy.learning import device_of, with_region
from pixelwise.systems.hierarchy.levels import VESSEL, Level, apart, outputs
from pixelwise.systems.hierarchy.network import Attentive, paper, small
from pixelwise.workflows.labelling import label_each

FILE = "hierarchy.safetensors"

_SYSTEM = "hierarchy"
_NETWORKS = {"small": small, "paper": paper}


@dataclass(frozen=True, slots=True)
class Contents:
    """What was found in an image.

    Attributes:
        vessel: The pixels of the vessel, as the first network sees it.
        labels: Labels of each level by its name, as the second network says; the finest comes last.
    """

    vessel: Bool[Tensor, "h w"]
    labels: dict[str, Int[Tensor, "h w"]]


@dataclass(frozen=True, slots=True)
class Chain:
    """Two networks that learnt apart, each from the truth: one finds the vessel, one its contents.

    Attributes:
        first: Says vessel or background; its own region is empty.
        second: Says every level, in the region it is given.
        levels: What the second says.
        size: Rows and columns that images are scaled to.
        kind: Which networks they are, `small` or `paper`.
    """

    first: Attentive
    second: Attentive
    levels: tuple[Level, ...]
    size: tuple[int, int]
    kind: str = "small"

    def contents(self, image: Float[Tensor, "c h w"], region: Bool[Tensor, "h w"] | None = None) -> Contents:
        """Find the vessel in an image of any size, then what is in it.

        Args:
            image: RGB.
            region: Where the vessel is, if that is known.
        """
        if region is None:
            nowhere = torch.zeros_like(image[:1, ...])[0]
            region = self._labels(self.first, image, nowhere, (VESSEL,))[0] == 1
        found = self._labels(self.second, image, region, self.levels)
        return Contents(
            region, {level.name: labels for level, labels in zip(self.levels, found, strict=True)}
        )

    def _labels(self, net: Attentive, image: Tensor, region: Tensor, levels: Sequence[Level]) -> list[Tensor]:
        images = with_region(image[None], region[None])
        logits = predict_logits(AtSize(net, self.size).eval(), images, device_of(net), None)
        return [winners(scores)[0].cpu() for scores in apart(logits, levels)]


@dataclass(frozen=True, slots=True)
class Found:
    """What was made of one image.

    Attributes:
        image: The image file.
        labels: PNG of the classes of the finest level.
        picture: PNG of the image, the vessel, and every level.
        shares: Share of the image that each class of the finest level has.
    """

    image: Path
    labels: Path
    picture: Path
    shares: dict[str, float]


def keep(path: Path, chain: Chain) -> None:
    """Write both networks to one file.

    Raises:
        StorageError: If the disk refuses.
    """
    tensors = {
        f"{number}/{name}": tensor
        for number, net in (("first", chain.first), ("second", chain.second))
        for name, tensor in model_tensors(net).items()
    }
    facts: dict[str, Any] = {
        "system": _SYSTEM,
        "version": pixelwise.__version__,
        "kind": chain.kind,
        "levels": [{"name": level.name, "classes": level.classes, "of": level.of} for level in chain.levels],
        "size": chain.size,
    }
    save(path, Checkpoint(tensors, facts))


def open_chain(run: Path, *, device: torch.device | None = None) -> Chain:
    """The networks of a file, or of a folder that holds `hierarchy.safetensors`.

    Raises:
        CheckpointError: If there is none, it cannot be trusted, or it is another system's.
    """
    path = run / FILE if run.is_dir() else run
    checkpoint = load(path)
    facts = checkpoint.facts
    if facts.get("system") != _SYSTEM or facts.get("kind") not in _NETWORKS:
        raise CheckpointError(
            f"{path} was not trained to find vessels and their contents. It is of the system "
            f"{facts.get('system')!r}. Train one with the system 'hierarchy'."
        )
    levels = tuple(Level(each["name"], tuple(each["classes"]), tuple(each["of"])) for each in facts["levels"])
    build = _NETWORKS[facts["kind"]]
    first, second = build(3, outputs((VESSEL,)), way="nothing"), build(3, outputs(levels))
    place = device or choose_device()[0]
    for name, net in (("first", first), ("second", second)):
        restore_model(net, checkpoint.part(f"{name}/model/"))
        net.to(place).eval()
    rows, columns = facts["size"]
    return Chain(first, second, levels, (rows, columns), facts["kind"])


def find_contents(
    run: Path | str, inputs: Sequence[Path | str], *, out: Path | str, overwrite: bool = False
) -> list[Found]:
    """Find vessels in images and what is in them: labels in `labels/`, pictures in `overlays/`.

    Args:
        run: A file that `keep` wrote, or its folder.
        inputs: Image files, folders, or patterns.
        out: Folder for the results.
        overwrite: Replace what earlier predictions left there.

    Raises:
        CheckpointError: If the run cannot be used.
        DataError: If images are missing or cannot be read; those that can are done first.
        RecipeError: If files would be overwritten.
    """
    chain = open_chain(Path(run))
    return label_each(inputs, Path(out), partial(_write, chain), overwrite=overwrite)


def _write(chain: Chain, file: Path, image: Tensor, labels: Path, picture: Path) -> Found:
    contents, finest = chain.contents(image), chain.levels[-1]
    found = contents.labels[finest.name]
    index_png(found, labels, Classes(finest.classes))
    drawn(image, contents, chain.levels).save(picture)
    shares = found.flatten().bincount(minlength=len(finest.classes)) / found.numel()
    return Found(file, labels, picture, dict(zip(finest.classes, shares.tolist(), strict=True)))


def drawn(image: Float[Tensor, "c h w"], contents: Contents, levels: Sequence[Level]) -> Image.Image:
    """The image, the vessel, and what each level but the first says of its contents."""
    told = [
        ("image", as_rgb(image)),
        ("vessel", overlay(image, contents.vessel.long(), Classes(VESSEL.classes))),
    ]
    told += [
        (level.name, overlay(image, contents.labels[level.name], Classes(level.classes)))
        for level in levels[1:]
    ]
    return panels(told, columns=len(told))
