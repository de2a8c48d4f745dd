import numpy as np

from pixelwise.report.strips import strips


def test_pictures_of_one_name_stand_below_each_other_and_names_side_by_side() -> None:
    red, blue = (np.full((10, 20, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255)))
    sheet = strips([("one", [red, blue]), ("two", [blue, blue])])
    reds, blues = ((sheet == colour).all(2) for colour in ((255, 0, 0), (0, 0, 255)))
    assert int(reds.sum()) >= 40 * 80
    assert int(blues.sum()) == 3 * int(reds.sum())
    rows, columns = reds.nonzero()
    below, right = blues.nonzero()
    assert below[right < columns.max()].min() > rows.max()
    assert blues[rows.min(), columns.max() + 1 :].any()
