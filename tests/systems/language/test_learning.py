"""The loss by hand, drawn scenes, and a training that hears its words."""

import math

import pytest
import torch

from pixelwise.systems.language.learning import batches, collate, judge, learn, loss_of
from pixelwise.systems.language.network import small
from pixelwise.systems.language.scenes import COLOURS, HELD_OUT, KINDS, draw
from pixelwise.systems.language.words import vocabulary


def test_the_loss_by_hand() -> None:
    logits, labels = torch.zeros(1, 1, 1, 4), torch.tensor([[[[1.0, 0.0, 0.0, 0.0]]]])
    # one pixel that is meant and three of a third each, all costing ln 2, over four pixels
    assert loss_of(logits, labels, negative=1 / 3).item() == pytest.approx(math.log(2) * 2 / 4)
    assert loss_of(logits, labels).item() == pytest.approx(math.log(2))


def test_a_cell_is_meant_if_any_of_its_pixels_is() -> None:
    labels = torch.zeros(1, 1, 4, 4)
    labels[0, 0, 3, 0] = 1
    sure = torch.tensor([[[[-30.0, -30.0], [30.0, -30.0]]]])
    assert loss_of(sure, labels).item() < 1e-6


@pytest.mark.parametrize("kind", [*KINDS, "half"])
def test_scenes_are_the_same_every_time_and_mean_something(kind) -> None:
    first, again = draw(6, 5, kinds=(kind,)), draw(6, 5, kinds=(kind,))
    for sample, other in zip(first, again, strict=True):
        assert sample.text == other.text and torch.equal(sample.image, other.image)
        assert sample.mask.sum() > 15 and sample.image.shape == (3, 48, 48)


def test_expressions_mean_what_they_say() -> None:
    for sample in draw(30, 3, kinds=("colour",)):
        colour = torch.tensor(COLOURS[sample.text.split()[0]])
        seen = sample.image[:, sample.mask].mean(1)
        nearest = min(COLOURS.values(), key=lambda known: float((torch.tensor(known) - seen).norm()))
        assert torch.equal(torch.tensor(nearest), colour), sample.name
    for sample in draw(30, 3, kinds=("half",)):
        column = sample.mask.nonzero()[:, 1].float().mean()
        assert (column < 24) == ("left" in sample.text)
    sizes = {
        word: [s.mask.sum() for s in draw(60, 3, kinds=("size",)) if word in s.text]
        for word in ("big", "small")
    }
    assert min(sizes["big"]) > max(sizes["small"])


def test_held_out_pairs_are_named_only_when_asked_for() -> None:
    pairs = {" ".join(pair) for pair in HELD_OUT}
    assert not any(pair in sample.text for pair in pairs for sample in draw(200, 0))
    assert {sample.text for sample in draw(30, 0, kinds=("colour",), held_out=True)} == pairs


def test_batches_pass_over_everything_before_anything_comes_twice() -> None:
    samples = draw(6, 0)
    words = vocabulary((sample.text for sample in samples), length=5)
    stream = batches(samples, words, batch_size=4, seed=0)
    names = [name for _ in range(3) for name in next(stream).names]
    assert sorted(names[:6]) == sorted(names[6:]) == sorted(sample.name for sample in samples)


def test_a_batch_holds_words_and_masks() -> None:
    samples = draw(2, 0)
    words = vocabulary((sample.text for sample in samples), length=5)
    batch = collate(samples, words)
    assert batch.images.shape == (2, 8, 48, 48) and batch.labels.shape == (2, 1, 48, 48)
    assert batch.images[1, 3:, 0, 0].long().tolist() == words.numbers(samples[1].text).tolist()


def test_it_learns_to_tell_shapes_by_their_colour() -> None:
    train, test = draw(300, 1, kinds=("colour",)), draw(40, 2, kinds=("colour",))
    words = vocabulary((sample.text for sample in train), length=2)
    torch.manual_seed(0)
    net = small(3, len(words), length=2, head="pointwise")
    told: list[str] = []
    learn(net, train, words, coarse_steps=60, fine_steps=30, seed=0, batch_size=12, tell=told.append)
    own = judge(net, test, words)["overall_iou"]
    others = judge(net, test, words, texts=[sample.text for sample in test[1:] + test[:1]])["overall_iou"]
    assert own > 0.3 and own > others + 0.1
    assert told[0].startswith("step 20, loss ")


def test_judging_counts_pixels_of_positive_logits() -> None:
    samples = draw(3, 0)
    words = vocabulary((sample.text for sample in samples), length=5)
    net = small(3, len(words), length=5)
    torch.nn.init.zeros_(net.enlarge.weight)  # logits of zero: nothing is found
    assert judge(net, samples, words)["overall_iou"] == 0.0
