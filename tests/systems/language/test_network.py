"""The network: its sizes, its places, its sentences, and what it must not heed."""

import torch
from torch.nn import functional as F

from pixelwise.systems.language.network import paper, places, small, spoken


def count(module: torch.nn.Module, *, trained: bool = False) -> int:
    return sum(p.numel() for p in module.parameters() if p.requires_grad or not trained)


def test_as_many_parameters_as_in_the_paper() -> None:
    with torch.device("meta"):
        net = paper(3, 8803)
    assert count(net.encoder) == 138_357_544  # VGG16 with its thousand outputs
    assert count(net.sentence.embedding) == 8_803_000
    assert count(net.sentence.lstm, trained=True) == 8_004_000  # torch has another bias, which stays 0
    assert count(net.head) == 1_005_001
    assert count(net.enlarge) == 4096


def test_the_paper_sees_16_by_16_cells_of_512_by_512_pixels() -> None:
    with torch.device("meta"):
        net = paper(3, 50)
        images = torch.zeros(2, 23, 512, 512)
        assert net.coarse(images).shape == (2, 1, 16, 16)
        assert net(images).shape == (2, 1, 512, 512)


def test_places_by_hand() -> None:
    told = places(2, 4)
    # left, top, right, bottom, centre x, centre y, 1 / columns, 1 / rows of the lower row's last cell
    assert told[:, 1, 3].tolist() == [0.5, 0.0, 1.0, 1.0, 0.75, 0.5, 0.25, 0.5]
    assert told[:, 0, 0].tolist() == [-1.0, -1.0, -0.5, 0.0, -0.75, -0.5, 0.25, 0.5]


def test_the_lstm_starts_with_open_forget_gates_and_one_bias() -> None:
    lstm = small(3, 9).sentence.lstm
    assert lstm.bias_ih_l0.tolist() == [0.0] * 48 + [1.0] * 48 + [0.0] * 96
    assert not lstm.bias_hh_l0.any() and not lstm.bias_hh_l0.requires_grad


def test_the_enlargement_starts_bilinear() -> None:
    net = small(3, 9)
    cells = torch.rand(1, 1, 5, 6)
    inside = (..., slice(2, -2), slice(2, -2))  # at the border a transposed convolution sees zeros
    truth = F.interpolate(cells, scale_factor=4, mode="bilinear")
    torch.testing.assert_close(net.enlarge(cells)[inside], truth[inside])


def test_words_travel_as_constant_bands() -> None:
    images = spoken(torch.rand(2, 3, 4, 4), torch.tensor([[0, 7], [3, 1]]))
    assert images.shape == (2, 5, 4, 4)
    assert images[0, 4].unique().tolist() == [7.0] and images[1, 3].unique().tolist() == [3.0]


def test_word_order_matters_and_every_word_is_heard() -> None:
    net, images = small(3, 9).eval(), torch.rand(1, 3, 8, 8)
    said = [
        net(spoken(images, torch.tensor([words])))
        for words in ([0, 0, 0, 3, 4], [0, 0, 0, 4, 3], [0, 0, 2, 3, 4])
    ]
    assert not torch.allclose(said[0], said[1]) and not torch.allclose(said[0], said[2])


def test_a_pointwise_head_without_places_gives_equal_cells_equal_answers() -> None:
    torch.manual_seed(1)
    image = torch.rand(1, 3, 1, 1).expand(1, 3, 64, 64)
    words = torch.tensor([[0, 0, 1, 2, 3]])
    blind = small(3, 9, head="pointwise", places=False).eval().coarse(spoken(image, words))[..., 3:-3, 3:-3]
    placed = small(3, 9, head="pointwise").eval().coarse(spoken(image, words))[..., 3:-3, 3:-3]
    torch.testing.assert_close(blind, blind[..., :1, :1].expand_as(blind))
    assert placed.std() > 1e-4


def test_images_of_any_size() -> None:
    assert small(3, 9).eval()(spoken(torch.rand(2, 3, 13, 18), torch.ones(2, 5).long())).shape == (
        2,
        1,
        13,
        18,
    )
