"""Which stage is begun when, whoever does it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlt_core import plan
from xlt_core.graph.ledger import FILE, Ledger
from xlt_core.graph.stages import Stage
from xlt_core.report.progress import Course
from xlt_core.running.executor import Errand, carry_out
from xlt_core.running.meter import Cost, Meter
from xlt_core.running.workshop import Done

DONE = Done(True, Cost(1.0, 1.0, 1.0))


def stage(name: str) -> Stage:
    return Stage(name, "do", "part", "slot", (), (), (), (), {}, key=name, work="a:b")


class Several:
    """Does up to `most` at once, and is done with the one begun last first."""

    def __init__(self, most: int) -> None:
        self.most, self.working, self.together, self.stopped = most, [], 0, False  # type: ignore[var-annotated]

    def free(self) -> bool:
        return len(self.working) < self.most

    def begin(self, errand: Errand) -> None:
        self.working.append(errand)
        self.together = max(self.together, len(self.working))

    def wait(self) -> Sequence[tuple[Errand, Done]]:
        return [(self.working.pop(), DONE)]

    def close(self, stopped: bool) -> None:
        self.stopped = stopped


def carried_out(graph: dict[str, list[str]], executor: Several, order: Sequence[str]) -> list[str]:
    """The events of carrying out a graph, in their order."""
    told: list[str] = []
    errands = [Errand(Path("run"), stage(name)) for name in order]
    carry_out(
        errands,
        lambda errand: graph[errand.stage.key],
        executor,
        lambda errand: told.append(f"+{errand.stage.key}"),
        lambda errand, done: told.append(f"-{errand.stage.key}"),
    )
    return told


@given(st.integers(1, 4), st.data())
def test_a_stage_begins_when_all_that_it_reads_is_done_and_each_is_done_once(most: int, data: st.DataObject) -> None:
    names = [f"s{n}" for n in range(data.draw(st.integers(1, 8)))]
    graph = {
        name: data.draw(st.lists(st.sampled_from(names[:n]), unique=True)) if n else [] for n, name in enumerate(names)
    }
    twice = data.draw(st.permutations([*names, *names[:2]]))
    executor = Several(most)
    told = carried_out(graph, executor, twice)
    assert sorted(told) == sorted([f"+{name}" for name in names] + [f"-{name}" for name in names])
    for name, needed in graph.items():
        assert all(told.index(f"-{other}") < told.index(f"+{name}") for other in needed)
    assert executor.together <= most and not executor.stopped


def test_stages_that_do_not_depend_on_each_other_are_at_work_together() -> None:
    executor = Several(2)
    carried_out({"a": [], "b": [], "c": ["a", "b"]}, executor, "abc")
    assert executor.together == 2


def test_when_one_fails_the_others_are_told_to_stop() -> None:
    class Failing(Several):
        def wait(self) -> Sequence[tuple[Errand, Done]]:
            raise ValueError("no")

    executor = Failing(2)
    with pytest.raises(ValueError):
        carried_out({"a": [], "b": []}, executor, "ab")
    assert executor.stopped


def test_the_ledger_expects_the_median_of_stages_with_these_options_and_passes_over_a_cut_line(
    tmp_path: Path,
) -> None:
    made = plan(method="zero_shot", backbone="mini", targets="vie")
    ledger = Ledger(tmp_path / FILE)
    assert ledger.expect(made) == {}
    train, other = made.of("train")[0], plan(method="zero_shot", backbone="mini", set=["training.epochs=1"])
    for seconds in (10.0, 30.0, 20.0):
        ledger.note(train, made.run, Cost(seconds, seconds, 100.0).as_data())
    with ledger.file.open("a") as opened:
        opened.write('{"verb": "tra')
    expected = ledger.expect(made)
    assert (expected[train.id].seconds, expected[train.id].like, expected[train.id].alike) == (20.0, 3, True)
    assert not ledger.expect(other)[other.of("train")[0].id].alike
    assert set(expected) == {train.id}


def test_a_meter_counts_what_is_used_while_it_runs() -> None:
    meter = Meter.start()
    told: list[dict[str, object]] = []
    report = meter.watching(told.append)
    held = bytearray(64_000_000)
    report({"tokens": 7})
    report({"tokens": 12})
    cost = meter.read()
    del held
    assert cost.tokens == 12 and len(told) == 2
    assert cost.peak_mb > 64 and cost.seconds > 0 and cost.device_seconds > 0


def test_speed_and_time_left_of_a_stage_that_went_on_count_from_where_it_went_on() -> None:
    course = Course(begun=0.0)
    course.hear({"tokens": 5000, "share": 0.5, "resumed": True}, now=10.0)
    assert course.left is None
    course.hear({"tokens": 6000, "share": 0.75}, now=20.0)
    assert course.left == 10.0
