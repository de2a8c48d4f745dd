"""Images and masks that belong together by their names or by lists: what most people have."""

from pathlib import Path
from typing import Annotated

from annotated_types import Ge

from pixelwise.core.errors import DataError
from pixelwise.data.layouts.known import Names
from pixelwise.data.layouts.objects import one_folder_per_image
from pixelwise.data.layouts.whole import layout_of
from pixelwise.data.masks.written import find_contract
from pixelwise.data.paired import Pairs, paired
from pixelwise.data.published.by_name import contract_of, known_by_name
from pixelwise.data.reader import Recognition


def pairs(
    root: Path,
    *,
    images: str | None = None,
    masks: str | None = None,
    suffix: str | None = None,
    classes: Path | None = None,
    ignore: tuple[int, ...] = (),
    planes: bool = False,
    bands: Annotated[int, Ge(1)] | None = None,
) -> Pairs:
    """Images and masks of the same names, in folders side by side, in one folder, or by lists.

    Names pair by their stem, so that extensions may differ; masks may carry a suffix. What is not told is
    concluded from all masks, said in `notes`, and refused where it is in doubt; files named like those of
    LandCover.ai or Carvana get their classes.

    GeoTIFFs keep their place, and a mask that lies elsewhere than its image is refused. Pixels that were
    never measured (not finite, declared no data, hidden by a mask) become 0 and do not count; neither does
    what masks declare as no data, unless it is a class or the 0 beside one other number.

    Layout:
        Any of these; `labels`, `annotations`, `gt` and more are understood for `masks`::

            images/a.jpg         train/images/a.jpg    train/a.png         a.jpg         train.txt
            masks/a.png          train/masks/a.png     trainannot/a.png    a_mask.png    val.txt

        Lists have lines «image mask», of which only the ends of the paths need be right, or one name
        a line. Splits are those of lists, else of folders called train, val(id) and test (where there is
        train only, there are none); test images without masks are left out.

        Images: PNG, JPEG, GIF, BMP, WebP, TIFF, .npy; any number of bands, 8 or 16 bits or floating.
        Masks: one number per pixel (1 to 16 bits, or three equal channels), a palette (its index is
        the number), or colours. Never JPEG. classes.yaml, classes.csv (id,name,r,g,b) or
        label_colors.txt (R G B name) in the folder say what they mean; a class called void,
        unlabelled, ignore or unknown in the last two does not count. Without them: 0 and 255 are
        background and foreground, 0 to k are classes, 255 besides does not count, other values and up
        to 32 colours are classes named after themselves.

    Args:
        root: Folder that holds everything.
        images: Name of the folders of images, if it is not a usual one.
        masks: Name of the folders of masks, if it is not a usual one.
        suffix: What the names of masks have in addition, like `_mask`.
        classes: File of classes that is not in `root` or has another name.
        ignore: Values in masks that do not count.
        planes: Independent planes (sigmoid) of all classes but the first; binary masks give one.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, left over, unreadable or contradictory.
    """
    layout = layout_of(root, Names(images, masks, suffix))
    known = known_by_name([pair.image for pair in layout.pairs])
    return paired(
        root,
        layout,
        lambda: find_contract(root, classes, ignore) or contract_of(known, ignore),
        ignore=ignore,
        planes=planes,
        bands=bands,
        object_name=known.object_name if known else "foreground",
    )


def recognise(root: Path) -> Recognition:
    """Whether images and masks pair here."""
    try:
        if one_folder_per_image(root):
            return Recognition(False, "each image has a folder of its own, which is the layout of 'folders'")
        layout = layout_of(root, Names())
    except DataError as error:
        return Recognition(False, str(error))
    if not layout.pairs:
        return Recognition(False, layout.faults[0])
    return Recognition(True, "; ".join(layout.manners))
