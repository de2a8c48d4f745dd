"""What every model promises, found by the catalog."""

from inspect import Parameter, getdoc, signature

import pytest
import torch
from torch import Tensor, nn

from pixelwise.core.catalog import Catalog

CATALOG = Catalog("pixelwise.models", "model")

every_model = pytest.mark.parametrize("name", CATALOG.names())
every_size = pytest.mark.parametrize("size", [(1, 1), (17, 23), (60, 60)], ids=str)


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    """Small networks are as fast on one thread, and much faster where other processes want the cores too."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def small(name: str, in_channels: int = 3, num_classes: int = 2) -> nn.Module:
    """The model, narrow where it can be, and on a tiny encoder where it stands on one."""
    known = signature(CATALOG[name]).parameters
    options: dict[str, object] = {"width": 4} if "width" in known else {}
    if "encoder" in known and known["encoder"].default is not None:
        options["encoder"] = "test_resnet"
    return CATALOG[name](in_channels, num_classes, **options)


def nudged(model: nn.Module) -> nn.Module:
    """The model a little beside its start, where no gain that starts at zero hides what lies before it."""
    with torch.no_grad():
        for weights in model.parameters():
            weights.add_(0.05 * torch.randn_like(weights))
    return model


def scores(model: nn.Module, images: Tensor) -> Tensor:
    with torch.no_grad():
        return model.eval()(images)


@every_model
def test_the_signature_is_a_schema(name) -> None:
    facts, options = [], []
    for key, parameter in signature(CATALOG[name]).parameters.items():
        assert parameter.annotation is not Parameter.empty
        (options if parameter.kind is Parameter.KEYWORD_ONLY else facts).append(key)
    assert facts == ["in_channels", "num_classes"]
    assert signature(CATALOG[name]).return_annotation is not Parameter.empty
    defaults = {key: signature(CATALOG[name]).parameters[key].default for key in options}
    assert CATALOG.configure(name, {k: v for k, v in defaults.items() if v is not Parameter.empty})


@every_model
def test_says_what_its_arguments_are_and_where_it_comes_from(name) -> None:
    text = getdoc(CATALOG[name]) or ""
    assert "Reference:" in text
    for key in signature(CATALOG[name]).parameters:
        assert f"    {key}: " in text


@every_model
@every_size
def test_logits_have_the_size_of_the_images(name, size) -> None:
    assert scores(small(name, num_classes=5), torch.rand(2, 3, *size)).shape == (2, 5, *size)


@every_model
def test_logits_have_the_size_of_the_images_in_training(name) -> None:
    assert small(name).train()(torch.rand(2, 3, 17, 23)).shape == (2, 2, 17, 23)


@every_model
@pytest.mark.parametrize("bands", [1, 3, 8])
def test_takes_any_number_of_bands(name, bands) -> None:
    assert scores(small(name, bands), torch.rand(1, bands, 16, 16)).shape == (1, 2, 16, 16)


@every_model
def test_logits_are_no_probabilities(name) -> None:
    logits = scores(small(name), 50 * torch.randn(2, 3, 32, 32))
    assert (logits < 0).any()
    assert not torch.allclose(logits.sum(1), torch.ones(()))


@every_model
def test_every_parameter_is_reached_by_the_gradient(name) -> None:
    model = nudged(small(name)).train()
    model(torch.randn(2, 3, 48, 48)).square().mean().backward()
    unreached = [
        key
        for key, weights in model.named_parameters()
        if weights.grad is None or not weights.grad.isfinite().all() or not weights.grad.any()
    ]
    assert not unreached


@every_model
def test_evaluation_is_the_same_twice_and_in_any_company(name) -> None:
    model, images = small(name), torch.rand(3, 3, 20, 20)
    together = scores(model, images)
    assert torch.equal(together, scores(model, images))
    torch.testing.assert_close(together[:1], scores(model, images[:1]))


@every_model
def test_memory_layout_does_not_matter(name) -> None:
    model, images = small(name), torch.rand(2, 3, 17, 23)
    rows_first = scores(model, images)
    model.to(memory_format=torch.channels_last)
    channels_last = scores(model, images.contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(channels_last, rows_first, rtol=1e-4, atol=1e-5)


@every_model
def test_half_precision_stays_finite(name) -> None:
    model = small(name).train()
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(torch.randn(2, 3, 32, 32))
    logits.float().square().mean().backward()
    assert logits.isfinite().all()
    assert all(weights.grad.isfinite().all() for weights in model.parameters())


@every_model
def test_weights_are_all_there_is_to_know(name) -> None:
    first, second = small(name), small(name)
    images = torch.rand(1, 3, 16, 16)
    assert not torch.equal(scores(first, images), scores(second, images))
    second.load_state_dict(first.state_dict())
    assert torch.equal(scores(first, images), scores(second, images))


@every_model
def test_exported_is_equal(name) -> None:
    model, images = small(name).eval(), torch.rand(1, 3, 40, 24)
    exported = torch.export.export(model, (images,)).module()
    torch.testing.assert_close(exported(images), scores(model, images))
