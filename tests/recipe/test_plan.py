"""Rules of a plan, each by hand."""

from dataclasses import replace

import pytest
import yaml

from pixelwise.core.errors import RecipeError
from pixelwise.recipe.build import checked
from pixelwise.recipe.plan import decisions, plain_of, written
from pixelwise.recipe.rules import (
    Candidate,
    Traits,
    Trial,
    augmentations,
    batch_size,
    candidates,
    choose,
    crop,
    loss,
    parts,
    steps_given,
    steps_wanted,
)

STREETS = Traits(
    images=400,
    rows=360,
    columns=480,
    alike=True,
    bands=3,
    classes=("road", "car", "pole"),
    exclusive=True,
    shares=(0.8, 0.19, 0.01),
    thickness=(90.0, 20.0, 3.0),
    objects=(200.0, 30.0, 9.0),
)
LIGHT, MIDDLE, HEAVY = (Candidate(name, {"name": "unet", "encoder": name}) for name in "abc")


def trial(candidate, speed, image=100):
    return Trial(candidate, speed, 1000, image)


def test_steps_by_hand() -> None:
    assert steps_wanted(STREETS, 8) == 1500  # 30 looks at 400 images, 8 at a time
    assert steps_wanted(replace(STREETS, images=10), 8) == 600
    assert steps_wanted(replace(STREETS, images=10**6), 8) == 4000
    assert steps_given(trial(LIGHT, 16.0), 8, 1000.0) == 1700  # 850 s at two steps a second


def test_the_heaviest_that_sees_enough_is_chosen() -> None:
    tried = [trial(LIGHT, 50.0), trial(MIDDLE, 20.0), trial(HEAVY, 5.0)]
    found = choose(tried, STREETS, batch=8, seconds=1000.0, memory=10**6)
    assert found.value["encoder"] == "b" and "2125 steps" in found.why and "1500 steps wanted" in found.why


def test_the_quickest_where_none_sees_enough() -> None:
    found = choose([trial(LIGHT, 2.0), trial(MIDDLE, 3.0)], STREETS, batch=8, seconds=100.0, memory=10**6)
    assert found.value["encoder"] == "b" and "give more time" in found.why


def test_what_does_not_fit_is_left_out_and_batches_are_parted() -> None:
    hungry = trial(HEAVY, 50.0, image=1000)
    assert [parts(hungry, 8, memory) for memory in (9000, 5000, 3000, 2999)] == [1, 2, 4, None]
    found = choose([trial(LIGHT, 50.0), hungry], STREETS, batch=8, seconds=1000.0, memory=2500)
    assert found.value["encoder"] == "a"
    with pytest.raises(RecipeError, match=r"no model fits into 1 KB\. The lightest needs 3 KB for two"):
        choose([hungry], STREETS, batch=8, seconds=1000.0, memory=1024)


def test_windows() -> None:
    assert crop(STREETS, "cpu").value == [320, 320]
    assert crop(STREETS, "cuda").value == [352, 480]
    digits = replace(STREETS, rows=28, columns=28)
    assert crop(digits, "cpu").value is None
    assert crop(replace(digits, alike=False), "cpu").value == [28, 28]


def test_batches_are_no_larger_than_the_data() -> None:
    assert [batch_size(replace(STREETS, images=images), "cpu") for images in (400, 5, 1)] == [8, 5, 2]
    assert batch_size(STREETS, "cuda") == 16


def test_thin_things_are_answered_finely() -> None:
    assert {each.model["finest"] for each in candidates(STREETS)} == {2}
    thick = replace(STREETS, thickness=(90.0, 20.0, 0.0))  # a class never seen has none
    assert {each.model["finest"] for each in candidates(thick)} == {4}
    assert all("encoder" not in each.model for each in candidates(replace(STREETS, rows=28)))


def test_rare_classes_weigh_more() -> None:
    assert loss(STREETS).value[0] == {"name": "cross_entropy", "class_weights": "root_inverse"}
    assert "80 times the rarest (pole)" in loss(STREETS).why
    assert loss(replace(STREETS, shares=(0.5, 0.3, 0.2))).value[0] == {"name": "cross_entropy"}


def test_rare_planes_weigh_more() -> None:
    plane = replace(STREETS, classes=("road",), exclusive=False, shares=(0.01,))
    assert loss(plane).value[0] == {"name": "binary_cross_entropy", "positive_weight": 9.9}  # sqrt(99)
    assert loss(replace(plane, shares=(0.2,))).value[0] == {"name": "binary_cross_entropy"}


def test_changes_that_leave_images_what_they_are() -> None:
    names = [each["name"] for each in augmentations(STREETS, "pairs").value]
    assert names == ["flip", "brightness", "contrast", "tint"]
    above = augmentations(replace(STREETS, placed=True, bands=8), "pairs").value
    assert above == [{"name": "flip", "vertical": 0.5}]
    assert augmentations(STREETS, "digits").value == []


@pytest.mark.parametrize("rows", [360, 28])
def test_the_written_recipe_is_the_plan_and_every_value_has_a_reason(rows) -> None:
    traits = replace(STREETS, rows=rows)
    tried = [Trial(candidate, 20.0, 1000, 1000) for candidate in candidates(traits)]
    found = decisions(
        traits,
        tried,
        reader={"name": "pairs", "root": "there: # really"},
        device="cpu",
        budget="30m",
        seconds=1800.0,
        memory=5000,
    )
    text = written(found, ["Two words."])
    plain = yaml.safe_load(text)
    assert plain == plain_of(found) and plain["train"]["micro_batches"] == 2
    checked(plain, "the plan")
    lines = text.splitlines()
    for each in found:
        place = next(
            n for n, line in enumerate(lines) if line.strip().startswith(f"{each.where.split('.')[-1]}:")
        )
        assert lines[place - 1].strip().startswith("# ") and each.why.endswith(".")
    assert lines[0] == "# Two words." and max(map(len, lines)) <= 110
