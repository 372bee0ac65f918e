"""The lexicon files: what can be meant (concepts) and how each language says it (entries)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a language's file: its forms (parted by "|" in the file) and its features."""

    forms: tuple[str, ...]
    features: dict[str, str]

    def form(self, index: int = 0) -> str:
        """The form asked for, or the last there is: a word that does not vary is written once."""
        return self.forms[min(index, len(self.forms) - 1)]

    def get(self, feature: str, default: str = "") -> str:
        return self.features.get(feature, default)


def _lines(name: str) -> list[tuple[str, str, str]]:
    """(section, key, value) of a lexicon file, in the order of the file."""
    text = resources.files(__package__).joinpath("lexicon", f"{name}.ini").read_text(encoding="utf-8")
    section, found = "", []
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section = line.strip("[]")
            continue
        key, _, value = line.partition("=")
        found.append((section, key.strip(), value.strip()))
    return found


@cache
def concepts() -> dict[str, tuple[str, ...]]:
    """Every concept ("noun.book") with its tags, in the order of the file."""
    return {f"{section}.{key}": tuple(value.split()) for section, key, value in _lines("concepts")}


@cache
def entries(language: str) -> dict[str, Entry]:
    """Every concept as one language says it."""
    found: dict[str, Entry] = {}
    for section, key, value in _lines(language):
        if section.startswith("as "):
            # These kinds of name are written as in the other language unless the file says otherwise.
            other = entries(section.removeprefix("as "))
            found |= {concept: entry for concept, entry in other.items() if concept.startswith(f"{key}.")}
            continue
        said, *features = [part.strip() for part in value.split(";")]
        pairs = (feature.partition("=") for feature in features)
        found[f"{section}.{key}"] = Entry(
            tuple(form.strip() for form in said.split("|")),
            {name.strip(): content.strip() for name, _, content in pairs},
        )
    return found
