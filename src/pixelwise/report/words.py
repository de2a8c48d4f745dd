"""Names of scores and numbers, as one says them to people."""

import math

_SCORES: dict[str, tuple[str, str]] = {
    "mean_iou": (
        "Mean IoU",
        "For each class, the area that prediction and truth share, divided by the area that either covers; "
        "then the mean over classes. 1 is perfect, 0 is no overlap at all.",
    ),
    "mean_iou_of_true_classes": (
        "Mean IoU, true classes",
        "The mean over the classes that occur in the truth; classes that were only predicted are left out.",
    ),
    "mean_iou_absent_as_zero": (
        "Mean IoU, absent as 0",
        "The mean over all classes; one that occurs nowhere counts as 0.",
    ),
    "iou": ("IoU", "The area that prediction and truth share, divided by the area that either covers."),
    "mean_dice": (
        "Mean Dice",
        "Twice the shared area, divided by the sum of both areas; the mean over classes. Also called F1.",
    ),
    "dice": ("Dice", "Twice the shared area, divided by the sum of both areas. Also called F1."),
    "pixel_accuracy": (
        "Pixel accuracy",
        "The share of pixels that are right. Large classes decide it: small ones may be lost unnoticed.",
    ),
    "accuracy": ("Accuracy", "The share of pixels that are right."),
    "binary_accuracy": (
        "Binary accuracy",
        "The share of yes-or-no answers, per pixel and class, that are right.",
    ),
    "mean_accuracy": ("Mean accuracy", "Recall, averaged over the classes: each weighs the same."),
    "frequency_weighted_iou": (
        "Weighted IoU",
        "IoU, averaged so that each class weighs as many pixels as it has.",
    ),
    "precision": ("Precision", "Of the pixels predicted as a class, the share that truly are."),
    "mean_precision": (
        "Mean precision",
        "Of the pixels predicted as a class, the share that truly are; the mean.",
    ),
    "recall": ("Recall", "Of the pixels that truly are a class, the share that was found."),
    "mean_recall": (
        "Mean recall",
        "Of the pixels that truly are a class, the share that was found; the mean.",
    ),
    "kappa": ("Cohen's kappa", "Agreement beyond what chance alone would give; 1 is perfect, 0 is chance."),
    "mean_iou_low": (
        "Mean IoU, from",
        "Lower end of the 95 % interval: what the mean IoU could have been with other images of this kind.",
    ),
    "mean_iou_high": ("Mean IoU, to", "Upper end of that interval. It narrows with more images."),
    "median_image_iou": (
        "Median image IoU",
        "Mean IoU of each image by itself: half of the images are better, half are worse.",
    ),
    "lower_quartile_image_iou": ("Lower quartile image IoU", "A quarter of the images are worse than this."),
    "boundary_f": (
        "Boundary F1",
        "How much of the outlines is found, within 0.75 % of the diagonal; over classes, then images.",
    ),
    "boundary_iou": (
        "Boundary IoU",
        "IoU of the bands along the outlines, 2 % of the diagonal wide: large areas do not hide their edges.",
    ),
    "hausdorff_95": (
        "HD95",
        "How far apart outlines are at their worst but for one pixel in twenty, in pixels; less is better.",
    ),
    "surface_distance": (
        "Surface distance",
        "How far apart true and predicted outlines are on average, in pixels; less is better.",
    ),
    "loss": ("Loss", "What training makes small. Comparable between runs with the same loss only."),
    "lr": ("Learning rate", "How large the steps of training are."),
    "share": ("Share of pixels", "How much of the truth is this class."),
}


def title(name: str) -> str:
    """A score's name for people; unknown ones are their own, with spaces."""
    known = _SCORES.get(name)
    if known:
        return known[0]
    spaced = name.replace("_", " ").replace("iou", "IoU").replace("Iou", "IoU").strip()
    return spaced[:1].upper() + spaced[1:]


def meaning(name: str) -> str:
    """One or two sentences on what a score is, or nothing."""
    return _SCORES[name][1] if name in _SCORES else ""


def number(value: float) -> str:
    """Three decimals, one from 10 on, whole numbers as such; an en dash where undefined."""
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if value == round(value) and size >= 2:
        return f"{value:,.0f}"
    if 0 < size < 0.0005:
        return "< 0.001"
    return f"{value:.3f}" if size < 10 else f"{value:,.1f}"


def percent(share: float) -> str:
    """A share in per cent with as many digits as it deserves; an en dash where undefined."""
    if not math.isfinite(share):
        return "–"
    if 0 < share < 0.0005:
        return "< 0.1 %"
    return f"{100 * share:.1f} %"
