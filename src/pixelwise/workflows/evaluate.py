"""A trained model and labelled images to scores."""

from pathlib import Path

from pixelwise.core.scores import Report
from pixelwise.engine.allocator import keep_memory
from pixelwise.engine.precision import Precision, choose_device
from pixelwise.engine.processes import processes, rank
from pixelwise.workflows._judge import judge, write_report
from pixelwise.workflows._runs import begin
from pixelwise.workflows._scored import choose_samples
from pixelwise.workflows._talk import Talk
from pixelwise.workflows.trained import load_trained


def evaluate(
    run: Path | str,
    *,
    data: str | Path | None = None,
    split: str | None = None,
    out: Path | str | None = None,
    boundaries: bool = False,
    precision: Precision | None = None,
    quiet: bool = False,
) -> Report:
    """Score the best weights of a run.

    Args:
        run: A run folder, or one of its weight files.
        data: Other labelled images than the run's own; their classes must be the same.
        split: train, val, test, or all. None: test where there is one, else val; for other data
            without splits, all.
        out: A new folder for scores.json and report.html; None writes nothing.
        boundaries: Compare outlines too: boundary F1, boundary IoU, HD95 and average surface distance.
        precision: What to compute in; None takes what the run was trained with.
        quiet: Say nothing on the way.

    Raises:
        PixelwiseError: If the run, the data or the split is not there, or they do not fit.
    """
    talk = Talk(quiet=quiet)
    keep_memory()
    folder = None if out is None else begin(Path(out), "")
    device, _ = choose_device()
    with processes(device):
        trained = load_trained(Path(run), device=device, precision=precision)
        chosen = choose_samples(trained, Path(run), talk, data=data, split=split)
        store = chosen.read(trained, talk)
        report, images = judge(trained, store, chosen.part, talk, boundaries=boundaries)
        if folder is not None and rank() == 0:
            write_report(folder, trained, store, report, images, notes=chosen.notes)
            talk.say(f"report: {folder.page}")
        return report
