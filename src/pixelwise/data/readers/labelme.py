"""Drawings of LabelMe: a JSON file beside each image."""

import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Ge
from jaxtyping import Float
from torch import Tensor

from pixelwise.core.errors import DataError
from pixelwise.data.drawings.contract import ClassChoice, Wishes
from pixelwise.data.drawings.drawn import Drawn, Placed, drawn, image_file
from pixelwise.data.drawings.gallery import Gallery, files_below, split_by_path
from pixelwise.data.drawings.marks import Pen, base64_of, picture_mask
from pixelwise.data.drawings.paint import Order
from pixelwise.data.drawings.plain import Plain, gathered, read_json
from pixelwise.data.drawings.runs import runs
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.data.drawings.sniff import glance, keys
from pixelwise.data.images import read_header, read_image, split_missing
from pixelwise.data.reader import Recognition
from pixelwise.ops.outlines import box, ellipse
from pixelwise.ops.polygons import Polygon

_POLYGONS = frozenset({"polygon", "ai_polygon", "oriented_rectangle", "rotation"})
_MASKS = frozenset({"mask", "ai_mask"})
_LINES = {"line": 2, "linestrip": 2, "point": 1, "points": 1}  # and the fewest points they have


def labelme(
    root: Path,
    *,
    classes: ClassChoice = None,
    ignore: tuple[str, ...] = (),
    order: Order = "file",
    line_width: Annotated[float, Ge(0)] | None = None,
    background: str | None = "background",
    planes: bool = False,
    bands: Annotated[int, Ge(1)] | None = None,
) -> Drawn:
    """Images with a LabelMe file each, of versions 4 and 5.

    A pixel belongs to a shape if its centre lies inside. Shapes with the same group number show one thing.

    Layout:
        One file per image, side by side or in folders of their own; those of train, val and test make
        splits::

            a.jpg     a.json     {"shapes": [{"label", "points": [[x, y]], "shape_type", "group_id"}],
                                  "imagePath", "imageData", "imageHeight", "imageWidth"}

        `shape_type` is polygon, rectangle (two corners), circle (centre and a point of the rim), mask (a PNG
        between two corners, both within), line, linestrip or point. The image is looked for by the end of
        `imagePath`, then by the name of the file; where there is none, `imageData` is it.

    Args:
        root: Folder that holds everything.
        classes: Names of the classes in order, or a file of classes; as in `pairs`, one in `root` is found.
            Without any, the labels in alphabetical order.
        ignore: Labels whose pixels do not count.
        order: Which shape lies below where they overlap: the one before it in the file, or the larger
            (area).
        line_width: Of lines and points, in pixels; 0 leaves them out. They are refused without it.
        background: Name of the class where nothing is drawn, made the first if it is not among the classes;
            null if that does not count.
        planes: Independent planes (sigmoid), so that classes may overlap.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, damaged or unknown, with file and place.
    """
    files = files_below(root, ".json")
    gallery, pen = Gallery(root), Pen(line_width)
    found, faults = gathered(files, lambda file: _drawing(root, file, gallery, pen))
    drawings = [drawing for drawing in found if drawing is not None]
    wishes = Wishes(classes, ignore, order, background, planes, bands)
    return drawn(root, drawings, wishes, faults=faults, image_of=_image)


def recognise(root: Path) -> Recognition:
    """Whether files of LabelMe are here."""
    for file, text in glance(root, ".json"):
        if {"shapes", "imagePath"} <= keys(text):
            return Recognition(True, f"{file.name} has the shapes of LabelMe")
    return Recognition(False, f"no JSON file with 'shapes' and 'imagePath' in {root}")


def _drawing(root: Path, file: Path, gallery: Gallery, pen: Pen) -> Drawing | None:
    """What was drawn over one image; None for a file that is no drawing."""
    content = read_json(file)
    if not content.has("shapes") and not content.has("imagePath"):
        return None
    image = _image_path(content, gallery)
    size = read_header(image).size if image is not None else _size(_embedded(file, None))
    if content.has("imageHeight") and content.has("imageWidth"):
        stated = content.size("imageHeight", "imageWidth")
        if stated != size:
            raise content.fault(f"it was drawn over {stated}, but its image is {size} (rows, columns).")
    shapes = [_shape(shape, pen) for shape in content["shapes"].items()]
    kept = tuple(shape for shape in shapes if shape is not None)
    return Drawing(image, size, kept, file, split_by_path(root, file))


def _image_path(content: Plain, gallery: Gallery) -> Path | None:
    """The image file; None where the image is in the file itself."""
    try:
        return gallery.find(content["imagePath"].text(), content.file)
    except DataError:
        beside = gallery.beside(content.file)
        if beside is None and not content.has("imageData"):
            raise
        return beside


def _shape(shape: Plain, pen: Pen) -> Shape | None:
    label = shape["label"].text()
    instance = str(shape["group_id"].whole()) if shape.has("group_id") else ""
    kind = shape.get("shape_type", "polygon").text()
    if kind in _MASKS:
        return _mask(shape, label, instance)
    points = shape["points"].points(_LINES.get(kind, 1))
    if kind in _LINES:
        polygons = pen.draw(points, shape, kind)
        return Shape(label, polygons, instance=instance, where=shape.place) if polygons else None
    if kind == "rectangle" and len(points) == 2:
        (top, left), (bottom, right) = points.min(0).tolist(), points.max(0).tolist()
        polygon = box(top, left, bottom, right)
    elif kind == "circle":
        (y, x), rim = shape["points"].points(2)[:2]
        radius = float(np.hypot(*(rim - (y, x))))
        polygon = ellipse((float(y), float(x)), (radius, radius))
    elif kind in _POLYGONS or kind == "rectangle":
        polygon = Polygon(shape["points"].points(3))
    else:
        raise shape.fault(f"shape_type {kind!r} is unknown. Draw it as a polygon.")
    return Shape(label, (polygon,), instance=instance, where=shape.place)


def _mask(shape: Plain, label: str, instance: str) -> Shape:
    corners = shape["points"].points(2)
    top, left = np.round(corners.min(0)).astype(int).tolist()
    mask = picture_mask(base64_of(shape["mask"]), shape)
    return Shape(label, (), runs(mask, top=top, left=left), instance=instance, where=shape.place)


def _image(drawing: Drawing, bands: int | None) -> Placed:
    if drawing.image is not None:
        return image_file(drawing, bands)
    return (*split_missing(_embedded(drawing.source, bands)), None)


def _size(image: Float[Tensor, "c h w"]) -> tuple[int, int]:
    return image.shape[1], image.shape[2]


def _embedded(file: Path, bands: int | None) -> Float[Tensor, "c h w"]:
    """The image in a LabelMe file, read as if it were a file of its own."""
    content = read_json(file)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "image.png")  # whatever it is: its content decides
        path.write_bytes(base64_of(content["imageData"]))
        try:
            return read_image(path, bands=bands)
        except DataError as error:
            raise content["imageData"].fault(f"the image in it cannot be read ({error}).") from error
