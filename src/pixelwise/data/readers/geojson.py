"""Shapes on Earth over images that know where they lie: GeoJSON and GeoPackage."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import shapely
from annotated_types import Ge

from pixelwise.core.errors import DataError, listing, raise_faults
from pixelwise.data.drawings.contract import ClassChoice, Wishes
from pixelwise.data.drawings.drawn import Drawn, drawn
from pixelwise.data.drawings.gallery import files_below, split_by_path
from pixelwise.data.drawings.marks import Pen
from pixelwise.data.drawings.paint import Order
from pixelwise.data.drawings.plain import Plain, gathered
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.data.drawings.sniff import glance
from pixelwise.data.drawings.vectors import Layer, in_pixels, read_layer
from pixelwise.data.images import read_header
from pixelwise.data.reader import Recognition
from pixelwise.ops.outlines import from_shapely
from pixelwise.ops.polygons import Polygon

_FIELDS = ("label", "class", "class_name", "classname", "category", "class_id", "label_id")
_ONE_CLASS = "object"
_MANY = (shapely.GeometryCollection, shapely.MultiPolygon, shapely.MultiLineString, shapely.MultiPoint)


def geojson(
    root: Path,
    *,
    field: str | None = None,
    crs: str | None = None,
    classes: ClassChoice = None,
    ignore: tuple[str, ...] = (),
    order: Order = "file",
    line_width: Annotated[float, Ge(0)] | None = None,
    background: str | None = "background",
    planes: bool = False,
    bands: Annotated[int, Ge(1)] | None = None,
) -> Drawn:
    """GeoTIFF images with shapes over them, brought to the images' coordinate system.

    A pixel belongs to a polygon if its centre lies inside, and in no hole. Where nothing is drawn is
    background: tell `background=null` where shapes cover only part of what is there to see.

    Layout:
        Images and layers of the same stem belong together, in one folder or in several; one layer without
        such an image lies over all images. Those of train, val and test make splits::

            images/a.tif     a GeoTIFF, with a coordinate system
            labels/a.geojson     features with a property that says what they are      (or a.gpkg)

    Args:
        root: Folder that holds everything.
        field: Property of the features that is the label. Without it, the first of label, class, class_name,
            category, class_id that they have; if they have none, all are one class, `object`.
        crs: Coordinate system of layers that name none, like EPSG:4326. Without it, longitude and latitude,
            or the image's own where numbers are too large for that.
        classes: Names of the classes in order, or a file of classes; as in `pairs`, one in `root` is found.
            Without any, the labels in order.
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
    images, files = files_below(root, ".tif", ".tiff"), files_below(root, ".geojson", ".gpkg")
    layers, faults = gathered(files, read_layer)
    raise_faults(DataError, f"the drawings in {root} cannot be used as they are:", faults)
    together, notes = _together(root, images, layers)
    chosen = field or _field(layers)
    if field is None:
        what = (
            f"the label of a shape is its property {chosen!r}" if chosen else f"all shapes are {_ONE_CLASS!r}"
        )
        notes.append(f"{what}; choose with field=.")
    task = _Task(root, chosen, crs, Pen(line_width))
    found, faults = gathered(together, task.drawing)
    notes += dict.fromkeys(note for _, assumed in found for note in assumed)
    drawings = [drawing for drawing, _ in found]
    wishes = Wishes(classes, ignore, order, background, planes, bands)
    return drawn(root, drawings, wishes, faults=faults, notes=notes)


def recognise(root: Path) -> Recognition:
    """Whether layers of shapes and GeoTIFF images are here."""
    layers = [*glance(root, ".geojson"), *glance(root, ".gpkg")]
    if not layers:
        return Recognition(False, f"no file .geojson or .gpkg in {root}")
    images = glance(root, ".tif", 1) + glance(root, ".tiff", 1)
    if not images:
        return Recognition(False, f"{layers[0][0].name} is here, but no GeoTIFF image")
    return Recognition(True, f"{layers[0][0].name} has shapes on Earth, and {images[0][0].name} is an image")


def _together(
    root: Path, images: Sequence[Path], layers: Sequence[Layer]
) -> tuple[list[tuple[Path, Layer]], list[str]]:
    """Images with their layers, by stem or all with one; and what was left out.

    Raises:
        DataError: If there is nothing, or layers and images do not fit.
    """
    if not images or not layers:
        raise DataError(
            f"{root} holds {len(images)} images and {len(layers)} layers. GeoTIFF and .geojson or .gpkg "
            "files are wanted. Put them there."
        )
    by_stem = {image.stem: image for image in images}
    alone = [layer.file.name for layer in layers if layer.file.stem not in by_stem]
    if len(layers) == 1 and alone:
        placed = [image for image in images if read_header(image).place is not None]
        left = len(images) - len(placed)
        notes = [f"{left} of {len(images)} images do not say where they lie: left out."] if left else []
        return [(image, layers[0]) for image in placed or images], notes if placed else []
    if alone:
        raise DataError(
            f"{len(alone)} of {len(layers)} layers have no image of their name in {root}: {listing(alone)}. "
            "Rename them."
        )
    if len(by_stem) < len(images):
        raise DataError(f"images in {root} share a name, so that layers do not know theirs. Rename them.")
    left = len(images) - len(layers)
    notes = [f"{left} of {len(images)} images have no layer of their name: left out."] if left else []
    return [(by_stem[layer.file.stem], layer) for layer in layers], notes


def _field(layers: Sequence[Layer]) -> str | None:
    """The usual name of a label that all shapes have."""
    told = [set(feature.told.names()) for layer in layers for feature in layer.features]
    return next((name for name in _FIELDS if told and all(name in names for names in told)), None)


@dataclass(frozen=True, slots=True)
class _Task:
    """What is the same for all images."""

    root: Path
    field: str | None
    crs: str | None
    pen: Pen

    def drawing(self, pair: tuple[Path, Layer]) -> tuple[Drawing, list[str]]:
        """The shapes over one image, and what was assumed."""
        image, layer = pair
        header = read_header(image)
        if header.place is None:
            raise DataError(
                f"{image} does not say where it lies. Shapes on Earth need that. Georeference it."
            )
        shapes, assumed = in_pixels(layer, header.place, self.crs)
        notes = [assumed] if assumed else []
        rows, columns = header.size
        window = shapely.box(0, 0, rows, columns)
        near = np.flatnonzero(shapely.intersects(np.array(shapes, object), window)) if shapes else []
        drawn_here: list[Shape] = []
        for number in near:
            told = layer.features[number].told
            polygons = self._polygons(shapes[number], told)
            if polygons:
                drawn_here.append(Shape(self._label(told), tuple(polygons), where=told.place))
        source = layer.file
        split = split_by_path(self.root, image)
        return Drawing(image, header.size, tuple(drawn_here), source, split), notes

    def _label(self, told: Plain) -> str:
        return told[self.field].text() if self.field else _ONE_CLASS

    def _polygons(self, shape: shapely.Geometry, told: Plain) -> list[Polygon]:
        found: list[Polygon] = []
        for part in shapely.get_parts(shape):
            if isinstance(part, _MANY):
                found += self._polygons(part, told)
            elif isinstance(part, shapely.Polygon):
                found += from_shapely(part)
            elif not part.is_empty:
                points = np.ascontiguousarray(shapely.get_coordinates(part))
                found += self.pen.draw(points, told, part.geom_type)
        return found
