import pytest

from pixelwise.core.errors import RecipeError, UnknownNameError
from pixelwise.recipe.build import AUGMENTATIONS, LOSSES, MODELS, READERS


def test_names_are_files() -> None:
    assert {"binary_cross_entropy", "cross_entropy", "dice"} <= set(LOSSES.names())
    assert not any(name.startswith("_") for name in MODELS.names() + READERS.names())


def test_unknown_name_suggests() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown loss 'dcie'\. Did you mean 'dice'\?"):
        LOSSES["dcie"]


def test_unknown_parameter_suggests() -> None:
    with pytest.raises(
        RecipeError, match=r"loss 'dice': unknown parameter 'smoth'\. Did you mean 'smooth'\?"
    ):
        LOSSES.configure("dice", {"smoth": 1.0})


def test_wrong_values_are_told_all_at_once() -> None:
    with pytest.raises(RecipeError) as error:
        LOSSES.configure("dice", {"smooth": "a lot", "squared": "perhaps"})
    assert "smooth='a lot'" in str(error.value) and "squared='perhaps'" in str(error.value)
    with pytest.raises(RecipeError, match="smooth=-1: Input should be greater than or equal to 0"):
        LOSSES.configure("dice", {"smooth": -1})


def test_facts_cannot_be_set_and_missing_ones_are_told() -> None:
    with pytest.raises(RecipeError, match="unknown parameter 'in_channels'"):
        MODELS.configure("stack", {"in_channels": 3})
    with pytest.raises(RecipeError, match="missing parameter 'size'"):
        AUGMENTATIONS.configure("crop", {})
