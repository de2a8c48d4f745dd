import pytest
import torch
from torchvision.models.segmentation import deeplabv3_resnet50

from pixelwise.models.deeplab_v3 import deeplab_v3
from pixelwise.ops.heads import loss_of_heads
from tests.models._disturbed import copy_in_order, disturbed, parameters


@pytest.mark.parametrize(("classes", "count"), [(1, 39_633_729), (21, 39_638_869)])
def test_as_many_parameters_as_torchvisions(classes, count) -> None:
    with torch.device("meta"):
        ours = deeplab_v3(3, classes, encoder="resnet50")
        theirs = deeplabv3_resnet50(weights=None, weights_backbone=None, num_classes=classes)
    assert parameters(ours) == parameters(theirs) == count


@pytest.mark.oracle
def test_says_what_torchvisions_says_with_the_same_weights() -> None:
    theirs = disturbed(deeplabv3_resnet50(weights=None, weights_backbone=None, num_classes=5, aux_loss=True))
    ours = deeplab_v3(3, 5, encoder="resnet50", auxiliary=0.4).eval()
    ours.encoder.body.load_state_dict(theirs.backbone.state_dict())
    copy_in_order(theirs.classifier, ours.decoder)
    copy_in_order(theirs.aux_classifier, ours.side)
    images = torch.rand(1, 3, 48, 64)
    with torch.no_grad():
        wanted, found = theirs(images), ours(images)
    assert wanted["out"].std() > 0.1 and wanted["aux"].std() > 0.1
    torch.testing.assert_close(found.logits, wanted["out"], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found.auxiliary[0].scores, wanted["aux"], rtol=1e-4, atol=1e-5)
    assert found.auxiliary[0].weight == 0.4


def test_the_auxiliary_head_learns_from_the_labels_and_the_encoder_learns_from_it() -> None:
    model = deeplab_v3(3, 2, encoder="test_resnet", width=4, auxiliary=0.4).train()
    said = model(torch.randn(2, 3, 50, 41))
    assert said.auxiliary[0].scores.shape == (2, 2, 50, 41)
    loss_of_heads(torch.nn.functional.cross_entropy, said, torch.randint(2, (2, 50, 41))).backward()
    assert all(weights.grad.any() for weights in model.side.parameters())


def test_there_is_no_auxiliary_head_unless_asked_for() -> None:
    model = deeplab_v3(3, 2, encoder="test_resnet", width=4)
    assert model.side is None
    assert isinstance(model(torch.rand(2, 3, 32, 32)), torch.Tensor)


@pytest.mark.parametrize(("stride", "rows"), [(8, 8), (16, 4), (32, 2)])
def test_the_pyramid_works_at_the_output_stride(stride, rows) -> None:
    model = deeplab_v3(3, 2, encoder="test_resnet", width=4, output_stride=stride).eval()
    seen: list[tuple[int, ...]] = []
    model.decoder.head[0].register_forward_hook(lambda _layer, _given, out: seen.append(tuple(out.shape)))
    model(torch.rand(1, 3, 64, 64))
    assert seen == [(1, 4, rows, rows)]


def test_the_rates_are_those_asked_for() -> None:
    model = deeplab_v3(3, 2, encoder="test_resnet", width=4, rates=(2, 5))
    around = [branch[0] for branch in model.decoder.head[0].branches[1:-1]]
    assert [layer.dilation for layer in around] == [layer.padding for layer in around] == [(2, 2), (5, 5)]
