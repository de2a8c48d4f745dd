"""Class weights by rules: by hand, against scikit-learn, and refused where no data are."""

from math import log

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight

from pixelwise.core.errors import RecipeError
from pixelwise.losses._class_weights import weights_by
from pixelwise.losses.border_cross_entropy import border_cross_entropy
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.losses.exponential_logarithmic import exponential_logarithmic
from pixelwise.losses.focal import focal

SHARES, WHERE_PRESENT = (0.6, 0.3, 0.1), (0.6, 0.3, 0.2)  # the third is in half of the images


def test_rules_by_hand() -> None:
    assert weights_by("median_frequency", SHARES, WHERE_PRESENT) == pytest.approx((0.5, 1.0, 1.5))
    assert weights_by("root_inverse", SHARES, WHERE_PRESENT)[2] == pytest.approx(10**0.5)
    enet = [1 / log(1.62), 1 / log(1.32), 1 / log(1.12)]
    assert weights_by("enet", SHARES, WHERE_PRESENT) == pytest.approx(enet)


def test_inverse_frequency_is_scikit_learns_balance() -> None:
    labels = np.repeat([0, 1, 2], [6, 3, 1])
    wanted = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    assert weights_by("inverse", SHARES, WHERE_PRESENT) == pytest.approx(wanted)


def test_the_median_of_an_even_number_lies_between() -> None:
    assert weights_by("median_frequency", (0.6, 0.4), (0.6, 0.4)) == pytest.approx((0.5 / 0.6, 0.5 / 0.4))


@pytest.mark.parametrize("rule", ["inverse", "root_inverse", "median_frequency", "enet"])
def test_a_class_never_seen_weighs_as_much_as_the_heaviest(rule) -> None:
    weights = weights_by(rule, (0.7, 0.0, 0.3), (0.7, 0.0, 0.3))
    assert weights[1] == weights[2] == max(weights)


def test_no_labels_give_no_weights() -> None:
    with pytest.raises(RecipeError, match=r"need labels .* No labelled pixel was found\. Give a number"):
        weights_by("inverse", (0.0, 0.0), (0.0, 0.0))


@pytest.mark.parametrize("loss", [cross_entropy, focal, exponential_logarithmic, border_cross_entropy])
@pytest.mark.parametrize("labels", [torch.zeros(1, 2, 2, dtype=torch.long), torch.zeros(1, 2, 2, 2)])
def test_a_rule_without_data_is_refused(loss, labels) -> None:
    with pytest.raises(RecipeError, match=r"'enet' are a rule, not numbers\. A recipe computes them"):
        loss(torch.zeros(1, 2, 2, 2), labels, class_weights="enet")


def test_weights_of_planes_are_of_all_their_pixels() -> None:
    planes = torch.tensor([[[[1.0]], [[0.0]]]])  # both cost ln 2
    found = cross_entropy(torch.zeros(1, 2, 1, 1), planes, class_weights=(1.0, 3.0), normalise="pixels")
    assert found.item() == pytest.approx(2 * log(2))
