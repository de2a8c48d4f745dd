import pytest
import torch
from torch.nn import functional as F

from pixelwise.core.errors import RecipeError
from pixelwise.models.deeplab_v2 import deeplab_v2
from pixelwise.ops.heads import loss_of_heads
from tests.models._disturbed import parameters


def test_as_many_parameters_as_the_papers_network() -> None:
    """ResNet-101 without its classifier, and four 3×3 convolutions with bias from 2048 channels to 21."""
    with torch.device("meta"):
        model = deeplab_v2(3, 21, encoder="resnet101")
    assert parameters(model.encoder) == 42_500_160
    assert parameters(model.classifiers) == 1_548_372


def test_scores_are_the_sum_over_the_rates() -> None:
    model = deeplab_v2(3, 2, encoder="test_resnet").eval()
    assert [layer.dilation for layer in model.classifiers] == [(6, 6), (12, 12), (18, 18), (24, 24)]
    images = torch.rand(1, 3, 32, 40)
    with torch.no_grad():
        deepest = model.encoder(images)[-1]
        assert deepest.shape[-2:] == (4, 5)
        coarse = torch.stack([layer(deepest) for layer in model.classifiers]).sum(0)
        torch.testing.assert_close(model(images), F.interpolate(coarse, size=(32, 40), mode="bilinear"))


def test_the_highest_score_of_all_scales_counts() -> None:
    alone = deeplab_v2(3, 4, encoder="test_resnet").eval()
    several = deeplab_v2(3, 4, encoder="test_resnet", scales=(1.0, 0.75, 0.5)).eval()
    several.load_state_dict(alone.state_dict())
    images = torch.rand(1, 3, 40, 56)
    with torch.no_grad():
        each = []
        for rows, columns in [(40, 56), (30, 42), (20, 28)]:
            smaller = F.interpolate(images, size=(rows, columns), mode="bilinear")
            each.append(F.interpolate(alone(smaller), size=(40, 56), mode="bilinear"))
        wanted = torch.stack(each).amax(0)
        torch.testing.assert_close(several(images), wanted)
    assert not torch.equal(wanted, each[0])


@pytest.mark.parametrize("size", [(1, 1), (17, 23)])
def test_several_scales_take_any_size(size) -> None:
    model = deeplab_v2(3, 2, encoder="test_resnet", scales=(1.0, 0.75, 0.5), auxiliary=1.0).eval()
    said = model(torch.rand(1, 3, *size))
    assert said.logits.shape == (1, 2, *size)
    sizes = [tuple(max(1, round(scale * length)) for length in size) for scale in (1, 0.75, 0.5)]
    assert [head.scores.shape[2:] for head in said.auxiliary] == sizes


def test_every_scale_learns_from_the_labels() -> None:
    model = deeplab_v2(3, 2, encoder="test_resnet", scales=(1.0, 0.5), auxiliary=1.0)
    labels = torch.randint(2, (2, 48, 48))
    said = model(torch.randn(2, 3, 48, 48))
    total = loss_of_heads(F.cross_entropy, said, labels)
    half = labels[:, 1::2, 1::2]  # at the centres of pixels of twice the size
    wanted = [F.cross_entropy(said.logits, labels)]
    wanted += [F.cross_entropy(said.auxiliary[0].scores, labels)]
    wanted += [F.cross_entropy(said.auxiliary[1].scores, half)]
    torch.testing.assert_close(total, sum(wanted))
    total.backward()
    assert all(weights.grad.any() for weights in model.classifiers.parameters())


@pytest.mark.parametrize("options", [{"scales": ()}, {"auxiliary": 1.0}])
def test_an_auxiliary_loss_needs_several_scales(options) -> None:
    with pytest.raises(RecipeError, match="each of several scales"):
        deeplab_v2(3, 2, encoder="test_resnet", **options)
