"""What a rewriter's work makes: a tool for one language, which is given texts and gives as many forms back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple


class Form(NamedTuple):
    """A text in its other form, and who made it. It isn't whole where letters of the text were left as they stood."""

    text: str
    by: str
    whole: bool = True


class Tool:
    """Base of tools. A rewriter's card names what makes one, `work(options, language, files)`:

    >>> class Shout(Tool):
    ...     name = "shout"
    ...     def forms(self, words): return [Form(word.upper(), self.name) for word in words]
    >>> Shout().forms(["selam"])
    [Form(text='SELAM', by='shout', whole=True)]

    Of a tool by words every word is asked for once and then kept; one by lines is given whole lines, and of labelled
    examples each word as a line.
    """

    name: str = ""
    unit: Literal["word", "line"] = "word"
    version: str = ""
    """Whatever its result depends on that neither options nor the versions of libraries tell: a file's hash."""
    slow: bool = True
    """Whether several processes are worth their start."""

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        """The words' forms, None where it has none."""
        raise NotImplementedError

    def lines(self, lines: Sequence[str]) -> list[Form | None]:
        """The forms of whole lines; asked for where its unit is the line."""
        return self.forms(lines)


class LineTool(Tool):
    """A tool out of what rewrites lists of lines: `LineTool("acme", romanise, version="1.3.1")`."""

    unit = "line"

    def __init__(self, name: str, rewrite: Callable[[list[str]], Sequence[str]], version: str = "") -> None:
        self.name, self.rewrite, self.version = name, rewrite, version

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        return [Form(text, self.name) for text in self.rewrite(list(words))]


class Surface(Tool):
    """The text as it stands, or in lower case: what remains where no other tool has a form."""

    name, slow = "surface", False

    def __init__(self, lower: bool = False) -> None:
        self.lower = lower

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        return [Form(word.lower() if self.lower else word, self.name) for word in words]


class Chain(Tool):
    """Tools in order: of each word, the first whole form counts, and where there is none, the first in part."""

    def __init__(self, name: str, steps: Sequence[Tool]) -> None:
        self.name, self.steps = name, steps
        self.version = " ".join(f"{step.name}={step.version}" for step in steps)
        self.slow = any(step.slow for step in steps)

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        found: list[Form | None] = [None] * len(words)
        left = list(range(len(words)))
        for step in self.steps:
            for at, form in zip(left, step.forms([words[at] for at in left]), strict=True):
                if found[at] is None or (form is not None and form.whole):
                    found[at] = form
            left = [at for at in left if (known := found[at]) is None or not known.whole]
            if not left:
                break
        return found


class Through(Tool):
    """One tool's forms, read by another: Japanese romanised, and then read as English."""

    def __init__(self, name: str, first: Tool, second: Tool) -> None:
        self.name, self.first, self.second = name, first, second
        self.version = f"{first.version} {second.version}".strip()

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        between = self.first.forms(words)
        read = iter(self.second.forms([form.text for form in between if form is not None and form.whole]))
        forms = [next(read) if form is not None and form.whole else None for form in between]
        return [form and form._replace(by=self.name) for form in forms]
