"""Rules that turn what data, machine and time are like into a recipe: one function each, with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pixelwise.core.errors import RecipeError
from pixelwise.core.memory import as_text as bytes_text

LOOKS = 30  # at every image: below, models learnt from scratch are mostly unfinished
FEWEST_STEPS, MOST_STEPS = 600, 4000  # enough for few images; enough for however many
_BATCH = {"cpu": 8, "cuda": 16, "mps": 8}
_WINDOW = {"cpu": 320, "cuda": 512, "mps": 320}
_STRIDE = 32
_THIN = 4.0  # pixels across, which logits at stride 4 blur
_ENCODERS = ("regnetx_002", "regnetx_004", "regnetx_008", "resnet18", "resnet34", "resnet50")
_SMALL = 64  # rows or columns below which an encoder of stride 32 sees nothing
_RARE = 20.0  # times: the commonest class over the rarest, above which rare ones are weighed up
_RARE_PLANE = 0.05  # share below which pixels of a plane are weighed up
_TRAINING = 0.85  # of the budget: the rest are reading, the look ahead, validations, the report


@dataclass(frozen=True, slots=True)
class Traits:
    """What labelled images are like.

    Attributes:
        images: Learnt from.
        rows: Of the middle image.
        columns: Of the middle image.
        alike: Whether all that were looked at have one size.
        bands: Of the images.
        classes: Their names.
        exclusive: Whether each pixel is exactly one class.
        shares: Of each class among the pixels.
        thickness: Of each class, twice its area by its outline: pixels across where it is long.
        objects: Of each class, pixels across the middle connected part; None where there is none.
        placed: Whether the images say where on Earth they lie.
    """

    images: int
    rows: int
    columns: int
    alike: bool
    bands: int
    classes: tuple[str, ...]
    exclusive: bool
    shares: tuple[float, ...]
    thickness: tuple[float, ...]
    objects: tuple[float | None, ...]
    placed: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that could be trained."""

    words: str
    model: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a candidate did on this machine.

    Attributes:
        candidate: What was tried.
        images_per_second: Learnt from.
        weights: Bytes of its weights, gradients and moments.
        image: Bytes it holds for each image of a step.
    """

    candidate: Candidate
    images_per_second: float
    weights: int
    image: int

    def memory(self, images: int) -> int:
        """Bytes of a step with so many images at once."""
        return self.weights + images * self.image


@dataclass(frozen=True, slots=True)
class Decision:
    """One value of the recipe, and why it is so.

    Attributes:
        where: `section.key`, or a section that has one value.
        value: Plain.
        why: One sentence.
    """

    where: str
    value: Any
    why: str


def candidates(traits: Traits) -> list[Candidate]:
    """Models worth trying on such images, from the lightest to the heaviest."""
    if min(traits.rows, traits.columns) < _SMALL:
        return [
            Candidate(f"unet of width {width}", {"name": "unet", "width": width, "norm": "batch"})
            for width in (8, 16, 32, 64)
        ]
    finest = 2 if thinnest(traits) < _THIN else 4
    return [
        Candidate(f"unet on {encoder}", {"name": "unet", "encoder": encoder, "finest": finest})
        for encoder in _ENCODERS
    ]


def thinnest(traits: Traits) -> float:
    """Pixels across the thinnest class that was seen."""
    return min((thick for thick in traits.thickness if thick > 0), default=float(_STRIDE))


def crop(traits: Traits, device: str) -> Decision:
    """Windows as large as the machine learns quickly from, at multiples of the coarsest stride."""
    most, small = _WINDOW[device], min(traits.rows, traits.columns) < _SMALL
    rows, columns = (
        side if small else min(most, max(_STRIDE, side // _STRIDE * _STRIDE))
        for side in (traits.rows, traits.columns)
    )
    if small and traits.alike:
        return Decision("data.crop", None, "the images are small, so they are learnt from whole.")
    why = f"of {traits.rows}×{traits.columns} pixels, windows of {rows}×{columns} are learnt from: "
    return Decision(
        "data.crop",
        [rows, columns],
        why + f"multiples of {_STRIDE}, at most {most} a side on this kind of machine.",
    )


def batch_size(traits: Traits, device: str) -> int:
    """Images of a step: few on a processor, where many steps are worth more than even ones."""
    return max(2, min(_BATCH[device], traits.images))


def steps_wanted(traits: Traits, batch: int) -> int:
    """Steps that are enough: thirty looks at every image, within bounds."""
    return round(min(MOST_STEPS, max(FEWEST_STEPS, LOOKS * traits.images / batch)))


def steps_given(trial: Trial, batch: int, seconds: float) -> int:
    """Steps that a budget gives a candidate."""
    return int(_TRAINING * seconds * trial.images_per_second / batch)


def parts(trial: Trial, batch: int, memory: int) -> int | None:
    """Parts in which a batch must be seen to fit, each of two images at least; None where it cannot."""
    fitting = [
        n for n in range(1, max(2, batch)) if batch % n == 0 and batch // n >= 2
        and trial.memory(batch // n) <= memory
    ]  # fmt: skip
    return fitting[0] if fitting else None


def choose(trials: Sequence[Trial], traits: Traits, *, batch: int, seconds: float, memory: int) -> Decision:
    """The heaviest candidate that fits and sees the images often enough; else the quickest.

    Raises:
        RecipeError: If none fits.
    """
    fitting = [trial for trial in trials if parts(trial, batch, memory) is not None]
    if not fitting:
        least = min((trial.memory(2) for trial in trials), default=0)
        raise RecipeError(
            f"no model fits into {bytes_text(memory)}. The lightest needs {bytes_text(least)} for two images."
            " Give more --memory, or tile the images smaller."
        )
    wanted = steps_wanted(traits, batch)
    enough = [trial for trial in fitting if steps_given(trial, batch, seconds) >= wanted]
    best = enough[-1] if enough else max(fitting, key=lambda trial: trial.images_per_second)
    given = steps_given(best, batch, seconds)
    looks = f"{given * batch / traits.images:.0f} looks at each image"
    told = f"{best.candidate.words} makes about {given} steps in the budget, {looks}"
    if enough:
        why = f"{told}: the heaviest tried that makes the {wanted} steps wanted."
    else:
        why = f"{told}, and {wanted} steps are wanted: the quickest there is; give more time."
    if "finest" in best.candidate.model:
        why += f" It answers at stride {best.candidate.model['finest']}, for the thinnest class is "
        why += f"{thinnest(traits):.0f} pixels across."
    return Decision("model", dict(best.candidate.model), why)


def loss(traits: Traits) -> Decision:
    """Likelihood and overlap; rare classes weigh more."""
    overlap = {"name": "dice", "weight": 0.5}
    if not traits.exclusive:
        return _plane_loss(traits, overlap)
    seen = [share for share in traits.shares if share > 0]
    times = max(seen) / min(seen) if seen else 1.0
    if times <= _RARE:
        why = (
            f"the commonest class is {times:.0f} times the rarest: no class needs weights; dice for outlines."
        )
        return Decision("loss", [{"name": "cross_entropy"}, overlap], why)
    rarest = traits.classes[traits.shares.index(min(seen))]
    why = (
        f"the commonest class is {times:.0f} times the rarest ({rarest}), so rare ones weigh more, by the "
        "root of how rare they are; dice because it cares for each class alike."
    )
    return Decision("loss", [{"name": "cross_entropy", "class_weights": "root_inverse"}, overlap], why)


def _plane_loss(traits: Traits, overlap: Mapping[str, Any]) -> Decision:
    share = min((share for share in traits.shares if share > 0), default=0.5)
    if share >= _RARE_PLANE:
        why = (
            f"independent classes, the rarest on {share:.1%} of the pixels: common enough; dice for outlines."
        )
        return Decision("loss", [{"name": "binary_cross_entropy"}, dict(overlap)], why)
    weight = round(((1 - share) / share) ** 0.5, 1)
    why = (
        f"independent classes, the rarest on {share:.2%} of the pixels, so what is missed costs {weight} "
        "times what is invented, the root of the odds; dice for the same reason."
    )
    return Decision("loss", [{"name": "binary_cross_entropy", "positive_weight": weight}, dict(overlap)], why)


def augmentations(traits: Traits, reader: str) -> Decision:
    """Changes that leave such images what they are."""
    changes: list[dict[str, Any]] = []
    if reader == "digits":
        return Decision("data.augmentations", changes, "a mirrored digit is no digit, so nothing is changed.")
    why = "mirroring left to right leaves most scenes what they are (take it out where it does not)"
    if traits.placed:
        changes.append({"name": "flip", "vertical": 0.5})
        why = "seen from above there is no up, so images are mirrored both ways"
    else:
        changes.append({"name": "flip"})
    if traits.bands in {1, 3}:
        changes += [{"name": "brightness", "amount": 0.3}, {"name": "contrast", "amount": 0.3}]
        why += "; light and contrast vary between photographs"
    if traits.bands == 3:
        changes.append({"name": "tint"})
    return Decision("data.augmentations", changes, f"{why}.")
