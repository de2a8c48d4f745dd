"""A network that learnt, kept in a file, and asked: an image and words to a mask and a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

import pixelwise
from pixelwise.core.classes import Classes
from pixelwise.core.errors import CheckpointError, DataError, listing
from pixelwise.engine.checkpoint import Checkpoint, load, save
from pixelwise.engine.precision import choose_device
from pixelwise.engine.predict import predict_logits
from pixelwise.engine.state import model_tensors, restore_model
from pixelwise.report.panels import panels
from pixelwise.report.pictures import as_rgb, index_png
from pixelwise.systems.language.learning import device_of
from pixelwise.systems.language.network import Referring, paper, small, spoken
from pixelwise.systems.language.referred import fitted
from pixelwise.systems.language.words import PADDING, UNKNOWN, Vocabulary
from pixelwise.workflows.labelling import label_each

FILE = "language.safetensors"

_SYSTEM = "language"
_DARK = 0.3  # of the brightness of what is not meant
_CLASSES = Classes(("background", "meant"))
_NETWORKS = {"small": small, "paper": paper}


@dataclass(frozen=True, slots=True)
class Answering:
    """A network that learnt, with all that is needed to ask it.

    Attributes:
        net: On its device, in evaluation mode.
        words: The words it knows.
        size: Rows and columns of the square that images are scaled to fit.
        kind: Which network it is, `small` or `paper`.
        options: What it was built with beyond the vocabulary.
    """

    net: Referring
    words: Vocabulary
    size: int
    kind: str = "small"
    options: Mapping[str, Any] | None = None

    def mask(self, image: Float[Tensor, "c h w"], text: str) -> Bool[Tensor, "h w"]:
        """The pixels of an RGB image of any size that the words mean."""
        square, scale = fitted(image, self.size)
        asked = spoken(square[None], self.words.numbers(text)[None])
        logits = predict_logits(self.net.eval(), asked, device_of(self.net), None)
        rows, columns = (max(1, round(side * scale)) for side in image.shape[1:])
        large = F.interpolate(logits[..., :rows, :columns], image.shape[1:], mode="bilinear")
        return (large[0, 0] > 0).cpu()


@dataclass(frozen=True, slots=True)
class Answer:
    """What was made of one image.

    Attributes:
        image: The image file.
        text: What was asked for.
        labels: PNG of 0 and 1, 1 where it is.
        overlay: PNG of the image, dark but where it is.
        share: Share of the image that is meant.
        unknown: Words of the text that were never learnt.
    """

    image: Path
    text: str
    labels: Path
    overlay: Path
    share: float
    unknown: tuple[str, ...] = ()


def keep(path: Path, answering: Answering) -> None:
    """Write the network and its words to a file.

    Raises:
        StorageError: If the disk refuses.
    """
    facts = {
        "system": _SYSTEM,
        "version": pixelwise.__version__,
        "kind": answering.kind,
        "options": dict(answering.options or {}),
        "words": list(answering.words.words),
        "length": answering.words.length,
        "size": answering.size,
    }
    save(path, Checkpoint(model_tensors(answering.net), facts))


def open_answering(run: Path, *, device: torch.device | None = None) -> Answering:
    """The network of a file, or of a folder that holds `language.safetensors`.

    Raises:
        CheckpointError: If there is none, it cannot be trusted, or it is another system's.
    """
    path = run / FILE if run.is_dir() else run
    checkpoint = load(path)
    facts = checkpoint.facts
    if facts.get("system") != _SYSTEM or facts.get("kind") not in _NETWORKS:
        raise CheckpointError(
            f"{path} was not trained to find what words mean. It is of the system {facts.get('system')!r}. "
            "Train one with the system 'language'."
        )
    words = Vocabulary(tuple(facts["words"]), facts["length"])
    net = _NETWORKS[facts["kind"]](3, len(words), length=words.length, **facts["options"])
    restore_model(net, checkpoint.part("model/"))
    place = device or choose_device()[0]
    return Answering(net.to(place).eval(), words, facts["size"], facts["kind"], facts["options"])


def find_meant(
    run: Path | str, inputs: Sequence[Path | str], text: str, *, out: Path | str, overwrite: bool = False
) -> list[Answer]:
    """Find in images what words mean: a mask each in `labels/`, a picture in `overlays/`.

    Args:
        run: A file that `keep` wrote, or its folder.
        inputs: Image files, folders, or patterns.
        text: What is meant, such as "the left circle".
        out: Folder for the results.
        overwrite: Replace what earlier predictions left there.

    Raises:
        CheckpointError: If the run cannot be used.
        DataError: If images are missing or cannot be read, or no word of the text is known; those that can
            be are done first.
        RecipeError: If files would be overwritten.
    """
    answering = open_answering(Path(run))
    _check_words(text, answering.words)
    return label_each(inputs, Path(out), partial(_write, answering, text), overwrite=overwrite)


def _check_words(text: str, words: Vocabulary) -> None:
    """Refuse an expression that would be guessed at.

    Raises:
        DataError: If none of its words was learnt.
    """
    if not words.known(text):
        known = [word for word in words.words if word not in (PADDING, UNKNOWN)]
        raise DataError(
            f"no word of {text!r} was learnt. {len(known)} words are known: {listing(known, 20)}. Say it "
            "with them."
        )


def _write(answering: Answering, text: str, file: Path, image: Tensor, labels: Path, picture: Path) -> Answer:
    mask = answering.mask(image, text)
    index_png(mask.long(), labels, _CLASSES)
    drawn(image, mask, text).save(picture)
    share, unknown = float(mask.float().mean()), tuple(answering.words.unknown(text))
    return Answer(file, text, labels, picture, share, unknown)


def drawn(image: Float[Tensor, "c h w"], mask: Bool[Tensor, "h w"], text: str) -> Image.Image:
    """The image, dark but where what is meant lies, and the words above it."""
    rgb = as_rgb(image)
    lit = np.where(mask.numpy()[..., None], rgb, (_DARK * rgb).astype(np.uint8))
    return panels([(text, lit)], columns=1)
