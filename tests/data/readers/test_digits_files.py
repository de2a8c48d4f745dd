"""IDX files, sound and damaged, written by the tests."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from pixelwise.core.errors import DataError
from pixelwise.data.readers.digits import digits, recognise


def idx(array: np.ndarray) -> bytes:
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def write(
    root: Path, *, name: str = "{split}-{kind}-idx{n}-ubyte.gz", number: int = 20, side: int = 28
) -> None:
    rng = np.random.default_rng(0)
    for split in ("train", "t10k"):
        arrays = {"images": rng.integers(0, 256, (number, side, side)), "labels": np.arange(number) % 10}
        for kind, array in arrays.items():
            path = root / name.format(split=split, kind=kind, n=array.ndim)
            content = idx(array)
            path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("mark", ["-", "."])
def test_both_spellings_are_read_packed_or_not(tmp_path: Path, mark: str, packed: str) -> None:
    write(tmp_path, name="{split}-{kind}" + mark + "idx{n}-ubyte" + packed)
    reader = digits(tmp_path, train=2, test=1, num_classes=10)
    assert reader[0].image.max() > 0.9
    assert reader.notes == ()
    assert recognise(tmp_path).fits


def test_content_decides_whether_a_file_is_packed(tmp_path: Path) -> None:
    write(tmp_path)
    for path in tmp_path.glob("*.gz"):
        path.write_bytes(gzip.decompress(path.read_bytes()))  # as some browsers save it
    assert len(digits(tmp_path, train=1, test=1)) == 2


def test_images_and_labels_belong_together(tmp_path: Path) -> None:
    write(tmp_path)
    images = np.repeat(np.arange(10, dtype=np.uint8) * 20 + 10, 28 * 28).reshape(
        10, 28, 28
    )  # label told by grey
    for split in ("train", "t10k"):
        (tmp_path / f"{split}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
        (tmp_path / f"{split}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.arange(10))))
    reader = digits(tmp_path, train=10, test=1, num_classes=10, size=(90, 150), max_overlap=0.0)
    for sample in reader:
        for digit, plane in enumerate(sample.labels):
            assert set(plane.unique().tolist()) <= {0.0, torch.tensor((digit * 20 + 10) / 255).item()}


def test_missing_files_are_told_with_the_names_looked_for(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    (tmp_path / "train-images-idx3-ubyte.gz").unlink()
    with pytest.raises(DataError) as caught:
        digits(tmp_path)
    assert f"no images of train in {tmp_path}. Looked for: train-images-idx3-ubyte.gz" in str(caught.value)
    assert "t10k-labels.idx1-ubyte" in str(caught.value)
    recognition = recognise(tmp_path)
    assert not recognition.fits and "no images of train" in recognition.reason


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere is not a folder"):
        digits(tmp_path / "nowhere")
    assert not recognise(tmp_path / "nowhere").fits


def test_every_damage_is_told_at_once_and_with_the_options_faults(tmp_path: Path) -> None:
    write(tmp_path)
    damaged = {
        kind: tmp_path / f"{kind}-ubyte.gz"
        for kind in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3")
    }
    damaged["train-images-idx3"].write_bytes(damaged["train-images-idx3"].read_bytes()[:-500])
    damaged["train-labels-idx1"].write_bytes(gzip.compress(idx(np.zeros((20, 28, 28)))))
    damaged["t10k-images-idx3"].write_bytes(gzip.compress(idx(np.zeros((20, 28, 28)))[:-7]))
    with pytest.raises(DataError) as caught:
        digits(tmp_path, num_classes=0)
    message = str(caught.value)
    assert "num_classes=0: must be in 1..10" in message
    assert f"{damaged['train-images-idx3']}: cannot be unpacked" in message
    assert "Begins with 0x00000803, not 0x00000801" in message
    assert "Says it holds 15680 bytes of shape (20, 28, 28), holds 15673" in message


@pytest.mark.parametrize("content", [b"", b"\0\0\x08\x03\0\0"])
def test_a_file_cut_within_its_header_is_told(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, name="{split}-{kind}-idx{n}-ubyte")
    (tmp_path / "train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(DataError, match="train-images-idx3-ubyte: "):
        digits(tmp_path)


def test_counts_that_differ_are_told(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.arange(19) % 10)))
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte.gz holds 20 images, but .* 19 labels"):
        digits(tmp_path)


def test_digits_of_another_size_are_told(tmp_path: Path) -> None:
    write(tmp_path, side=32)
    with pytest.raises(DataError, match=r"digits are \(32, 32\), must be \(28, 28\) \(rows, columns\)"):
        digits(tmp_path)


@pytest.mark.parametrize("generator", ["original", "modern"])
def test_files_without_a_digit_of_the_classes_are_told(tmp_path: Path, generator: str) -> None:
    write(tmp_path)
    for split in ("train", "t10k"):
        (tmp_path / f"{split}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.full(20, 7))))
    with pytest.raises(DataError, match=r"no digits to place\. Of 20 digits none is below 3"):
        digits(tmp_path, generator=generator)
