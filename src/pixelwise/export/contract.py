"""The contract: what a model that leaves takes, what it gives, and where it comes from."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from pixelwise.core.classes import Classes
from pixelwise.core.digests import file_digest
from pixelwise.core.errors import CheckpointError, DataError
from pixelwise.core.files import write_text
from pixelwise.export.form import Form

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Band:
    """What the training images were like in one band, in the range that the model takes.

    Attributes:
        mean: Over all pixels.
        std: Deviation over all pixels.
        low: Smallest value; None where it was not measured.
        high: Largest value.
    """

    mean: float
    std: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """All that a stranger needs to use a model rightly.

    Attributes:
        classes: Names, colours, order, ignored values.
        bands: Of the images, in order.
        metres: Side of the ground of a training pixel, smallest and largest; None where no place is known.
        resize: Rows and columns that images are brought to before the model; None for their own.
        form: What the file takes and gives; None for weights that only pixelwise opens.
        recipe: What the model was trained by.
        data: SHA-256 of the training data.
        licences: Of pretrained weights that it began with.
        scores: What it reached, by name.
        version: Of the pixelwise that wrote it.
        files: SHA-256 of each file that belongs to it.
    """

    classes: Classes
    bands: tuple[Band, ...]
    metres: tuple[float, float] | None
    resize: tuple[int, int] | None
    form: Form | None
    recipe: Mapping[str, Any]
    data: str
    licences: Mapping[str, str]
    scores: Mapping[str, float]
    version: str
    files: Mapping[str, str] = field(default_factory=dict[str, str])

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        flat = {name: getattr(self, name) for name in self.__slots__}
        return flat | {
            "contract": FORMAT,
            "classes": self.classes.to_dict(),
            "bands": [asdict(band) for band in self.bands],
            "form": None if self.form is None else asdict(self.form),
            "recipe": dict(self.recipe),
        }

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any], where: str) -> "Contract":
        """The inverse of `plain`.

        Raises:
            CheckpointError: If it is of another format, or something is missing.
        """
        if plain.get("contract") != FORMAT:
            raise CheckpointError(
                f"{where} holds no contract that this version reads. Found format {plain.get('contract')!r}, "
                f"known is {FORMAT}. Export the model again, or use the pixelwise that wrote it."
            )
        try:
            form = plain["form"]
            return cls(
                Classes.from_dict(plain["classes"]),
                tuple(Band(**band) for band in plain["bands"]),
                _pair(plain["metres"]),
                _pair(plain["resize"]),
                None if form is None else Form.of_plain(form),
                **{
                    name: plain[name] for name in ("recipe", "data", "licences", "scores", "version", "files")
                },
            )
        except (KeyError, TypeError, ValueError, DataError) as error:
            raise CheckpointError(
                f"{where} is damaged: its contract cannot be read ({error}). Export the model again."
            ) from None


def contract_file(model: Path) -> Path:
    """The JSON file that lies beside an exported model."""
    return model.with_suffix(".json")


def write_contract(model: Path, contract: Contract, belonging: tuple[Path, ...] = ()) -> Contract:
    """Write the contract beside its model, with the digests of the model and of what belongs to it."""
    files = {path.name: file_digest(path) for path in (model, *belonging)}
    sealed = replace(contract, files=files)
    write_text(contract_file(model), json.dumps(sealed.plain(), indent=1))
    return sealed


def read_contract(model: Path) -> Contract:
    """The contract beside an exported model, the files it names being unchanged.

    Raises:
        CheckpointError: If there is none, it cannot be read, or a file is missing or was changed.
    """
    beside = contract_file(model)
    if not model.is_file() or not beside.is_file():
        lost = model if not model.is_file() else beside
        raise CheckpointError(
            f"{lost} is not there. A model that was exported is two files: {model.name} and {beside.name}. "
            "Keep them together, or export again."
        )
    try:
        plain = json.loads(beside.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError):
        plain = None
    if not isinstance(plain, dict):
        raise CheckpointError(f"{beside} is damaged: it is not JSON. Export the model again.")
    contract = Contract.of_plain(cast("dict[str, Any]", plain), str(beside))
    for name, digest in contract.files.items():
        file = model.parent / Path(name).name
        if not file.is_file() or file_digest(file) != digest:
            raise CheckpointError(
                f"{file} was changed after it was exported, or is gone: it does not match {beside.name}. "
                "Export the model again."
            )
    return contract


def _pair(values: Any) -> Any:
    return None if values is None else tuple(values)
