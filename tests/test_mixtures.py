"""Ten mixtures, other ones each time: three steps of every training, or a reason.

The number that draws them stands at the end of what pytest prints: `XLT_MIXTURES=NUMBER` draws them again.
"""

from __future__ import annotations

import os
from itertools import islice

import pytest

from tests.mixtures import Mixture, mixtures
from xlt_core import plan, run
from xlt_core.errors import UnavailableError, XltError
from xlt_core.graph.stages import Plan

TEN = int(os.environ.get("XLT_MIXTURES_COUNT", "10"))


@pytest.mark.slow
def test_a_random_ten_of_all_mixtures_train() -> None:
    """What the plan refuses says why; what it accepts and this machine has everything for is trained."""
    trained: list[Mixture] = []
    refused: list[str] = []
    for mixture in islice(mixtures(os.environ["XLT_MIXTURES"]), 100 * TEN):
        if len(trained) == TEN:
            break
        if not can_run(mixture):
            continue
        print(mixture)  # shown where it fails
        try:
            made = run(**mixture.asked(), out=f"mixture-{len(trained)}-{len(refused)}")
        except UnavailableError as error:
            assert error.problems
        except XltError as error:
            assert error.problems, mixture
            refused.append(f"{mixture}\n{error.text()}")
        else:
            assert made.scores["scores"], mixture
            trained.append(mixture)
    assert len(trained) == TEN, refused
    assert len(refused) <= TEN, "\n\n".join(refused)


def can_run(mixture: Mixture) -> bool:
    """Whether its plan is accepted, built, needs no network, and is another one without any of its flags."""
    made = _planned(mixture)
    if made is None or made.unbuilt() or made.downloads:
        return False
    return all(_keys(_planned(mixture, flag)) != _keys(made) for flag in mixture.flags)


def _planned(mixture: Mixture, without: str = "") -> Plan | None:
    """The plan; whatever is refused is so with a reason."""
    try:
        return plan(**mixture.asked(without))
    except XltError as error:
        assert error.problems and all(problem.what for problem in error.problems), mixture
        return None


def _keys(made: Plan | None) -> set[str]:
    return {stage.key for stage in made or ()}
