"""The vocabularies that languages have of their own, as a stage's inputs name them, put on a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from xlt_core.model.backbone import BackboneModel
from xlt_core.model.rows import read_rows, read_tokenizer
from xlt_core.model.vocabulary import Vocabulary, made, read

TOKENIZER, EMBEDDING = "artefact tokenizer:", "embedding:"
SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Own:
    """One vocabulary: whose it is (a language, or `shared`), which channels are read through it, and where it lies."""

    owner: str
    channels: tuple[str, ...]
    tokenizer: Path
    rows: Path
    trained: bool
    """Whether a stage has trained the rows, or they are as an initialiser left them."""

    @property
    def name(self) -> str:
        """As its tokenizer's fact has it: `amh:text`, `shared:text+latin`."""
        return f"{self.owner}:{'+'.join(self.channels)}"

    def vocabulary(self, model: BackboneModel) -> Vocabulary:
        """Made for a model, and not put in yet."""
        tokenizer = read_tokenizer(self.tokenizer)
        if self.trained:
            return read(model, self.rows / rows_file(self.name), tokenizer)
        start = read_rows(self.rows)
        return made(model, start.rows, start.bias, tokenizer, start.output)


def rows_file(name: str) -> str:
    """Where a stage keeps the rows that it trained.

    >>> rows_file("amh:text")
    'rows.amh.text.safetensors'
    """
    return f"rows.{name.replace(':', '.')}.safetensors"


def own_vocabularies(inputs: Mapping[str, Path], key: str = "") -> Iterator[Own]:
    """Those that a stage was given: each tokenizer that reads text, but the backbone's, with its rows.

    Of rows that several task models have each their own of, those of the one for `key`.
    """
    for fact, folder in inputs.items():
        owner, _, served = fact.removeprefix(TOKENIZER).partition(":")
        if fact.startswith(TOKENIZER) and "text" in served.split("+"):
            channels = tuple(served.split("+"))
            rows, trained = _rows_of(inputs, owner, channels, key)
            yield Own(owner, channels, folder, rows, trained)


def _rows_of(inputs: Mapping[str, Path], owner: str, channels: tuple[str, ...], key: str) -> tuple[Path, bool]:
    """The folder of the rows, as the last stage that trained them left them or as they were begun."""
    names = {f"{EMBEDDING}{channel}" for channel in channels}
    facts = [f"artefact {EMBEDDING}{owner}:{channel}" for channel in channels]
    begun = [inputs[fact] for fact in facts if fact in inputs]
    trained = [
        folder
        for scope in scopes_of(owner, key)
        for fact, folder in inputs.items()
        if part_of_fact(fact, scope) in names
    ]
    assert begun or trained, f"no rows for the tokenizer of {owner}: the plan sees to it that there are"
    return (trained[-1], True) if trained else (begun[0], False)


def scopes_of(owner: str, key: str = "") -> tuple[str, ...]:
    """The scopes of parts that belong to a language or to all; what the task model for a key has of them comes last.

    >>> scopes_of("amh"), scopes_of("shared", "eng")
    (('language:amh',), ('shared', 'source:eng', 'target:eng'))
    """
    of_key = (f"source:{key}", f"target:{key}") if key else ()
    return (SHARED, *of_key) if owner == SHARED else (f"language:{owner}",)


def part_of_fact(fact: str, scope: str) -> str:
    """The name of a part of this scope, without the steps that it has gone: `embedding:text`."""
    name, _, own = fact.removeprefix("parts ").partition("@")
    return name.split("/")[0] if fact.startswith("parts ") and own == scope else ""


def serving(names: Iterable[str], language: str, channel: str = "text") -> str | None:
    """The name of the vocabulary that reads a language's channel: its own, or one that all share.

    >>> serving(["amh:text+latin", "shared:phonemes"], "amh", "latin")
    'amh:text+latin'
    >>> serving(["amh:text", "shared:phonemes"], "eng", "phonemes")
    'shared:phonemes'
    """
    readers = [name for name in names if channel in name.partition(":")[2].split("+")]
    return next((name for owner in (language, SHARED) for name in readers if name.partition(":")[0] == owner), None)
