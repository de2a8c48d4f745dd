import torch

from pixelwise.data.loader import Stream
from pixelwise.data.store import Store
from pixelwise.data.texture_scenes import TextureScenes
from pixelwise.engine.budget import Steps
from pixelwise.workflows.teach import MASKS, relabelled, score, small, teach


def test_a_network_learns_and_its_score_tells() -> None:
    scenes = TextureScenes(32, 16, seed=0)
    train, test = Store(scenes, scenes.splits["train"]), Store(scenes, scenes.splits["test"])
    model = small(4, seed=0)
    before = score(model, test)
    steps = teach(model, MASKS, Stream(train, batch_size=8, seed=0).batches(), Steps(60), lr=4e-3)
    assert steps == 60
    assert model.training
    assert score(model, test) > before + 0.2


def test_the_seed_makes_the_first_weights() -> None:
    same, other = small(4, seed=1).state_dict(), small(4, seed=2).state_dict()
    assert all(torch.equal(value, same[name]) for name, value in small(4, seed=1).state_dict().items())
    assert any(not torch.equal(value, same[name]) for name, value in other.items())


def test_labels_are_replaced_and_images_kept() -> None:
    scenes = TextureScenes(3, 0, seed=0)
    images, labels = relabelled(scenes, [1, 2], lambda sample: (sample.labels > 0).long()).gather([0, 1])
    assert torch.equal(images[1], scenes[2].image)
    assert torch.equal(labels[1], (scenes[2].labels > 0).long())
