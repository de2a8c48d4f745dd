"""Recipes: every field can be set, every fault is told, and what is written is what is read."""

import pytest
import yaml

from pixelwise.core.errors import RecipeError
from pixelwise.recipe.build import asked, build_loss, checked
from pixelwise.recipe.plain import read_yaml, with_settings

PLAIN = {
    "data": {"reader": {"name": "digits"}, "crop": [32, 48]},
    "model": {"name": "stack"},
    "loss": [{"name": "cross_entropy"}, {"name": "dice", "weight": 0.5}],
    "train": {"steps": 5},
}


def test_written_and_read_is_the_same(tmp_path) -> None:
    recipe = checked(with_settings(PLAIN, ["train.clip=null", "data.resize=[8,9]"]), "test")
    (tmp_path / "r.yaml").write_text(recipe.to_yaml())
    assert checked(read_yaml(tmp_path / "r.yaml"), "file") == recipe
    assert checked(recipe.plain(), "plain") == recipe and recipe.train.clip is None


@pytest.mark.parametrize(
    ("setting", "path", "value"),
    [
        ("train.lr=3e-4", ("train", "lr"), 3e-4),
        ("loss.1.smooth=0", ("loss", 1, "smooth"), 0),
        ("loss.2={name: dice}", ("loss", 2, "name"), "dice"),
        ("loss.2.name=dice", ("loss", 2, "name"), "dice"),
        ("data.augmentations=[{name: flip}]", ("data", "augmentations", 0, "name"), "flip"),
        ("data.cache=off", ("data", "cache"), "off"),
        ("model.name=unet", ("model", "name"), "unet"),
        ("new.deep.key=true", ("new", "deep", "key"), True),
    ],
)
def test_set_reaches_every_field(setting, path, value) -> None:
    found = with_settings(PLAIN, [setting])
    for part in path:
        found = found[part]
    assert found == value and "new" not in PLAIN


def test_a_set_length_takes_the_place_of_the_other() -> None:
    assert asked(PLAIN, ["train.epochs=2"], "t").train.steps is None
    with pytest.raises(
        RecipeError, match="give exactly one of epochs, steps and budget, not epochs and budget"
    ):
        asked(PLAIN, ["train.epochs=2", "train.budget=1m"], "t")


def test_yaml_reads_as_people_write(tmp_path) -> None:
    (tmp_path / "r.yaml").write_text("a: 1e-3\nb: off\nc: true\nd: 1.5\ne: [1, 2]\nf: 2E5\n")
    assert read_yaml(tmp_path / "r.yaml") == {
        "a": 1e-3,
        "b": "off",
        "c": True,
        "d": 1.5,
        "e": [1, 2],
        "f": 2e5,
    }


def test_losses_are_summed_by_weight() -> None:
    import torch

    from pixelwise.losses.cross_entropy import cross_entropy
    from pixelwise.losses.dice import dice

    logits, labels = torch.randn(1, 2, 4, 4), torch.randint(2, (1, 4, 4))
    wanted = cross_entropy(logits, labels) + 0.5 * dice(logits, labels)
    torch.testing.assert_close(build_loss(checked(PLAIN, "t"))(logits, labels), wanted)


def test_every_recipe_of_the_project_is_sound() -> None:
    from pathlib import Path

    recipes = sorted((Path(__file__).parents[2] / "recipes").glob("*.yaml"))
    assert recipes
    for path in recipes:
        checked(read_yaml(path), str(path))
        head = path.read_text().split("\ndata:")[0]
        assert all(line.startswith("#") or not line or ":" in line for line in head.splitlines())
        assert "Cost" in head and "Score" in head, f"{path} does not begin with cost and score"


def test_defaults_are_sound_for_every_kind_of_data() -> None:
    import torch

    from pixelwise.core.sample import Sample
    from pixelwise.recipe.defaults import default_recipe

    for labels in (torch.zeros(500, 20, dtype=torch.long), torch.zeros(1, 500, 20)):
        sample = Sample(torch.zeros(4, 500, 20), labels, "a")
        for name in ("pairs", "digits"):
            recipe = checked(default_recipe({"name": name}, sample), "default")
            assert yaml.safe_load(recipe.to_yaml())["data"]["reader"]["name"] == name
            if name == "pairs":
                assert recipe.data.crop == (320, 32)
