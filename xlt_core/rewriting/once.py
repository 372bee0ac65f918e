"""Every word once: asked of the tool when it is first met, and never again, here or in the next corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain

from xlt_core.rewriting.kept import Kept
from xlt_core.rewriting.tally import UNREAD, Tally, served
from xlt_core.rewriting.tool import Form, Tool
from xlt_core.rewriting.words import words_of

MOST = 400_000
"""Words that are held in memory; when there are more, they are forgotten before the next batch. The disk knows them."""
Ask = Callable[[Sequence[str]], list[Form | None]]


class Once:
    """Rewrites words and lines by a tool, and counts what became of them.

    >>> from xlt_core.rewriting.tool import Surface
    >>> once = Once(Surface(lower=True))
    >>> once.lines(["Good morning!"]), once.tally.by["surface"]
    (['good morning !'], 2)
    """

    def __init__(self, tool: Tool, kept: Kept | None = None, ask: Ask | None = None, most: int | None = MOST) -> None:
        self.tool, self.kept, self.most = tool, kept, most
        self.ask: Ask = ask or (tool.forms if tool.unit == "word" else tool.lines)
        self.tally = Tally(tool.unit)
        self.known: dict[str, Form | None] = {}
        self._said: dict[str, str] = {}
        self._by: dict[str, tuple[str, ...]] = {}
        self._unread: dict[str, list[str]] = {}

    def words(self, words: Sequence[str]) -> list[str]:
        """Labelled words, each as a whole; one without a form stays as it is."""
        self._make_room()
        self.learn(words, self.tool.forms if self.tool.unit == "line" else self.ask)
        for word, count in Counter(words).items():
            self.tally.add(word, self.known[word], count)
        return [self.of(word) for word in words]

    def lines(self, lines: Sequence[str]) -> list[str]:
        """Lines of running text; of a tool by words, words and marks are parted by single spaces."""
        if self.tool.unit == "line":
            return self._whole_lines(lines)
        self._make_room()
        cut = [line.split() for line in lines]
        counts = Counter(chain.from_iterable(cut))
        self.meet(counts)
        self._count(counts)
        said = self._said
        return [" ".join([said[chunk] for chunk in chunks]) for chunks in cut]

    def learn(self, words: Iterable[str], ask: Ask | None = None) -> None:
        """See to it that the words' forms are known: from the disk, or else from the tool."""
        new = [word for word in dict.fromkeys(words) if word not in self.known]
        if self.kept is not None:
            self.known.update(self.kept.get(new))
            new = [word for word in new if word not in self.known]
        if not new:
            return
        made = dict(zip(new, (ask or self.ask)(new), strict=True))
        if self.kept is not None:
            self.kept.put(made)
        self.known.update(made)

    def meet(self, chunks: Iterable[str]) -> None:
        """Learn the words of what stands between spaces."""
        parts = {chunk: words_of(chunk) for chunk in chunks if chunk not in self._said}
        self.learn(chain.from_iterable(parts.values()))
        for chunk, words in parts.items():
            self._said[chunk] = " ".join([self.of(word) for word in words])
            self._by[chunk] = tuple([served(word, self.known[word]) for word in words])
            if unread := [word for word, by in zip(words, self._by[chunk], strict=True) if by in UNREAD]:
                self._unread[chunk] = unread

    def of(self, word: str) -> str:
        form = self.known[word]
        return word if form is None else form.text

    def _make_room(self) -> None:
        if self.most is not None and max(len(self.known), len(self._said)) > self.most:
            for memory in (self.known, self._said, self._by, self._unread):
                memory.clear()

    def _count(self, chunks: Mapping[str, int]) -> None:
        """Chunks are many, and combinations of makers few."""
        together: Counter[tuple[str, ...]] = Counter()
        for chunk, count in chunks.items():
            together[self._by[chunk]] += count
        for makers, count in together.items():
            for by in makers:
                self.tally.by[by] += count
        for chunk in filter(self._unread.__contains__, chunks):
            for word in self._unread[chunk]:
                self.tally.show(word, chunks[chunk])

    def _whole_lines(self, lines: Sequence[str]) -> list[str]:
        forms = self.ask(lines)
        for line, form in zip(lines, forms, strict=True):
            self.tally.add(line, form, 1)
        return [line if form is None else form.text for line, form in zip(lines, forms, strict=True)]
