"""Drawings for LabelMe."""

import base64
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pixelwise.data.writers._images import carry
from pixelwise.data.writers._legend import Legend
from pixelwise.data.writers._pieces import Piece, pieces
from pixelwise.data.writers._sheet import Sheet, Speech
from pixelwise.ops.polygons import Patch

SAYS = Speech("drawings", "labelme", things=True, masks="masks")

_VERSION = "5.5.0"  # of the format: the first with masks is 5.1


def labelme(sheets: Iterable[Sheet], root: Path, legend: Legend) -> None:  # noqa: ARG001 labels are names
    """Write a JSON file beside each image: polygons, and masks for what has holes.

    Shapes of one thing have one group number. What stands later in a file lies on top.

    Layout:
        In folders of train, val and test where there are splits::

            train/a.jpg     as it was
            train/a.json

    Args:
        sheets: What is written.
        root: Folder, new or empty.
        legend: Names of the classes.
    """
    for sheet in sheets:
        image = carry(sheet, root / (sheet.split or ""))
        content = {
            "version": _VERSION,
            "flags": {},
            "shapes": [_shape(piece) for piece in pieces(sheet)],
            "imagePath": image.name,
            "imageData": None,
            "imageHeight": sheet.size[0],
            "imageWidth": sheet.size[1],
        }
        text = json.dumps(content, indent=1, ensure_ascii=False)
        image.with_name(f"{sheet.name}.json").write_text(text, encoding="utf-8")


def _shape(piece: Piece) -> dict[str, Any]:
    told = {"label": piece.label, "group_id": piece.group, "description": "", "flags": {}}
    if not isinstance(piece.area, Patch):
        return told | {"shape_type": "polygon", "points": piece.area[:, ::-1].tolist(), "mask": None}
    part = piece.area
    rows, columns = part.mask.shape
    corners = [[part.left, part.top], [part.left + columns - 1, part.top + rows - 1]]  # both within
    return told | {"shape_type": "mask", "points": corners, "mask": _picture(part)}


def _picture(part: Patch) -> str:
    packed = io.BytesIO()
    Image.fromarray(part.mask.astype(np.uint8)).save(packed, "PNG")
    return base64.b64encode(packed.getvalue()).decode("ascii")
