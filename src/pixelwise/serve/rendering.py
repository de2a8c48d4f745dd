"""Labels to what goes over the wire: JSON, pictures, GeoTIFF."""

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.place import Place
from pixelwise.data.rasters.writing import write_tif
from pixelwise.report.pictures import index_png, overlay, paint
from pixelwise.serve.decoding import Picture
from pixelwise.serve.polygons import feature_collection
from pixelwise.serve.seeing import Seen

Kind = Literal["index", "overlay", "preview"]


@dataclass(frozen=True, slots=True)
class Found:
    """An image and what was found in it.

    Attributes:
        picture: The image.
        seen: The labels, pixels that were never measured taken out.
        classes: What they mean.
    """

    picture: Picture
    seen: Seen
    classes: Classes

    @property
    def place(self) -> Place | None:
        """Where it lies."""
        return self.picture.place


def as_json(found: Found, model: str, seconds: float, *, departures: Sequence[str], polygons: bool) -> bytes:
    """Shares, certainties and polygons as JSON; certainty is null for a class that is nowhere.

    Args:
        found: The labels.
        model: Name of the model.
        seconds: How long it took.
        departures: How the image differs from what the model learnt from, in sentences.
        polygons: Whether they are told.
    """
    labels, sure, classes = found.seen.labels, found.seen.sure, found.classes
    exclusive = classes.exclusive
    masks = (labels == index if exclusive else labels[index] > 0.5 for index in range(len(classes)))
    shares: dict[str, float] = {}
    confidence: dict[str, float | None] = {}
    for name, mask in zip(classes.names, masks, strict=True):
        shares[name] = round(mask.float().mean().item(), 6)
        confidence[name] = round(sure[mask].double().mean().item(), 4) if mask.any() else None
    answer: dict[str, Any] = {
        "model": model,
        "size": list(labels.shape[-2:]),
        "seconds": round(seconds, 4),
        "shares": shares,
        "confidence": confidence,
        "departures": list(departures),
    }
    if polygons:
        answer["polygons"] = feature_collection(labels, classes, found.place)
    return json.dumps(answer, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def as_png(found: Found, kind: Kind) -> bytes:
    """The labels as a PNG with a palette, in colours, or in colours over the image."""
    labels, classes = found.seen.labels, found.classes
    if kind == "index":
        return _through_file("labels.png", lambda path: index_png(labels, path, classes))
    rgb = paint(labels, classes) if kind == "preview" else overlay(found.picture.image, labels, found.classes)
    return _png(rgb)


def as_tiff(found: Found) -> bytes:
    """The labels as GeoTIFF: a band of indices, or one of 0 and 1 for each independent class."""
    labels, exclusive = found.seen.labels, found.classes.exclusive
    bands = labels[None] if exclusive else labels.where(labels >= 0, IGNORE_INDEX)
    pixels = bands.to(torch.uint8).permute(1, 2, 0).numpy()
    palette = found.classes.colours if exclusive else ()
    return _through_file(
        "labels.tif",
        lambda path: write_tif(path, pixels, place=found.place, nodata=float(IGNORE_INDEX), palette=palette),
    )


def as_labels_and_confidence(found: Found) -> bytes:
    """Grey with alpha: the class that shows, 255 for none, and its probability from 1 to 255."""
    top = _topmost(found.seen.labels, found.classes).to(torch.uint8)
    sure = (found.seen.sure.nan_to_num(0.0) * 255).round().clamp(1, 255).to(torch.uint8)
    sure = sure.masked_fill(found.picture.missing, 1)
    return _png(torch.stack([top, sure], dim=-1).numpy())


def _topmost(labels: Tensor, classes: Classes) -> Tensor:
    """The class that shows, of planes the last one; 255 where none is."""
    if classes.exclusive:
        return labels
    on = labels > 0.5
    return (len(classes) - 1 - on.flip(0).int().argmax(0)).where(on.any(0), IGNORE_INDEX)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _through_file(name: str, write: Callable[[Path], object]) -> bytes:
    """What a writer of files writes."""
    with TemporaryDirectory(prefix="pixelwise-") as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()
