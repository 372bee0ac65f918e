"""Look-ups by letter, filled as letters are met."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable

from xlt_translit_ppa.uroman.letters import Letters, Sign
from xlt_translit_ppa.uroman.package import package

SEEDED = 0x2000
"""Letters that stand for others are looked for below this one at once, above it as they are met."""


class StandIns(dict[int, str]):
    """For `str.translate`: letters that look the same become one letter.

    A letter that a rule joins to others can be replaced, but stands for none.
    """

    def __init__(self, letters: Letters, look: Callable[[Sign], Hashable]) -> None:
        self.letters, self.look = letters, look
        self.first: dict[Hashable, str] = {}
        for letter in map(chr, range(SEEDED)):
            if self._stands(letter):
                self.first.setdefault(look(letters.sign(letter)), letter)

    def _stands(self, letter: str) -> bool:
        return letter not in self.letters.picky and self.letters.replaceable(letter)

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        look = self.look(self.letters.sign(letter))
        if self._stands(letter):
            self.first.setdefault(look, letter)
        self[code] = self.first.get(look, letter) if self.letters.replaceable(letter) else letter
        return self[code]


class Kinds(StandIns):
    """The same for letters that are cut alike: what rules join stays as it is."""

    def __init__(self, letters: Letters) -> None:
        super().__init__(letters, lambda sign: sign)

    def __missing__(self, code: int) -> str:
        if chr(code) in self.letters.picky:
            self[code] = chr(code)
            return self[code]
        return super().__missing__(code)


class Cuts(dict[str, bool]):
    """Pairs of kinds: whether a line may be cut between them."""

    def __init__(self, letters: Letters) -> None:
        self.letters = letters

    def __missing__(self, pair: str) -> bool:
        self[pair] = self.letters.cut(pair[0], pair[1])
        return self[pair]


class Tables:
    """All of them; no language changes them, so a process has one."""

    def __init__(self) -> None:
        self.letters = Letters(package())
        self.kinds = Kinds(self.letters)
        self.cuts = Cuts(self.letters)
        self.behind = StandIns(self.letters, Sign.behind)
        self.ahead = StandIns(self.letters, Sign.ahead)


@functools.cache
def tables() -> Tables:
    return Tables()
