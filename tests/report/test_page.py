import re
from html.parser import HTMLParser

import pytest
import torch
from rich.console import Console

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.scores import Report
from pixelwise.metrics.confusion import Tally, dice_score, iou, mean_iou, pixel_accuracy, precision, recall
from pixelwise.report.page import Example, Page, write_page
from pixelwise.report.tables import class_table, matrix, mistakes, quarters, shares
from pixelwise.report.terminal import score_table

NASTY = '<script>alert("x")</script>&'
VOID = {"meta", "link", "img", "input", "br", "hr"}
HISTORY = [
    {"epoch": epoch, "lr": 0.1, "train_loss": 1 / epoch, "val_loss": 1.2 / epoch, "val_mean_iou": 0.1 * epoch}
    for epoch in range(1, 6)
]


class Outline(HTMLParser):
    """Faults in the nesting of elements, and what is there."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.found: list[tuple[str, dict]] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")

    def all(self, tag) -> list[dict]:
        return [attributes for name, attributes in self.found if name == tag]


def report_of(counts, classes, **more) -> Report:
    tally = Tally(torch.tensor(counts))
    per_class = {
        score.__name__.removesuffix("_score"): tuple(score(tally).tolist())
        for score in (iou, dice_score, precision, recall)
    }
    scores = {"mean_iou": mean_iou(tally).item(), "pixel_accuracy": pixel_accuracy(tally).item()}
    return Report("val", 7, classes, counts, scores, per_class, **more)


def example(classes, kind="best", name="one.png", size=24) -> Example:
    number = len(classes)
    if classes.exclusive:
        labels = torch.randint(number, (size, size))
        labels[0] = IGNORE_INDEX
        predicted = torch.randint(number, (size, size))
    else:
        labels, predicted = torch.rand(2, number, size, size)
    return Example(name, 0.625, kind, torch.rand(3, size, size), labels, predicted)


def written(path, page) -> tuple[str, Outline]:
    write_page(path / "report.html", page)
    text = (path / "report.html").read_text(encoding="utf-8")
    outline = Outline()
    outline.feed(text)
    assert outline.faults == []
    assert outline.open == []
    assert "http://" not in text
    assert "https://" not in text
    for tag in ("script", "img", "link", "iframe", "source", "svg", "use", "a"):
        for attributes in outline.all(tag):
            for key in ("src", "href", "xlink:href"):
                assert attributes.get(key, "#").startswith(("data:", "#"))
    assert "url(" not in re.sub(r"<script>.*</script>", "", text, flags=re.DOTALL)
    assert "@import" not in text
    return text, outline


TWO = Classes(("background", "nucleus"))
DIGITS = Classes(("zero", "one"), exclusive=False)


def test_exclusive_classes(tmp_path) -> None:
    report = report_of([[60, 10], [5, 25]], TWO, provenance={"data_hash": "abc123"})
    page = Page(
        "Nuclei",
        "Found.",
        report,
        HISTORY,
        [example(TWO, kind, f"{kind}.png") for kind in ("worst", "best", "median")],
        ["Masks are 0 and 255."],
        "seed: 0",
        {"torch": "2.14"},
        "pixelwise predict runs/a images/",
    )
    text, outline = written(tmp_path, page)
    assert '<p class="huge">0.713</p>' in text  # (60/75 + 25/40) / 2 = 0.7125
    assert "0.850" in text  # pixel accuracy: 85 of 100
    for expected in ("0.800", "0.625", "70.0 %", "30.0 %", "abc123", "Masks are 0 and 255.", "seed: 0"):
        assert expected in text
    assert "best epoch 5" in text
    assert "taken for nucleus: 14.3 %, 10 pixels" in text
    assert text.index("best.png") < text.index("median.png") < text.index("worst.png")
    assert len(outline.all("svg")) == 3
    pictures = outline.all("img")
    assert len(pictures) == 3 * 4 + 1  # and the empty one of the dialog
    assert all(picture["alt"] for picture in pictures[:-1])


def test_planes(tmp_path) -> None:
    counts = [[[900, 50], [10, 40]], [[1000, 0], [0, 0]]]
    report = report_of(counts, DIGITS, keras={"binary_accuracy": 0.9605, "recall": 0.7063})
    text, _ = written(tmp_path, Page("Digits", "", report, (), [example(DIGITS)]))
    assert "80.0 %" in text  # found: 40 of 50
    assert "50 invented" in text
    assert "0.706" in text
    assert "soft targets" in text
    assert "not in the truth and never predicted" in text
    assert "no class" in text


def test_names_are_escaped(tmp_path) -> None:
    classes = Classes((NASTY, "b"))
    report = report_of([[3, 1], [1, 3]], classes, provenance={NASTY: NASTY})
    page = Page(
        NASTY, NASTY, report, HISTORY, [example(classes, name=NASTY)], [NASTY], NASTY, {NASTY: NASTY}, NASTY
    )
    text, outline = written(tmp_path, page)
    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;&amp;") > 10
    assert len(outline.all("script")) == 1


def test_bare_report_of_nothing(tmp_path) -> None:
    report = report_of([[0, 0], [0, 0]], TWO)
    text, outline = written(tmp_path, Page("Empty", "", report))
    assert '<p class="huge">–</p>' in text
    assert not outline.all("svg")
    assert not outline.all("figure")[1:]  # the dialog's
    assert not re.search(r"\bnan\b", text.lower())
    assert "nothing to measure" in text


def test_no_scores_at_all(tmp_path) -> None:
    text, _ = written(tmp_path, Page("None", "", Report("val", 0, TWO, [[0, 0], [0, 0]], {}, {})))
    assert "No scores were measured." in text


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("number", [1, 40, 80])
def test_few_and_many_classes(tmp_path, number, exclusive) -> None:
    classes = Classes(tuple(f"species {index}" for index in range(number)), exclusive=exclusive)
    shape = (number, number) if exclusive else (number, 2, 2)
    report = report_of(torch.randint(1, 99, shape).tolist(), classes)
    text, _ = written(tmp_path, Page("Species", "", report, (), [example(classes)]))
    assert f"species {number - 1}" in text
    assert ("too large to look at" in text) == (exclusive and number == 80)


def test_nine_examples_of_noise_stay_small(tmp_path) -> None:
    examples = [example(TWO, "median", f"{index}.png", size=320) for index in range(9)]
    text, _ = written(tmp_path, Page("Noise", "", report_of([[1, 0], [0, 1]], TWO), (), examples))
    assert len(text) < 3_000_000


def test_shares_are_of_true_pixels() -> None:
    assert shares(report_of([[60, 10], [5, 25]], TWO)) == pytest.approx((0.7, 0.3))
    assert shares(report_of([[[8, 1], [1, 0]], [[0, 0], [5, 5]]], DIGITS)) == pytest.approx((0.1, 1.0))


def test_rows_of_the_matrix_are_per_cent() -> None:
    report = report_of([[60, 20], [0, 0]], TWO)
    assert [[cell.text for cell in row] for row in matrix(report)] == [["75", "25"], ["", ""]]
    assert [(m.truth, m.predicted, m.share) for m in mistakes(report)] == [
        ("background", "nucleus", "25.0 %"),
    ]
    assert quarters(report) == []


def test_undefined_scores_say_why() -> None:
    _, rows = class_table(report_of([[60, 20, 0], [0, 0, 0], [0, 0, 0]], Classes(("a", "b", "c"))))
    assert [cell.said for cell in rows[1].cells] == ["", "", "", "not in the truth", ""]
    assert [row.absent for row in rows] == [False, False, True]
    assert [cell.text for cell in rows[2].cells[:4]] == ["–"] * 4


def test_terminal_table_says_the_numbers() -> None:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(score_table(report_of([[60, 10], [5, 25]], Classes(("[bold]x", "nucleus")))))
    text = capture.get()
    for expected in ("Mean IoU", "0.713", "[bold]x", "nucleus", "0.625", "30.0 %"):
        assert expected in text
