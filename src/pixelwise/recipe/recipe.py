"""The recipe: everything a run needs to know, in one checked, frozen object."""

from typing import Annotated, Any, Literal, Self

from annotated_types import Ge, Gt, Interval, Lt
from pydantic import BaseModel, ConfigDict, PositiveInt, ValidationError, field_validator, model_validator

from pixelwise.core.errors import suggestion
from pixelwise.core.times import seconds_of
from pixelwise.recipe.plain import write_text

Share = Annotated[float, Interval(ge=0, lt=1)]
Size = tuple[PositiveInt, PositiveInt]
Factor = Annotated[float, Gt(0)]
LENGTHS = ("epochs", "steps", "budget")


class Section(BaseModel):
    """A part of the recipe: frozen, and intolerant of keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Choice(BaseModel):
    """A component by name; the other keys are its parameters."""

    model_config = ConfigDict(frozen=True, extra="allow")
    name: str

    @property
    def params(self) -> dict[str, Any]:
        """The parameters, without the name."""
        return dict(self.model_extra or {})


class Term(Choice):
    """A loss, and how much it weighs in the sum."""

    weight: Annotated[float, Gt(0)] = 1.0


class Data(Section):
    """What to learn from.

    Attributes:
        reader: Which reader, and its parameters; `root` is the folder.
        resize: Rows and columns every image is resized to on reading; None leaves them.
        crop: Rows and columns of the windows trained on; None trains on whole images.
        zoom: Smallest and largest factor by which the windows show things larger, drawn at random.
        augmentations: Random changes of the windows (of whole images without a crop), in this order.
        normalise: "data" subtracts the training images' mean and divides by their spread, band by
            band; "none" takes images as they are read.
        val: Share of the data set aside to choose the best weights, where they bring no val split; zero
            sets none aside and keeps the last weights.
        test: Share set aside for the final score, where they bring no split at all.
        split: A split file that `pixelwise split` wrote; None: split.yaml in the folder of the data, if
            there is one.
        groups: How images that must not be parted are found where a split is drawn: auto, name, folder,
            time, place, none, or a pattern of names whose first group is the group.
        cache: "auto" holds the samples in memory when they fit in half of what is free.
        workers: Threads that read and change images.
    """

    reader: Choice
    resize: Size | None = None
    crop: Size | None = None
    zoom: tuple[Factor, Factor] = (1.0, 1.0)
    augmentations: tuple[Choice, ...] = ()
    normalise: Literal["data", "none"] = "data"
    val: Share = 0.15
    test: Share = 0.15
    split: str | None = None
    groups: str = "auto"
    cache: Literal["auto", "off"] = "auto"
    workers: PositiveInt = 2

    @field_validator("zoom")
    @classmethod
    def _zoom_goes_up(cls, zoom: tuple[float, float]) -> tuple[float, float]:
        if zoom[0] > zoom[1]:
            raise ValueError(
                f"the smallest factor is above the largest; exchange {zoom[0]:g} and {zoom[1]:g}"
            )
        return zoom


class Train(Section):
    """How long, how fast, and with how many bits to train.

    Attributes:
        epochs: How often every image is seen. Exactly one of epochs, steps and budget is set.
        steps: How many steps are made.
        budget: How much time is taken for all, such as 10m; the schedule follows the clock.
        batch_size: Images of one step, over all processes and micro-batches.
        micro_batches: Parts that a batch is seen in, to need less memory.
        optimizer: adam, adamw or sgd.
        lr: Peak learning rate.
        weight_decay: Of weights; biases and norms are not decayed.
        momentum: Of sgd.
        betas: Of adam and adamw.
        eps: Of adam and adamw.
        schedule: constant, poly or cosine.
        warmup: Share of the training during which the rate rises.
        power: Of the poly schedule.
        clip: Longest gradient; None for any.
        precision: auto takes bfloat16 where the hardware has it.
        device: auto takes a GPU where there is one.
        validate_every: Steps between validations; None: an epoch, at least 20 steps; under a budget
            also never more than a tenth of the time.
        patience: Stop after so many validations without a better score; None: never.
        save_every: Seconds between two checkpoints of the running state.
    """

    epochs: Annotated[float, Gt(0)] | None = None
    steps: PositiveInt | None = None
    budget: str | None = None
    batch_size: PositiveInt = 16
    micro_batches: PositiveInt = 1
    optimizer: Literal["adam", "adamw", "sgd"] = "adamw"
    lr: Annotated[float, Gt(0)] = 1e-3
    weight_decay: Annotated[float, Ge(0)] = 0.01
    momentum: Annotated[float, Ge(0), Lt(1)] = 0.9
    betas: tuple[Share, Share] = (0.9, 0.999)
    eps: Annotated[float, Gt(0)] = 1e-8
    schedule: Literal["constant", "poly", "cosine"] = "cosine"
    warmup: Share = 0.05
    power: Annotated[float, Gt(0)] = 0.9
    clip: Annotated[float, Gt(0)] | None = 1.0
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    validate_every: PositiveInt | None = None
    patience: PositiveInt | None = None
    save_every: Annotated[float, Ge(0)] = 60.0

    @field_validator("budget")
    @classmethod
    def _is_a_time(cls, budget: str | None) -> str | None:
        if budget is not None:
            seconds_of(budget)
        return budget

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        given = [name for name in LENGTHS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"give exactly one of epochs, steps and budget, not {' and '.join(given) or 'none'}"
            )
        if self.batch_size % self.micro_batches:
            raise ValueError(
                f"a batch of {self.batch_size} cannot be seen in {self.micro_batches} equal parts"
            )
        return self


class Recipe(Section):
    """One run, from data to report."""

    seed: Annotated[int, Ge(0)] = 0
    data: Data
    model: Choice
    loss: tuple[Term, ...]
    train: Train

    @field_validator("loss")
    @classmethod
    def _some_loss(cls, loss: tuple[Term, ...]) -> tuple[Term, ...]:
        if not loss:
            raise ValueError("give at least one loss, such as [{name: cross_entropy}]")
        return loss

    def to_yaml(self) -> str:
        """The whole recipe, defaults written out, as a file that runs."""
        return write_text(self.plain())

    def plain(self) -> dict[str, Any]:
        """The whole recipe as plain values; what is None unless asked for is left out."""
        values = self.model_dump(mode="json")
        for name, section in (("data", Data), ("train", Train)):
            kept = {
                k: v
                for k, v in values[name].items()
                if v is not None or section.model_fields[k].default is not None
            }
            values[name] = kept
        return values


def faults_of(plain: Any) -> list[str]:
    """What keeps plain values from being a recipe, one sentence each; names are not looked up here."""
    if not isinstance(plain, dict):
        return [f"found {type(plain).__name__}, not sections such as data: and model:"]
    try:
        Recipe.model_validate(plain)
    except ValidationError as error:
        return [_fault(each) for each in error.errors()]
    return []


def _fault(error: Any) -> str:
    """One fault of a recipe in one line, with a suggestion where a key is misspelt."""
    where = [str(part) for part in error["loc"]]
    if error["type"] == "extra_forbidden":
        known = _known(where[:-1])
        return f"{'.'.join(where)}: unknown key.{suggestion(where[-1], known)} Known: {', '.join(known)}."
    message = str(error["msg"]).removeprefix("Value error, ")
    found = error.get("input")
    told = f", found {found!r}" if isinstance(found, str | int | float | bool) else ""
    return f"{'.'.join(where) or 'recipe'}: {message[:1].lower()}{message[1:]}{told}"


def _known(where: list[str]) -> list[str]:
    section: type[BaseModel] = Recipe
    for part in where:
        inner = section.model_fields[part].annotation if part in section.model_fields else None
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            section = inner
    return list(section.model_fields)
