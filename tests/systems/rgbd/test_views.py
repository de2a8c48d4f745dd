"""Rooms seen from a keyframe, fusion by hand, and what the network is given."""

import os
from pathlib import Path

import pytest
import torch

from pixelwise.core.errors import DataError
from pixelwise.ops.cameras import warped
from pixelwise.ops.heads import logits_of
from pixelwise.systems.rgbd import label_keyframe, read_preview, taught
from pixelwise.systems.rgbd.fusion import WAYS, fused
from pixelwise.systems.rgbd.learning import BANDS, Together, bands, keyframe_batches
from pixelwise.systems.rgbd.network import small
from pixelwise.systems.rgbd.scenes import CLASSES, FRONT, VIEWS, cards, rooms
from pixelwise.systems.rgbd.warping import agreement, from_keyframe, warped_scores

DATA = Path(os.environ.get("PIXELWISE_DATA", "../shared/data"))


def test_own_pose_gives_back_scores_exactly_and_depth_to_a_ten_thousandth() -> None:
    room = rooms(1, 0)[0]
    seen = from_keyframe(room[1], [room[1]])
    scores = torch.randn(2, 5, 64, 64, generator=torch.Generator().manual_seed(0))
    same = warped_scores(torch.stack([scores[0], scores[0]]), seen)
    assert (same - scores[0]).abs().max() < 1e-5
    depths = warped(room[1].depth[None, None], seen.places[1:])
    assert (depths[0, 0] - room[1].depth).abs().max() < 1e-4


def test_warped_labels_are_those_of_the_keyframe_where_it_is_seen() -> None:
    key, *others = rooms(1, 3)[0]
    seen = from_keyframe(key, others)
    one_hot = torch.nn.functional.one_hot(torch.stack([key.labels, *(view.labels for view in others)]), 5)
    looked = warped_scores(one_hot.movedim(-1, 1).float(), seen)[:, 0].argmax(1)
    right = (looked == key.labels)[seen.valid].float().mean()
    assert right > 0.97  # all but the edges between two surfaces
    assert (looked == key.labels).float().mean() < right


def test_fusion_by_hand() -> None:
    probs = torch.tensor([[0.8, 0.2], [0.5, 0.5], [0.1, 0.9]])
    logits = probs.log()[:, None, :, None, None]
    seen = torch.tensor([True, True, False])[:, None, None, None]
    told = {way: fused(logits, seen, way).softmax(1).flatten() for way in WAYS}
    torch.testing.assert_close(told["bayesian"], torch.tensor([0.8, 0.2]))
    torch.testing.assert_close(told["average"], torch.tensor([0.65, 0.35]))
    torch.testing.assert_close(told["max"], torch.tensor([0.8, 0.5]) / 1.3)


def test_a_flat_product_of_two_views_is_surer_than_either() -> None:
    logits = torch.tensor([0.7, 0.3]).log()[None, None, :, None, None].repeat(2, 1, 1, 1, 1)
    sure = fused(logits, torch.ones(2, 1, 1, 1, dtype=torch.bool), "bayesian").softmax(1).flatten()
    torch.testing.assert_close(sure, torch.tensor([0.49, 0.09]) / 0.58)


def test_views_that_say_the_truth_agree_but_for_edges() -> None:
    room = rooms(1, 1)[0]
    assert agreement(torch.stack([view.labels for view in room]), room) > 0.97
    turned = torch.stack([(view.labels + number) % 5 for number, view in enumerate(room)])
    assert agreement(turned, room) < 0.05


@pytest.mark.parametrize("way", ["augment", *WAYS])
def test_keyframes_of_one_view_thrice_are_learnt_as_that_view(way: str) -> None:
    net = small(BANDS, len(CLASSES)).eval()
    batch = next(keyframe_batches(rooms(2, 0), torch.Generator().manual_seed(0), depth=True))
    first = batch.images.unflatten(1, (3, -1))[:, :1]
    said = Together(net, way)(first.repeat(1, 3, 1, 1, 1).flatten(1, 2))  # pyright: ignore[reportArgumentType]
    logits = said.logits if way == "augment" else said
    alone = net(first[:, 0, :BANDS])
    torch.testing.assert_close(logits.argmax(1), alone.argmax(1))
    if way == "augment":
        assert len(said.auxiliary) == 2
        torch.testing.assert_close(said.auxiliary[1].scores, alone)


def test_rooms_are_seen_by_six_views_with_holes_in_what_is_felt() -> None:
    room = rooms(1, 5)[0]
    assert len(room) == VIEWS
    assert all((view.felt == 0).any() and (view.depth > 0).all() for view in room)
    assert (room[0].labels == FRONT).any()
    assert bands(room[0], depth=False)[3].abs().max() == 0
    assert len(cards(0)) == 5


def test_a_few_steps_lower_the_loss_of_single_and_of_fused_views() -> None:
    some = rooms(4, 0)
    labels = torch.stack([view.labels for view in some[0]])
    images = torch.stack([bands(view) for view in some[0]])
    untaught = small(BANDS, len(CLASSES)).eval()
    before = torch.nn.functional.cross_entropy(untaught(images), labels)
    for lesson in ("single", "bayesian"):
        net = taught(some, lesson, steps=25, seed=0, scales=True)
        after = torch.nn.functional.cross_entropy(logits_of(net(images)), labels)
        assert after < 0.95 * before, lesson
    assert label_keyframe(net, some[0][0], some[0][1:3]).shape == (64, 64)


@pytest.mark.real
def test_a_real_frame_is_read_and_labelled() -> None:
    root = DATA / "rgbd_hypersim_preview"
    if not root.is_dir():
        pytest.skip(f"no real data at {root}; PIXELWISE_DATA names the folder that holds it")
    view = read_preview(root)
    assert view.image.shape == (3, 96, 128)
    assert 10 <= int(view.labels.max()) + 1 <= 14  # of the picture's 14 colours, those that are hit
    net = small(BANDS, len(CLASSES)).eval()
    assert label_keyframe(net, view, [view]).shape == (96, 128)


def test_an_empty_folder_tells_both_missing_files(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no colours(.|\n)*no classes"):
        read_preview(tmp_path)
