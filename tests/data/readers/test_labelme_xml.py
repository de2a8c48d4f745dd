from pathlib import Path

import numpy as np
import pytest

from pixelwise.core.errors import DataError
from pixelwise.data.readers.cvat import cvat
from pixelwise.data.readers.labelme_xml import labelme_xml
from tests.data.drawings.written import labelme_xml as write
from tests.data.drawn import write_image


def test_masks_may_be_as_large_as_their_box(tmp_path: Path) -> None:
    write(tmp_path)
    write_image(tmp_path / "Masks" / "scene_0_mask_1.png", np.full((3, 4), 255, np.uint8))
    file = tmp_path / "scene_0.xml"
    box = "<box><xmin>50</xmin><ymin>30</ymin><xmax>53</xmax><ymax>32</ymax></box>"
    file.write_text(file.read_text().replace("</mask>", f"</mask>{box}"))
    labels = labelme_xml(tmp_path)[0].labels
    assert (labels == 2).sum() == 12 and (labels[30:33, 50:54] == 2).all()
    file.write_text(file.read_text().replace("<xmax>53", "<xmax>59"))
    with pytest.raises(DataError, match="the mask is neither of its image's nor of its box's size"):
        labelme_xml(tmp_path)


def test_a_missing_mask_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "Masks" / "scene_0_mask_1.png").unlink()
    with pytest.raises(DataError, match="speaks of the image 'Masks//scene_0_mask_1"):
        labelme_xml(tmp_path)


@pytest.mark.real
def test_the_same_shapes_as_in_cvat(real_data: Path) -> None:
    four = real_data / "labelling_tools" / "same4_images"
    ours, theirs = labelme_xml(four / "labelme3.0"), cvat(four / "cvat1.1", line_width=3.0)
    for name in ("bird", "strawberry", "triangle", "rectangle"):
        one, other = ours.classes.names.index(name), theirs.classes.names.index(name)
        for i in range(4):
            assert np.array_equal(ours[i].labels == one, theirs[i].labels == other)


@pytest.mark.real
def test_masks_of_the_web_tool(real_data: Path) -> None:
    reader = labelme_xml(real_data / "labelling_tools" / "format_fixtures_datumaro" / "labelme_dataset")
    assert len(reader.classes) == 8 and (reader[0].labels == 3).sum() == 10  # a licence plate, by its mask
