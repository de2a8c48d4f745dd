import torch

from pixelwise.models.dilated import dilated


def test_as_many_parameters_as_five_convolutions_of_width_16() -> None:
    model = dilated(3, 4)
    assert sum(weights.numel() for weights in model.parameters()) == 448 + 3 * 2320 + 68


def test_sees_as_far_as_the_dilations_add_up_to_and_at_its_start_one_pixel() -> None:
    model = dilated(1, 1, width=4, dilations=(1, 2, 3)).double()
    images = torch.rand(1, 1, 21, 21, dtype=torch.float64, requires_grad=True)
    for all_taps, reach in ((False, 0), (True, 6)):
        with torch.no_grad():
            for weights in model.parameters():
                weights.abs_()  # so that no unit is off
                weights.add_(0.1 * all_taps)
        images.grad = None
        model(images)[0, 0, 10, 10].backward()
        seen = images.grad[0, 0].any(dim=1).nonzero()
        assert (seen.min().item(), seen.max().item()) == (10 - reach, 10 + reach)
