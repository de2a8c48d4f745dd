"""Many clients for a minute: everybody is answered, and memory stays as it is."""

import pytest

from benchmarks.serving import ask, resident, served


@pytest.mark.slow
@pytest.mark.multiprocess
def test_many_clients_for_a_minute(run) -> None:
    with served(run, "--queue", "48") as (port, process):
        ask(port, process.pid, 96, 64, 10.0, name="scenes")  # until all threads have had their memory
        before = resident(process.pid)
        load = ask(port, process.pid, 96, 64, 60.0, name="scenes")
        after = resident(process.pid)
    assert set(load.statuses) == {200, 503} and load.statuses[200] > 100, load.statuses
    assert after < before * 1.05 + 30, (before, after, load.resident)
