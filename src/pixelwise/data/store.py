"""The chosen samples of a reader: read once and checked, held in memory when they fit."""

import hashlib
from collections.abc import Callable, Sequence
from copy import copy
from itertools import islice

import torch
from torch import Tensor

from pixelwise.core.errors import DataError, ShapeError, raise_faults
from pixelwise.core.place import Place
from pixelwise.core.sample import Sample
from pixelwise.data._compact import Compact, compact, stacked
from pixelwise.data.likeness import Look, look
from pixelwise.data.reader import Reader
from pixelwise.data.threads import preparers

Progress = Callable[[int, int], None]
Prepare = Callable[[Sample], Sample]


class Store:
    """Samples by number, in the order asked for.

    Everything is read once when the store is made: that finds every damaged file before training
    begins, tells the sizes and bands, and fills the cache when the whole fits.

    Attributes:
        names: Name of each sample.
        sizes: Rows and columns of each sample.
        bands: Bands of the images.
        cached: Whether the samples are held in memory.
        looks: What each image looks like from afar.
        places: Where on Earth each sample lies, when known.
    """

    def __init__(
        self,
        reader: Reader,
        indices: Sequence[int],
        *,
        prepare: Prepare | None = None,
        most_bytes: int | None = None,
        workers: int = 2,
        progress: Progress | None = None,
    ) -> None:
        """Read the samples.

        Args:
            reader: Where they come from.
            indices: Which ones.
            prepare: Changes each sample on reading, such as resizing; the same each time.
            most_bytes: Memory for the cache; None means half of what is free, 0 means no cache.
            workers: Threads that read.
            progress: Told how many of how many are read.

        Raises:
            DataError: If samples cannot be read or break the contract; all are told.
        """
        self._reader, self._indices, self._prepare = reader, list(indices), prepare
        self._room = free_bytes() // 2 if most_bytes is None else most_bytes
        self._held: list[Compact] | None = []  # None once it is too much
        self._used = 0
        self._digests: list[bytes] = []
        self.names: list[str] = []
        self.looks: list[Look] = []
        self.places: list[Place | None] = []
        self.sizes: list[tuple[int, int]] = []
        self._bands: dict[int, str] = {}
        self._read_all(workers, progress)
        self.bands = next(iter(self._bands), 0)
        self._stack = stacked(self._held or [])
        self.cached = self._stack is not None or bool(self._held)
        if self._stack is not None:
            self._held = None  # nothing is held twice

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, number: int) -> Sample:
        if self._stack is not None:
            held = self._stack[torch.tensor(number)]
        elif self._held is not None:
            held = self._held[number]
        else:
            return self._fresh(self._indices[number])
        image, labels = held.restored()
        return Sample(image, labels, self.names[number])

    @property
    def digest(self) -> str:
        """SHA-256 of every name, image and label: the same data, the same digest."""
        return hashlib.sha256(b"".join(self._digests)).hexdigest()

    @property
    def stacked(self) -> bool:
        """Whether all samples are held and of one size, so that `gather` serves."""
        return self._stack is not None

    def gather(self, numbers: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Images and labels of several samples at once.

        Raises:
            ShapeError: If the samples are not `stacked`.
        """
        images, labels = (
            (None, None) if self._stack is None else self._stack[torch.tensor(numbers)].restored()
        )
        if images is None or labels is None:
            raise ShapeError("samples of different sizes cannot be gathered. Take them one by one.")
        return images, labels

    def part(self, places: Sequence[int]) -> "Store":
        """Some of the samples, by their places here, as a store of their own; nothing is read again."""
        part = copy(self)
        part._indices = [self._indices[place] for place in places]
        part.names = [self.names[place] for place in places]
        part.sizes = [self.sizes[place] for place in places]
        part.looks = [self.looks[place] for place in places]
        part.places = [self.places[place] for place in places]
        part._digests = [self._digests[place] for place in places]
        if self._held is not None:
            part._held = [self._held[place] for place in places]
        if self._stack is not None:
            part._stack = self._stack[torch.tensor(places, dtype=torch.long)]
        return part

    def _fresh(self, index: int) -> Sample:
        sample = self._reader[index]
        return sample if self._prepare is None else self._prepare(sample)

    def _read_all(self, workers: int, progress: Progress | None) -> None:
        faults: list[str] = []
        todo, done = iter(self._indices), 0
        with preparers(workers) as pool:
            while chunk := list(islice(todo, 16 * workers)):  # never more than a chunk in flight
                for read in pool.map(self._read, chunk):
                    if isinstance(read, str):
                        faults.append(read)
                    else:
                        self._note(*read)
                done += len(chunk)
                if progress is not None:
                    progress(done, len(self))
        if len(self._bands) > 1:
            told = ", ".join(f"{number} in {name}" for number, name in sorted(self._bands.items()))
            faults.append(f"images differ in their number of bands: {told}. Convert them, or set bands.")
        raise_faults(DataError, f"{len(faults)} of {len(self)} samples cannot be used:", faults)

    def _read(self, index: int) -> tuple[Sample, bytes, Look, Compact | None] | str:
        """A sample, its digest and look, and how to hold it; or what is wrong with it. Runs in a thread."""
        try:
            sample = self._fresh(index)
        except (DataError, ShapeError) as error:
            return str(error)
        held = None if self._held is None else compact(sample)
        return sample, sample_digest(sample), look(sample.image), held

    def _note(self, sample: Sample, digest: bytes, seen: Look, held: Compact | None) -> None:
        self.names.append(sample.name)
        self.places.append(sample.place)
        self._digests.append(digest)
        self.looks.append(seen)
        self.sizes.append((sample.image.shape[1], sample.image.shape[2]))
        self._bands.setdefault(sample.image.shape[0], sample.name)
        if self._held is None or held is None:
            return
        self._used += held.nbytes
        if self._used > self._room:
            self._held = None
        else:
            self._held.append(held)


def sample_digest(sample: Sample) -> bytes:
    """SHA-256 of a sample's name, image and labels."""
    digest = hashlib.sha256(sample.name.encode())
    for values in (sample.image, sample.labels):
        if values is not None:
            digest.update(f"{values.dtype}{tuple(values.shape)}".encode())
            digest.update(values.contiguous().numpy().data)
    return digest.digest()


def free_bytes() -> int:
    """Memory that the machine could give now; 2 GiB where it does not tell."""
    try:
        with open("/proc/meminfo") as file:  # noqa: PTH123 a pseudo file of the kernel
            fields = dict(line.split(":", 1) for line in file)
        return int(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return 2 * 1024**3
