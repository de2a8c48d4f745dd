"""Images that training and prediction see alike, and not."""

import random

import numpy as np
import torch

from pixelwise.engine.preflight.findings import undisturbed
from pixelwise.engine.preflight.sameness import sameness


def test_alike_to_the_bit() -> None:
    image = torch.rand(3, 4, 4)
    found = sameness([("a", image, image.clone()), ("b", image, image)])
    assert found.severity == "fine" and found.saying.startswith("2 images")


def test_one_bit_shows() -> None:
    image = torch.rand(3, 4, 4) + 1
    other = image.clone()
    other[0, 0, 0] = torch.nextafter(other[0, 0, 0], torch.tensor(9.0))
    found = sameness([("a", image, image), ("b", image, other)])
    assert found.severity == "warning" and found.saying.startswith("b differs") and "2.1%" in found.saying


def test_other_bands_show() -> None:
    found = sameness([("a", torch.rand(3, 4, 5), torch.rand(4, 4, 5))])
    assert "a is (3, 4, 5) in training and (4, 4, 5) in prediction" in found.saying


def test_without_files_nothing_is_said() -> None:
    assert sameness([]).severity == "untried"


def test_random_states_stay_as_they_were() -> None:
    def drawn() -> tuple[float, float, float]:
        return float(torch.rand(())), float(np.random.rand()), random.random()  # noqa: NPY002

    torch.manual_seed(1), np.random.seed(1), random.seed(1)  # noqa: NPY002
    wanted = drawn()
    torch.manual_seed(1), np.random.seed(1), random.seed(1)  # noqa: NPY002
    with undisturbed():
        drawn()
    assert drawn() == wanted
