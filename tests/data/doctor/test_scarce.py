"""Classes that too few masks show to be learnt and judged."""

import numpy as np

from tests.data.doctor.looked import findings_of
from tests.data.drawn import scene, write_image, write_mask

ONE, FEW = "classes in one mask", "classes in few groups"


def draw(root, names, rare, folder="") -> None:
    """Scenes of three classes; class 3 stands as a square in those of the given numbers."""
    for number, name in enumerate(names):
        image, labels = scene(number)
        labels = np.minimum(labels, 2).astype(np.uint8)
        labels[:2, :3] = (0, 1, 2)
        if number in rare:
            labels[4:9, 4:9] = 3
        write_image(root / folder / "images" / f"{name}.png", image)
        write_mask(root / folder / "masks" / f"{name}.png", labels, "index")


def test_a_class_of_one_mask_is_told_with_its_mask_and_what_to_do(tmp_path) -> None:
    draw(tmp_path, [f"photo{'abcdefghij'[n]}" for n in range(10)], {4})
    found = findings_of(tmp_path)
    told = found[ONE]
    assert (told.severity, told.count, told.saying) == ("warning", 1, "1 class stands in one mask only.")
    assert told.files == ("class 3: photoe",) and told.examples[0].entries == (4,)
    assert told.repair is None and "Label more of them, merge them with" in told.advice and FEW not in found


def test_a_class_of_one_car_is_told_though_many_masks_show_it(tmp_path) -> None:
    names = [f"car{car}_{view}" for car in range(5) for view in range(4)]
    draw(tmp_path, names, {4, 5, 6, 7})
    found = findings_of(tmp_path)
    assert found[FEW].saying.startswith("1 class stands in fewer than 3 groups of images that must not")
    assert "names begin with car0" in found[FEW].saying and ONE not in found
    assert found[FEW].files == ("class 3: car1_0, car1_1, car1_2 and 1 more",)


def test_classes_that_enough_masks_show_are_no_news(tmp_path) -> None:
    draw(tmp_path / "cars", [f"car{car}_{view}" for car in range(5) for view in range(4)], {0, 4, 8})
    draw(tmp_path / "photos", [f"photo{'abcdefgh'[n]}" for n in range(8)], {2, 5})
    draw(tmp_path / "few", ["a", "b", "c"], {1})  # too few images for anything to be said
    for name in ("cars", "photos", "few"):
        found = findings_of(tmp_path / name)
        assert ONE not in found and FEW not in found
