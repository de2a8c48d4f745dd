"""Rendered vessels, drawn small; and a real one, where there is one."""

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.reader import Reader
from pixelwise.systems.hierarchy.learning import judge
from pixelwise.systems.hierarchy.rendered import LEVELS, rendered, scaled
from pixelwise.systems.hierarchy.scenes import Scene
from pixelwise.systems.hierarchy.teaching import taught


def draw(folder, size=(4, 6)) -> None:
    folder.mkdir(parents=True)
    Image.fromarray(np.full((*size, 3), 90, np.uint8)).save(folder / "VesselWithContent_Frame_0_RGB.jpg")
    vessel, contents = np.zeros((4, 6), np.uint8), np.zeros((4, 6, 3), np.uint8)
    vessel[:, 1:5] = 255
    contents[3, 1:3, 2] = 255  # blue: through the glass
    contents[3, 3] = [255, 0, 0]  # red alone: past the glass
    contents[2, 1] = [0, 255, 0]  # green: through the opening
    contents[2, 2] = [0, 255, 255]  # through both
    Image.fromarray(vessel).save(folder / "VesselMask.png")
    Image.fromarray(contents).save(folder / "Content_Frame_0_Mask.png")


def test_each_colour_of_the_contents_means_what_it_should(tmp_path) -> None:
    draw(tmp_path / "7")
    reader = rendered(tmp_path)
    assert isinstance(reader, Reader) and reader.classes.names == ("background", "empty", "filled")
    sample = reader[0]
    assert sample.name == "7-Frame_0" and sample.image.shape == (3, 4, 6)
    assert sample.labels.tolist() == [
        [0, 1, 1, 1, 1, 0],
        [0, 1, 1, 1, 1, 0],
        [0, 2, 255, 1, 1, 0],
        [0, 2, 2, 255, 1, 0],
    ]


def test_one_vessel_or_a_folder_of_many(tmp_path) -> None:
    for name in ("7", "8"):
        draw(tmp_path / name)
    assert len(rendered(tmp_path)) == 2 and len(rendered(tmp_path / "7")) == 1


def test_everything_missing_is_told_at_once(tmp_path) -> None:
    for name in ("7", "8"):
        draw(tmp_path / name)
        (tmp_path / name / "Content_Frame_0_Mask.png").unlink()
    with pytest.raises(DataError, match=r"7/Content_Frame_0_Mask\.png[\s\S]*8/Content_Frame_0_Mask\.png"):
        rendered(tmp_path)
    (tmp_path / "7" / "VesselMask.png").unlink()
    with pytest.raises(DataError, match=r"does not hold rendered vessels.*VesselMask\.png"):
        rendered(tmp_path / "7")


def test_sizes_that_differ_are_told(tmp_path) -> None:
    draw(tmp_path / "7", size=(5, 6))
    with pytest.raises(DataError, match="sizes differ"):
        rendered(tmp_path)


@pytest.mark.real
def test_a_real_rendered_vessel_is_read_and_both_networks_learn_it(real_data) -> None:
    reader = rendered(real_data / "vessel_rgbd_tranproteus")
    sample = reader[0]
    assert len(reader) == 1 and sample.image.shape == (3, 900, 900)
    shares = sample.labels.flatten().bincount(minlength=256) / sample.labels.numel()
    assert shares[2].item() == pytest.approx(0.08423, abs=1e-4)  # counted by another program
    assert (shares[1] + shares[2]).item() == pytest.approx(0.12857, abs=1e-4)
    assert shares[255] == 0
    image, labels = scaled(sample, 48)
    scene = Scene(image, labels > 0, labels, sample.name)
    chain = taught([scene] * 4, LEVELS, steps=60, seed=0)
    assert judge(chain.second, [scene], levels=LEVELS)["mean_iou"] > 0.75
    assert judge(chain.second, [scene], levels=LEVELS, first=chain.first)["mean_iou"] > 0.6
    assert chain.contents(sample.image).labels["fill"].shape == (900, 900)
