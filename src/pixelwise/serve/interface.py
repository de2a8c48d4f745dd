"""What is sent and answered, for those who read the description of the interface."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from pixelwise.serve.accepting import LABELS, PNG, TIFF

Colour = tuple[int, int, int]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
IMAGE_BODY = {
    "requestBody": {
        "required": True,
        "description": "An image: PNG, JPEG, TIFF, WebP, BMP or GIF.",
        "content": {
            "image/*": _BINARY,
            "application/octet-stream": _BINARY,
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["image"],
                    "properties": {"image": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}
CORRECTION_BODY = {
    "requestBody": {
        "required": True,
        "description": "The image as it was, and its labels: an 8-bit PNG of class numbers, 255 for none.",
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["image", "labels"],
                    "properties": {
                        "image": {"type": "string", "format": "binary"},
                        "labels": {"type": "string", "format": "binary"},
                        "name": {"type": "string"},
                    },
                }
            }
        },
    }
}
PICTURES = {"content": dict.fromkeys((PNG, TIFF, LABELS), _BINARY)}


class Class(BaseModel):
    """A class of a model."""

    index: int
    name: str
    colour: Annotated[Colour, Field(description="Red, green, blue, 0 to 255.")]


class Bounds(BaseModel):
    """What an image may weigh and measure."""

    bytes: int
    pixels: Annotated[int, Field(description="Rows times columns.")]


class Model(BaseModel):
    """A model that is served."""

    name: str
    title: str
    classes: list[Class]
    exclusive: Annotated[bool, Field(description="Whether a pixel is one class, or any number of them.")]
    bands: Annotated[int, Field(description="Bands of the images it takes.")]
    ignore: Annotated[int, Field(description="Number of pixels that are no class.")]
    scores: dict[str, float | None] | None
    limits: Bounds
    corrections: Annotated[bool, Field(description="Whether corrected labels are taken.")]


class Models(BaseModel):
    """All models that are served."""

    models: list[Model]


class Prediction(BaseModel):
    """What was found in an image."""

    model: str
    size: Annotated[tuple[int, int], Field(description="Rows and columns.")]
    seconds: float
    shares: Annotated[dict[str, float], Field(description="Share of the pixels of each class.")]
    confidence: Annotated[
        dict[str, float | None],
        Field(description="Mean probability of each class where it shows; null for one that is nowhere."),
    ]
    departures: Annotated[
        list[str], Field(description="How the image differs from those that the model learnt from.")
    ]
    polygons: Annotated[
        dict[str, Any] | None,
        Field(
            default=None,
            description="GeoJSON; x and y in pixels, y down, or in the system of an image that has a place. "
            "Null where they would have more than a million sides.",
        ),
    ]


class Saved(BaseModel):
    """A correction that is kept."""

    saved: Annotated[str, Field(description="Its name in the folder: a digest of the image.")]
    images: Annotated[int, Field(description="Corrected images so far.")]


class Fault(BaseModel):
    """Why something was refused."""

    error: Annotated[str, Field(description="What is wrong, what was found, what to do.")]


def refused(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How refusals of these kinds are described."""
    words = {
        400: "Damaged, empty or no sound form",
        401: "No key, or a wrong one",
        403: "Not taken here",
        404: "No such model",
        406: "Only forms are accepted that there are not",
        408: "The body comes too slowly",
        413: "Too many bytes or pixels",
        415: "No image that is read",
        422: "Not what the model was trained on, or a question that is not understood",
        503: "Too much to do, or about to stop: ask again after Retry-After",
    }
    return {status: {"model": Fault, "description": words[status]} for status in statuses}
