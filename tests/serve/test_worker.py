"""Images of one size go together, those nobody waits for do not go at all."""

import asyncio
import threading
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
import torch

from pixelwise.core.classes import Classes
from pixelwise.serve.limits import Limits
from pixelwise.serve.worker import Worker


class Model:
    """Answers with its first band above and below a half; notes the shape of each batch."""

    def __init__(self, tile=64) -> None:
        self.classes, self.tile, self.seen = Classes(("dark", "bright")), tile, []
        self.may_go = threading.Event()
        self.may_go.set()
        self.entered = threading.Event()

    def scores(self, images):
        self.entered.set()
        assert self.may_go.wait(10)
        self.seen.append(tuple(images.shape))
        return torch.stack([0.5 - images[:, 0], images[:, 0] - 0.5], dim=1)


@asynccontextmanager
async def at_work(**limits):
    told = []
    worker = Worker(Limits(**limits), lambda images, seconds: told.append(images))
    task = asyncio.create_task(worker.work())
    try:
        yield worker, told
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_those_of_one_size_go_together_and_each_gets_its_own() -> None:
    async def story():
        model, images = Model(), [torch.full((1, 8, 8), value) for value in (0.1, 0.9, 0.2, 0.8)]
        async with at_work(window_s=0.2, batch=4) as (worker, told):
            seen = await asyncio.gather(*(worker.see(model, image) for image in images))
        assert model.seen == [(4, 1, 8, 8)] and told == [4]
        assert [int(each.labels[0, 0]) for each in seen] == [0, 1, 0, 1]

    asyncio.run(story())


def test_sizes_and_models_do_not_mix() -> None:
    async def story():
        one, other = Model(), Model()
        async with at_work(window_s=0.05) as (worker, told):
            await asyncio.gather(
                worker.see(one, torch.zeros(1, 8, 8)),
                worker.see(one, torch.zeros(1, 8, 9)),
                worker.see(other, torch.zeros(1, 8, 8)),
                worker.see(one, torch.zeros(1, 8, 8)),
            )
        assert one.seen == [(2, 1, 8, 8), (1, 1, 8, 9)] and other.seen == [(1, 1, 8, 8)]
        assert told == [2, 1, 1]

    asyncio.run(story())


def test_a_batch_is_no_more_work_than_one_tile() -> None:
    async def story():
        model = Model(tile=1024)
        async with at_work(window_s=0.05, batch=32) as (worker, _):
            await asyncio.gather(*(worker.see(model, torch.zeros(1, 512, 512)) for _ in range(6)))
            await asyncio.gather(*(worker.see(model, torch.zeros(1, 4, 4)) for _ in range(40)))
        assert [shape[0] for shape in model.seen] == [4, 2, 32, 8]

    asyncio.run(story())


def test_one_that_needs_windows_goes_alone() -> None:
    async def story():
        model = Model(tile=300)
        async with at_work(window_s=0.05) as (worker, told):
            seen = await asyncio.gather(*(worker.see(model, torch.full((1, 8, 310), v)) for v in (0.1, 0.9)))
        assert told == [1, 1] and all(shape == (1, 1, 8, 300) for shape in model.seen)
        assert [each.labels.unique().tolist() for each in seen] == [[0], [1]]
        torch.testing.assert_close(
            seen[1].sure, torch.full((8, 310), torch.sigmoid(torch.tensor(0.8)).item())
        )

    asyncio.run(story())


def test_who_left_is_not_served() -> None:
    async def story():
        model = Model()
        model.may_go.clear()
        async with at_work(window_s=0.0, batch=1) as (worker, _):
            first = asyncio.create_task(worker.see(model, torch.zeros(1, 8, 8)))
            await asyncio.to_thread(model.entered.wait, 10)
            left = asyncio.create_task(worker.see(model, torch.zeros(1, 8, 9)))
            last = asyncio.create_task(worker.see(model, torch.zeros(1, 8, 10)))
            await asyncio.sleep(0.01)
            left.cancel()
            await asyncio.gather(left, return_exceptions=True)
            model.may_go.set()
            await asyncio.gather(first, last)
        assert [shape[-1] for shape in model.seen] == [8, 10]

    asyncio.run(story())


def test_windows_end_when_nobody_waits_any_more() -> None:
    async def story():
        model = Model(tile=300)
        model.may_go.clear()
        async with at_work(window_s=0.0) as (worker, told):
            gone = asyncio.create_task(worker.see(model, torch.zeros(1, 8, 3000)))
            await asyncio.to_thread(model.entered.wait, 10)
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
            model.may_go.set()
            await worker.see(model, torch.zeros(1, 8, 8))
        assert len(model.seen) == 2 and told == [1, 1]

    asyncio.run(story())


def test_a_model_that_fails_fails_its_batch_only() -> None:
    class Broken(Model):
        def scores(self, images):
            raise RuntimeError("no")

    async def story():
        async with at_work(window_s=0.05) as (worker, _):
            broken, sound = Broken(), Model()
            results = await asyncio.gather(
                *(worker.see(broken, torch.zeros(1, 8, 8)) for _ in range(3)),
                worker.see(sound, torch.zeros(1, 8, 8)),
                return_exceptions=True,
            )
        assert [type(result) for result in results[:3]] == [RuntimeError] * 3
        assert results[3].labels.shape == (8, 8)

    asyncio.run(story())


def test_planes_show_the_last_and_how_sure_none_is() -> None:
    from pixelwise.serve.seeing import see

    trained = SimpleNamespace(
        classes=Classes(("a", "b"), exclusive=False),
        scores=lambda images: torch.tensor([[[[2.0, -1.0, 1.0]], [[-3.0, -2.0, 3.0]]]]),
    )
    (seen,) = see(trained, torch.zeros(1, 1, 1, 3))
    assert seen.labels.tolist() == [[[1, 0, 1]], [[0, 0, 1]]]
    sigmoid = torch.tensor([2.0, 1.0, 3.0]).sigmoid()  # 1 - sigmoid(-1) is sigmoid(1)
    torch.testing.assert_close(seen.sure, sigmoid[None])


@pytest.mark.parametrize("number", [1, 3])
def test_a_batch_that_is_full_does_not_wait(number) -> None:
    async def story():
        async with at_work(window_s=1000.0, batch=number) as (worker, told):
            await asyncio.gather(*(worker.see(model, torch.zeros(1, 4, 4)) for _ in range(2 * number)))
        assert told == [number, number]

    model = Model()
    asyncio.run(story())
