import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.errors import DataError, ShapeError
from pixelwise.core.palette import BACKGROUND
from pixelwise.report.pictures import (
    CONFUSED,
    INVENTED,
    MISSED,
    STRIPES,
    as_rgb,
    data_uri,
    error_colours,
    error_map,
    index_png,
    overlay,
    paint,
)

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
PLACES = Classes(("road", "tree", "sky"), (RED, GREEN, BLUE))
CELLS = Classes(("background", "cell", "debris"), (RED, GREEN, BLUE))
PLANES = Classes(("vessel", "nerve"), (RED, GREEN), exclusive=False)


def decoded(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


def test_values_in_0_to_1_are_shown_as_they_are() -> None:
    image = torch.tensor([[[0.0, 1.0]], [[0.5, 0.2]], [[1.0, 0.0]], [[9.0, 9.0]]])
    assert as_rgb(image).tolist() == [[[0, 128, 255], [255, 51, 0]]]


@pytest.mark.parametrize("bands", [1, 2])
def test_one_or_two_bands_are_grey(bands) -> None:
    image = torch.tensor([[[0.0, 1.0]], [[7.0, 7.0]]])[:bands]
    assert as_rgb(image).tolist() == [[[0, 0, 0], [255, 255, 255]]]


def test_reflectances_beyond_1_are_stretched_band_by_band() -> None:
    ramp = torch.linspace(0, 4000, 101)[None]
    rgb = as_rgb(torch.stack([ramp, 10 * ramp, ramp - 9000]))
    assert (rgb[0, [0, 2, 50, 98, 100], 0] == [0, 0, 128, 255, 255]).all()
    assert (rgb[..., 0] == rgb[..., 1]).all()
    assert (rgb[..., 0] == rgb[..., 2]).all()


def test_twelve_bits_in_a_sixteen_bit_file_are_not_black() -> None:
    assert as_rgb(torch.linspace(0, 4095 / 65535, 100).reshape(1, 10, 10)).max() == 255


def test_pixels_without_a_number_are_black() -> None:
    image = torch.tensor([[[float("nan"), float("inf"), -100.0, 100.0]]])
    assert as_rgb(image)[0, :, 0].tolist() == [0, 0, 0, 255]
    assert as_rgb(torch.full((3, 2, 2), float("nan"))).max() == 0
    assert as_rgb(torch.full((1, 2, 2), 700.0)).tolist() == [[[128] * 3] * 2] * 2


def test_classes_get_their_colours_and_ignored_pixels_stripes() -> None:
    rgb = paint(torch.tensor([[0, 1, 2, IGNORE_INDEX]]), PLACES)
    assert [tuple(pixel) for pixel in rgb[0, :3].tolist()] == [RED, GREEN, BLUE]
    assert tuple(rgb[0, 3].tolist()) in STRIPES


def test_ignored_areas_show_both_stripes() -> None:
    rgb = paint(torch.full((40, 40), IGNORE_INDEX), PLACES)
    assert {tuple(pixel) for pixel in rgb.reshape(-1, 3).tolist()} == set(STRIPES)


def test_later_planes_lie_over_earlier_ones() -> None:
    planes = torch.tensor([[[0.9, 0.9, 0.5, -1.0]], [[0.1, 0.8, 0.2, -1.0]]])
    rgb = paint(planes, PLANES)
    assert [tuple(pixel) for pixel in rgb[0, :3].tolist()] == [RED, GREEN, BACKGROUND]
    assert tuple(rgb[0, 3].tolist()) in STRIPES


def test_foreign_labels_are_named() -> None:
    with pytest.raises(DataError, match=r"label 7 is no class\. Known are 0\.\.2 and 255"):
        paint(torch.tensor([[0, 7]]), PLACES)
    with pytest.raises(ShapeError, match=r"labels do not fit 2 classes\. They are \(3, 4, 4\)"):
        paint(torch.zeros(3, 4, 4), PLANES)


def test_the_background_stays_bare_under_an_overlay() -> None:
    labels = torch.zeros(5, 5, dtype=torch.int64)
    labels[:, 2:] = 1
    rgb = overlay(torch.full((3, 5, 5), 0.4), labels, CELLS, opacity=0.5)
    assert rgb[0, 0].tolist() == [102, 102, 102]
    assert rgb[0, 2].tolist() == list(GREEN)  # the outline
    assert rgb[0, 4].tolist() == [51, 178, 51]
    assert overlay(torch.full((3, 5, 5), 0.4), labels, PLACES)[0, 0].tolist() == [178, 51, 51]


def test_missed_invented_and_confused_are_told_apart() -> None:
    labels = torch.tensor([[0, 1, 0, 1, IGNORE_INDEX]])
    predicted = torch.tensor([[0, 0, 1, 2, 1]])
    rgb = error_map(predicted, labels, CELLS)
    assert len(set(rgb[0, 0].tolist())) == 1
    assert [tuple(pixel) for pixel in rgb[0, 1:4].tolist()] == [MISSED, INVENTED, CONFUSED]
    assert tuple(rgb[0, 4].tolist()) in STRIPES


def test_without_background_every_error_is_a_confusion() -> None:
    rgb = error_map(torch.tensor([[0, 0]]), torch.tensor([[0, 1]]), PLACES)
    assert tuple(rgb[0, 1].tolist()) == CONFUSED
    assert error_colours(PLACES) == {"wrong class": CONFUSED}


def test_errors_of_planes_leave_out_what_does_not_count() -> None:
    labels = torch.tensor([[[1.0, 0.0, 1.0, -1.0]], [[0.0, 0.0, 0.0, 0.0]]])
    predicted = torch.tensor([[[0.2, 0.9, 0.1, 0.9]], [[0.1, 0.0, 0.8, 0.1]]])
    rgb = error_map(predicted, labels, PLANES)
    assert [tuple(pixel) for pixel in rgb[0, :3].tolist()] == [MISSED, INVENTED, CONFUSED]
    assert len(set(rgb[0, 3].tolist())) == 1
    assert list(error_colours(PLANES)) == ["missed", "invented", "one for another"]
    assert list(error_colours(PLACES.foreground())) == ["missed", "invented", "one for another"]
    assert list(error_colours(Classes(("one",), exclusive=False))) == ["missed", "invented"]


def test_index_png_reads_back_as_indices_and_looks_coloured(tmp_path) -> None:
    labels = torch.tensor([[0, 1], [2, IGNORE_INDEX]])
    index_png(labels, tmp_path / "labels.png", PLACES)
    picture = Image.open(tmp_path / "labels.png")
    assert picture.mode == "P"
    assert np.array(picture).tolist() == labels.tolist()
    colours = np.array(picture.convert("RGB")).tolist()
    assert [tuple(pixel) for row in colours for pixel in row] == [RED, GREEN, BLUE, STRIPES[0]]


def test_index_png_of_planes_holds_the_likeliest_class_above_one_half(tmp_path) -> None:
    planes = torch.tensor([[[0.9, 0.6, 0.5, -1.0]], [[0.8, 0.7, 0.1, -1.0]]])
    index_png(planes, tmp_path / "planes.png", PLANES)
    picture = Image.open(tmp_path / "planes.png")
    assert np.array(picture).tolist() == [[1, 2, 0, IGNORE_INDEX]]
    assert picture.convert("RGB").getpixel((0, 0)) == RED


def test_exact_pictures_are_shrunk_without_new_colours() -> None:
    labels = torch.randint(3, (300, 900))
    picture = decoded(data_uri(paint(labels, PLACES), max_side=450, exact=True))
    assert picture.size == (450, 150)
    assert {colour for _, colour in picture.convert("RGB").getcolors()} == {RED, GREEN, BLUE}


def test_exact_pictures_of_more_colours_than_a_palette_keep_them_all() -> None:
    colours = np.arange(20 * 20 * 3, dtype=np.uint16).reshape(20, 20, 3).astype(np.uint8)
    colours[..., 1] = np.arange(20)
    assert (np.array(decoded(data_uri(colours, exact=True))) == colours).all()


def test_photographs_are_shrunk_until_they_fit() -> None:
    noise = as_rgb(torch.rand(3, 400, 500))
    uri = data_uri(noise, max_bytes=20_000)
    assert uri.startswith("data:image/webp;base64,")
    assert len(base64.b64decode(uri.partition(",")[2])) <= 20_000
    assert decoded(uri).width < 500
