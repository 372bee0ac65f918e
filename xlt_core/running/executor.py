"""Who does the stages, and in which order: each as soon as what it reads is there.

An executor is told to begin a stage and says when one is done; where it does so is its own affair. `Here` does them
in this process one after the other, `Processes` several side by side; a cluster is a third.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from xlt_core.graph.stages import Stage
from xlt_core.running.workshop import Done, Workshop


@dataclass(frozen=True, slots=True)
class Errand:
    """One stage to be done, and the file of the run that it belongs to."""

    run: Path
    stage: Stage


Tell = Callable[[Errand, dict[str, Any]], None]
"""Takes what a stage reports while it is at work."""


class Executor(Protocol):
    """Where stages are done."""

    def free(self) -> bool:
        """Whether one more can be begun."""
        ...

    def begin(self, errand: Errand) -> None: ...

    def wait(self) -> Sequence[tuple[Errand, Done]]:
        """Those that were done since; waits for one. What one of them raised is raised."""
        ...

    def close(self, stopped: bool) -> None:
        """Nothing more will be begun; what is at work saves what it has when it was `stopped`."""
        ...


class Here:
    """Stages in this process, one after the other."""

    def __init__(self, workshops: Mapping[Path, Workshop], tell: Tell, say: Callable[[str], None]) -> None:
        self.workshops, self.tell, self.say = workshops, tell, say
        self._done: list[tuple[Errand, Done]] = []

    def free(self) -> bool:
        return not self._done

    def begin(self, errand: Errand) -> None:
        done = self.workshops[errand.run].do(errand.stage, lambda event: self.tell(errand, event), self.say)
        self._done.append((errand, done))

    def wait(self) -> Sequence[tuple[Errand, Done]]:
        done, self._done = self._done, []
        return done

    def close(self, stopped: bool) -> None:
        """There is nothing that goes on."""


def carry_out(
    errands: Iterable[Errand],
    needs: Callable[[Errand], Iterable[str]],
    executor: Executor,
    begun: Callable[[Errand], None],
    done: Callable[[Errand, Done], None],
) -> None:
    """Do all errands, each when the results (keys) that it `needs` are there.

    They are begun in their order as far as that goes; a key that stands twice is done once.
    """
    waiting = list({errand.stage.key: errand for errand in reversed(list(errands))}.values())[::-1]
    open_keys, working = {errand.stage.key for errand in waiting}, 0
    try:
        while waiting or working:
            ready = [errand for errand in waiting if open_keys.isdisjoint(needs(errand))]
            while ready and executor.free():
                errand = ready.pop(0)
                waiting.remove(errand)
                begun(errand)
                executor.begin(errand)
                working += 1
            for errand, how in executor.wait():
                working -= 1
                open_keys.discard(errand.stage.key)
                done(errand, how)
    except BaseException:
        executor.close(stopped=True)
        raise
    executor.close(stopped=False)
