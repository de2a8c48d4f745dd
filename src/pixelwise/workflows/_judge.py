"""The last word on a model: its scores on a split, and the page that shows them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pixelwise
from pixelwise.core.errors import DataError
from pixelwise.core.files import write_text
from pixelwise.core.scores import Report
from pixelwise.data.loader import in_order
from pixelwise.data.store import Store
from pixelwise.engine.evaluate import evaluate, report
from pixelwise.engine.processes import rank, world
from pixelwise.recipe.build import build_loss
from pixelwise.report.page import Example, Page, write_page
from pixelwise.workflows._runs import RunFolder, environment
from pixelwise.workflows._talk import Talk
from pixelwise.workflows.trained import Trained

_EACH = 3  # examples of the best, of the middle, and of the worst


def judge(
    trained: Trained, store: Store, split: str, talk: Talk, *, boundaries: bool = False
) -> tuple[Report, list[tuple[str, float]]]:
    """Scores of a model on a split, of its outlines too if asked for, and the mean IoU of each image."""
    batches = in_order(store, batch_size=trained.recipe.train.batch_size, rank=rank(), world=world())
    with talk.progress(f"evaluating {split}", len(store)) as advance:
        found = evaluate(
            trained.model,
            batches,
            build_loss(trained.recipe),
            trained.classes,
            device=trained.device,
            dtype=trained.dtype,
            tile=trained.tile,
            boundaries=boundaries,
            progress=advance,
        )
    told = provenance(trained, store)
    return report(found, trained.classes, split=split, provenance=told), list(found.images)


def provenance(trained: Trained, store: Store) -> dict[str, str]:
    """Where the numbers come from."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "pixelwise": pixelwise.__version__,
        "weights": trained.origin,
        "trained on": f"data {trained.contract.data[:16]}",
        "scored on": f"data {store.digest[:16]}, {len(store)} images",
        "precision": "float32" if trained.dtype is None else str(trained.dtype).removeprefix("torch."),
        "device": str(trained.device),
    }


def write_report(
    folder: RunFolder,
    trained: Trained,
    store: Store,
    scores: Report,
    images: Sequence[tuple[str, float]],
    *,
    history: Sequence[Mapping[str, float]] = (),
    notes: Sequence[str] = (),
) -> None:
    """Write scores.json and report.html of a run folder."""
    write_text(folder.scores, scores.to_json())
    score = scores.scores["mean_iou"]
    page = Page(
        title=f"{trained.recipe.model.name} on {_data_name(trained)}",
        subtitle=f"Mean IoU {score:.3f} on {len(store)} images of the {scores.split} split.",
        report=scores,
        history=history,
        examples=examples(trained, store, images),
        notes=notes,
        recipe=trained.recipe.to_yaml(),
        environment={name: str(value) for name, value in environment().items()},
        command=f"pixelwise predict {folder.path} YOUR_IMAGES --out predictions",
    )
    write_page(folder.page, page)


def _data_name(trained: Trained) -> str:
    reader = trained.recipe.data.reader
    return Path(str(reader.params["root"])).resolve().name if "root" in reader.params else reader.name


def examples(trained: Trained, store: Store, images: Sequence[tuple[str, float]]) -> list[Example]:
    """The images told best, those in the middle, and those told worst, with what was predicted."""
    scored = sorted((score, name) for name, score in images if score == score)  # NaN: nothing to score
    number = min(_EACH, max(1, len(scored) // 3)) if scored else 0
    middle = max(0, (len(scored) - number) // 2)
    groups: list[tuple[Any, list[tuple[float, str]]]] = [("best", scored[::-1][:number])]
    if len(scored) >= 3:
        groups += [("median", scored[middle : middle + number]), ("worst", scored[:number])]
    places = {name: place for place, name in enumerate(store.names)}
    return [
        _example(trained, store, places[name], score, kind)
        for kind, chosen in groups
        for score, name in chosen
    ]


def _example(trained: Trained, store: Store, place: int, score: float, kind: Any) -> Example:
    sample = store[place]
    if sample.labels is None:
        raise DataError(
            f"{sample.name} has no labels, so nothing can be shown beside its prediction. Label it."
        )
    return Example(sample.name, score, kind, sample.image, sample.labels, trained.label(sample.image))
