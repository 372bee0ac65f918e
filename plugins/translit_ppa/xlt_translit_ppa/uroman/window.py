"""A piece of a line, romanised by the package between stand-ins for its two neighbours."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from xlt_translit_ppa.uroman.package import source

_CONSONANT = re.compile(r"[bcdfghjklmnpqrstvxz]$")


class Left(NamedTuple):
    """What a piece passes on to the next one, beside its last letter."""

    alpha: bool
    """Whether a word goes on after it, unless Thai follows (`is_at_start_of_word`)."""
    consonant: bool
    """Whether it ends in a consonant, if Thai follows (`is_at_end_of_syllable`)."""


AT_START = Left(False, False)


class Piece(NamedTuple):
    latin: str
    left: Left


class _Ordered(dict[Any, None]):
    """A set that remembers its order: of two edges of one span the first is taken, in every process."""

    def add(self, item: Any) -> None:
        self.setdefault(item)


class _Edges(dict[Any, _Ordered]):
    def __missing__(self, key: Any) -> _Ordered:
        return self.setdefault(key, _Ordered())


class Window(source().Lattice):  # type: ignore[misc]
    """The package's lattice of `before + part + after`, of which only the part's own edges are asked for."""

    def __init__(self, before: str, left: Left, part: str, after: str, uroman: Any, language_code: str | None) -> None:
        super().__init__(before + part + after, uroman, language_code)
        self.lattice = _Edges()
        self.start, self.end = len(before), len(before) + len(part)
        self.left, self.after = left, after
        self.needs_more = False
        if before:
            self.props["preceded_by_alpha", self.start] = left.alpha

    def check_for_scripts(self) -> None:
        """The package searches the whole text for Braille at each of its letters."""
        for letter in set(self.s):
            self.contains_script[self.uroman.chr_script_name(letter)] = True
            if self.char_is_braille(letter):
                self.contains_script["Braille"] = True

    def best_left_neighbor_edge(self, end: int, skip_num_edge: bool = False) -> Any:
        if end == self.start > 0:
            return source().Edge(end - 1, end, "n" if self.left.consonant else "", "rom")
        return super().best_left_neighbor_edge(end, skip_num_edge)

    def find_rom_edge_path_backwards(
        self, start: int, end: int, min_char: int | None = None, return_str: bool = False, skip_num_edge: bool = False
    ) -> Any:
        """The search of Thai o ang for the sound before it: it ends at a sound, or at the start of the line."""
        found = super().find_rom_edge_path_backwards(self.start, end, min_char, return_str, skip_num_edge)
        mine = 0 < self.start <= end < self.end
        if mine and not found and self.uroman.chr_script_name(self.s[end - 1]) == "Thai":
            self.needs_more = True
        return found

    def romanise(self, settled: bool = False) -> Piece | None:
        """The piece, or None where it can't be told without what stands further left, unless that is `settled`."""
        self.pick_tibetan_vowel_edge()
        self.prep_braille()
        self.add_romanization()
        if self.needs_more and not settled:
            return None
        thai = self.uroman.chr_script_name(self.after) == "Thai"
        left = Left(not thai and self._ends_in_alpha(), thai and self._ends_in_consonant())
        self.add_numbers(self.uroman)
        self.add_braille_numbers()
        self.add_rom_fall_back_singles()
        return Piece(self._path(), left)

    def _ends_in_alpha(self) -> bool:
        edges = (edge for start in self.lattice[self.end, "left"] for edge in self.lattice[start, self.end])
        return bool(self.s[self.end - 1].isalpha()) or any(edge.txt[-1:].isalpha() for edge in edges)

    def _ends_in_consonant(self) -> bool:
        edge = self.best_left_neighbor_edge(self.end)
        return bool(edge and _CONSONANT.search(edge.txt))

    def _path(self) -> str:
        latin, place = [], self.start
        while place < self.end:
            edge = self.best_right_neighbor_edge(place)
            latin.append(edge.txt)
            place = edge.end
        if place > self.end:
            raise RuntimeError("an edge reaches over the end of its piece")
        return "".join(latin)
