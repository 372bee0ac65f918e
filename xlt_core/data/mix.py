"""How much is read of each language where several are read together."""

from __future__ import annotations

from collections.abc import Sequence


def power_of(mix: str, temperature: float) -> float:
    """The power of a language's size that it is drawn by.

    >>> power_of("natural", 0.3), power_of("uniform", 0.3), power_of("temperature", 0.3)
    (1.0, 0.0, 0.3)
    """
    return {"natural": 1.0, "temperature": temperature, "uniform": 0.0}[mix]


def shares(sizes: Sequence[int], power: float) -> list[float]:
    """Each one's share nᵖ / Σ nᵖ, in all once.

    >>> shares([90, 10], 1.0), shares([90, 10], 0.0), shares([90, 10], 0.5)
    ([0.9, 0.1], [0.5, 0.5], [0.75, 0.25])
    """
    weights = [size**power for size in sizes]
    return [weight / sum(weights) for weight in weights]


def whole_shares(sizes: Sequence[int], power: float) -> list[int]:
    """Whole numbers with the same sum as the sizes, as nearly as can be in these shares.

    >>> whole_shares([90, 10], 0.0), whole_shares([90, 10], 0.5), whole_shares([90, 10], 1.0)
    ([50, 50], [75, 25], [90, 10])
    """
    exact = [sum(sizes) * share for share in shares(sizes, power)]
    found = [int(share) for share in exact]
    largest = sorted(range(len(exact)), key=lambda n: found[n] - exact[n])
    for n in largest[: sum(sizes) - sum(found)]:
        found[n] += 1
    return found
