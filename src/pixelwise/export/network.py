"""The network as it travels: scaling before it and decisions after it, inside."""

from contextlib import AbstractContextManager
from typing import Literal, final

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from pixelwise.export.equals import InOtherWords
from pixelwise.export.form import Form, Gives, Pixels
from pixelwise.ops.heads import logits_of


@final
class Travelling(nn.Module):
    """A trained network with what its form asks for around it."""

    def __init__(self, network: nn.Module, *, pixels: Pixels, gives: Gives, exclusive: bool) -> None:
        super().__init__()
        self.network, self.whole_numbers = network, pixels == "uint8"
        self.gives: Literal["logits", "probs", "labels"] = gives
        self.exclusive = exclusive

    def forward(self, images: Float[Tensor, "b c h w"] | UInt8[Tensor, "b c h w"]) -> Tensor:
        """Scores, probabilities or labels of images in the range of the form."""
        ready = images.float() / 255 if self.whole_numbers else images
        logits = logits_of(self.network(ready))
        if self.gives == "logits":
            return logits
        if self.gives == "probs":
            return logits.softmax(1) if self.exclusive else logits.sigmoid()
        return (logits.argmax(1) if self.exclusive else logits > 0).to(torch.uint8)


def example(form: Form, bands: int) -> Tensor:
    """Images that the form takes, to trace the network with: no size stands for another, none is special."""
    batch = form.batch or 2
    rows, columns = form.size or (268, 204)
    noise = torch.rand(batch, bands, rows, columns, generator=torch.Generator().manual_seed(0))
    return (noise * 255).to(torch.uint8) if form.pixels == "uint8" else noise


def traced(network: nn.Module, form: Form, bands: int) -> torch.export.ExportedProgram:
    """The network as a graph whose open sizes are those of its form.

    Sizes of 1 are like any other here: torch.export would make them a case of their own, and networks that
    pool to a single pixel could not be exported.

    Raises:
        Exception: Whatever torch.export finds; the network may decide by its sizes.
    """
    from torch.export import Dim, export
    from torch.fx.experimental import _config as tracing

    shapes: dict[int, Dim] = {} if form.batch is not None else {0: Dim("batch", min=1)}
    if form.size is None:
        shapes |= {2: Dim("rows", min=form.least), 3: Dim("columns", min=form.least)}
    sizes_alike: AbstractContextManager[None] = tracing.patch(backed_size_oblivious=True)  # pyright: ignore[reportAttributeAccessIssue] its module is made when it is imported
    with torch.no_grad(), sizes_alike, InOtherWords():
        return export(
            network.eval(),
            (example(form, bands),),
            dynamic_shapes=(shapes or None,),
            prefer_deferred_runtime_asserts_over_guards=True,
        )


def as_images(values: Tensor, form: Form) -> Tensor:
    """Images as pixelwise reads them, as the form takes them."""
    return (values * 255).round().clamp(0, 255).to(torch.uint8) if form.pixels == "uint8" else values.float()


def as_logits(given: Tensor, form: Form, num_classes: int, *, exclusive: bool) -> Float[Tensor, "b k h w"]:
    """What the file gave, as scores whose largest (exclusive) or sign (planes) decides likewise."""
    if form.gives == "logits":
        return given.float()
    if form.gives == "probs":
        sure = given.float().clamp(1e-7, 1 - 1e-7)
        return sure.log() if exclusive else sure.logit()
    if not exclusive:
        return given.float() * 2 - 1
    return nn.functional.one_hot(given.long(), num_classes).movedim(-1, 1).float()
