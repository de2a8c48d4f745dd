"""How a trained model becomes a file: which sizes it takes, what it is calibrated on, what went wrong."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from pixelwise.core.errors import ExportError, PixelwiseError, RecipeError
from pixelwise.data.resize import resize
from pixelwise.data.store import Store
from pixelwise.engine.predict import TILE, AtSize
from pixelwise.export.exported import TARGETS, Answer, Exported
from pixelwise.export.form import Form
from pixelwise.export.network import Travelling, as_images
from pixelwise.export.source import Source
from pixelwise.workflows._talk import Talk
from pixelwise.workflows.trained import Trained, usable

_CALIBRATED_ON = 32  # images: more hardly change the ranges of a network
_LEAST = (32, 128)  # rows and columns that images must have; some networks cannot be traced for smaller ones
_WORDS = 600  # of a library's error that are passed on


@dataclass(frozen=True, slots=True)
class Departed:
    """What was written, and the original in the same harness: padded, rounded and tiled alike.

    Attributes:
        form: As it came out; open sizes may have become fixed.
        original: The model it came from.
    """

    form: Form
    original: Trained


def write(trained: Trained, form: Form, store: Store, path: Path, talk: Talk) -> Departed:
    """Write the model in the asked form; where sizes cannot stay open, in a fixed one, and say so.

    Raises:
        ExportError: If the target cannot hold the model.
    """
    module = TARGETS.module(form.target)
    if form.bits not in module.BITS:
        known = ", ".join(module.BITS)
        raise RecipeError(f"{form.target} cannot compute in {form.bits}. Known: {known}. Choose one of them.")
    network = trained.model.model if isinstance(trained.model, AtSize) else trained.model
    exclusive = trained.classes.exclusive
    travelling = Travelling(network, pixels=form.pixels, gives=form.gives, exclusive=exclusive).float().eval()
    travelling.to(memory_format=torch.contiguous_format)  # pyright: ignore[reportCallIssue]
    reason = ""
    for tried in _forms(form, trained, store, open_sizes=module.DYNAMIC):
        if reason and tried.size is not None:
            talk.say(f"  note: sizes are fixed at {tried.size}, for they could not stay open: {reason}")
        source = Source(travelling, tried, trained.bands, list(_samples(tried, trained, store)))
        try:
            TARGETS[form.target](source, path)
        except PixelwiseError:
            raise
        except Exception as error:
            if tried.size is not None:
                raise _told(error, tried) from error
            reason = str(error).strip().split("\n")[0][:160]
            continue
        shell = Exported(_swift(travelling), tried, len(trained.classes), exclusive=exclusive)
        tile = tried.size or trained.tile
        return Departed(tried, replace(trained, model=usable(shell, trained.recipe), tile=tile, dtype=None))
    raise ExportError(
        f"{form.target} cannot hold {trained.recipe.model.name}: {reason}. Choose another --to."
    )


def _swift(network: Travelling) -> Answer:
    """The network in the layout that convolutions are fastest in, as it runs at home."""
    network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    return lambda images: network(images.contiguous(memory_format=torch.channels_last))


def _forms(form: Form, trained: Trained, store: Store, *, open_sizes: bool) -> Iterator[Form]:
    """The form asked for, with open sizes first where the target has them, then a fixed one."""
    size = form.size or trained.contract.resize
    if size is None and open_sizes:
        for least in _LEAST:
            yield replace(form, least=least)
    batch = form.batch if form.batch is not None or open_sizes else 1
    yield replace(form, size=size or _usual(trained, store), batch=batch)


def _usual(trained: Trained, store: Store) -> tuple[int, int]:
    """The commonest size of the images; where they are large, that of the training windows."""
    common = Counter(store.sizes).most_common(1)[0][0]
    return common if max(common) <= TILE else trained.recipe.data.crop or (TILE // 2, TILE // 2)


def _samples(form: Form, trained: Trained, store: Store) -> Iterator[Tensor]:
    """Images to measure ranges on, in the form's size; none where nothing is measured."""
    if form.bits != "int8":
        return
    number = min(_CALIBRATED_ON, len(store))
    for place in range(number):
        sample = store[place * len(store) // number]
        if trained.contract.resize is not None:
            sample = resize(sample, trained.contract.resize)
        rows, columns = form.size or tuple(
            max(form.least, min(TILE, side)) for side in sample.image.shape[1:]
        )
        cut = sample.image[None, :, :rows, :columns]
        below, right = rows - cut.shape[2], columns - cut.shape[3]
        whole = torch.nn.functional.pad(cut, (0, right, 0, below), mode="replicate")
        yield as_images(whole, form).expand(form.batch or 1, -1, -1, -1).contiguous()


def _told(error: Exception, form: Form) -> ExportError:
    """A library's error in our words, cut where it becomes a program's log."""
    words = " ".join(str(error).split())
    short = words if len(words) <= _WORDS else f"{words[:_WORDS]} …"
    where = "".join(f"{note} " for note in getattr(error, "__notes__", ()))
    return ExportError(
        f"{form.target} cannot hold this model as {form.bits}, {form.size} (rows, columns). {short} {where}"
        "Choose another --to, another --size, or another model (`pixelwise models`)."
    )
