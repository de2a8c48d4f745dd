"""Cameras: points into pixels and back, and what one view shows of another, by hand."""

import math

import torch

from pixelwise.ops.cameras import Camera, sights, warped


def camera(x: float = 0.0, turn: float = 0.0) -> Camera:
    middle = torch.tensor([[10.0, 0, 4], [0, 10, 3], [0, 0, 1]], dtype=torch.float64)
    sin, cos = math.sin(turn), math.cos(turn)
    rotation = torch.tensor([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]], dtype=torch.float64)
    return Camera(middle, rotation, -rotation @ torch.tensor([x, 0.0, 0.0], dtype=torch.float64), 6, 8)


def test_a_point_falls_where_a_pin_hole_throws_it() -> None:
    places, depths = camera().project(torch.tensor([[0.2, -0.1, 1.0], [0.0, 0.0, -1.0]]))
    torch.testing.assert_close(places[0].float(), torch.tensor([2.0, 6.0]))
    assert depths.tolist() == [1.0, -1.0]


def test_what_a_turned_camera_lifts_falls_back_into_its_pixels() -> None:
    turned = camera(0.3, 0.4)
    points = turned.lift(torch.linspace(1, 3, 48).view(6, 8))
    places, depths = turned.project(points)
    torch.testing.assert_close(depths, torch.linspace(1, 3, 48).double())
    torch.testing.assert_close(places.view(6, 8, 2)[2, 5], torch.tensor([2.5, 5.5]).double())


def test_a_camera_moved_by_one_pixel_sees_everything_one_pixel_to_the_left() -> None:
    depth = torch.full((6, 8), 2.0)
    places, seen = sights(camera(), depth, camera(0.2), depth)  # 10 · 0.2 / 2 = 1 pixel
    torch.testing.assert_close(places[2, 3].float(), torch.tensor([2.5, 2.5]))
    assert not seen[:, 0].any() and seen[:, 1:].all()


def test_what_is_hidden_or_not_measured_is_not_seen() -> None:
    far, near, holes = (torch.full((6, 8), 2.0) for _ in range(3))
    near[0, 0] = 1.0  # something before it
    holes[5, 7] = 0.0
    assert sights(camera(), far, camera(), near)[1].sum() == 47
    assert sights(camera(), holes, camera(), far)[1].sum() == 47
    assert sights(camera(), far, camera(), holes)[1].sum() == 47
    assert sights(camera(), far, camera(), None)[1].all()


def test_maps_are_looked_up_between_their_pixels_and_carry_gradients() -> None:
    ramp = (torch.arange(8.0) + 0.5).repeat(6, 1)[None, None].requires_grad_()
    places = torch.tensor([[[2.5, 3.5], [2.5, 4.25], [-3.0, 99.0]]])[None]
    looked = warped(ramp, places)
    torch.testing.assert_close(looked.flatten(), torch.tensor([3.5, 4.25, 7.5]))
    looked.sum().backward()
    assert ramp.grad is not None and ramp.grad.sum() == 3
