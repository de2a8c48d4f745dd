"""What an exported file takes and gives."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Pixels = Literal["float", "uint8"]
Gives = Literal["logits", "probs", "labels"]
Bits = Literal["float32", "float16", "bfloat16", "int8"]

INPUT, OUTPUT = "images", "scores"  # names in formats that have names


@dataclass(frozen=True, slots=True)
class Form:
    """The shape of an exported network: `images [b c h w]` in, one tensor out.

    Attributes:
        target: The format, such as onnx.
        pixels: `float` for values as pixelwise reads them (whole-number files in 0..1), or `uint8` for
            0..255, scaled inside.
        gives: `logits [b k h w]`; `probs`, after softmax (exclusive classes) or sigmoid; or `labels`, class
            indices `[b h w]` (planes of 0 and 1 `[b k h w]` where classes may overlap), both as uint8.
        size: Rows and columns that it takes; None for any, padding being inside.
        least: Rows and columns that an image must have at least, where any size is taken.
        batch: Images at once; None for any number.
        bits: What it computes in.
    """

    target: str
    pixels: Pixels = "float"
    gives: Gives = "logits"
    size: tuple[int, int] | None = None
    least: int = 1
    batch: int | None = None
    bits: Bits = "float32"

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> "Form":
        """The inverse of `dataclasses.asdict`."""
        known: dict[str, Any] = {name: plain[name] for name in asdict(cls(""))}
        size = known["size"]
        known["size"] = None if size is None else (int(size[0]), int(size[1]))
        return cls(**known)
