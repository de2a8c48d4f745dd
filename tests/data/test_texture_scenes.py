import pytest
import torch

from pixelwise.data.reader import Reader
from pixelwise.data.texture_scenes import TextureScenes


def test_a_scene_depends_on_seed_and_number_alone() -> None:
    few, many = TextureScenes(3, 0, seed=5), TextureScenes(9, 4, seed=5)
    assert isinstance(few, Reader)
    assert torch.equal(few[2].image, many[2].image)
    assert torch.equal(few[2].labels, many[2].labels)
    assert not torch.equal(few[2].image, TextureScenes(3, 0, seed=6)[2].image)
    assert (list(many.splits["test"]), len(many)) == ([9, 10, 11, 12], 13)
    with pytest.raises(IndexError, match="scene 3 of 3"):
        few[3]


def test_scenes_show_one_or_two_things_on_much_ground() -> None:
    scenes = TextureScenes(60, 0, seed=0)
    kinds = [len(scenes[number].labels.unique()) - 1 for number in range(60)]
    assert set(kinds) == {1, 2}
    labels = torch.stack([scenes[number].labels for number in range(60)])
    shares = labels.flatten().bincount(minlength=4) / labels.numel()
    assert 0.8 < shares[0] < 0.92
    assert shares[1:].min() > 0.02


def test_each_class_has_its_tint_on_grey() -> None:
    scenes = TextureScenes(40, 0, seed=1)
    images = torch.stack([scenes[number].image for number in range(40)]).movedim(1, 0)
    labels = torch.stack([scenes[number].labels for number in range(40)])
    means = torch.stack([images[:, labels == label].mean(1) for label in range(4)])
    assert means[0].std() < 0.01  # no tint
    assert means[1:].argmax(1).tolist() == [0, 1, 2]  # red, green, blue
    assert images.min() >= 0
    assert images.max() <= 1
