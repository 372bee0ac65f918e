"""Data sets and the mini world's sentences, as a person reads them."""

from __future__ import annotations

from itertools import islice
from typing import Any

from xlt_core.catalog import load_object
from xlt_core.data.checksums import known_sums
from xlt_core.data.sets import DataSet, MiniSet
from xlt_core.languages import language as language_named
from xlt_core.mini.meaning import Split
from xlt_core.report.tables import table

MOVES = "{}: what is there when it is fetched; a run writes the commit into its scores.json, under `fetched`"


def about(entry: Any) -> dict[str, Any]:
    """What a data set's entry says of it."""
    held = load_object(entry.card.declares)
    told: dict[str, Any] = {"name": entry.name, "summary": entry.card.summary}
    if isinstance(held, MiniSet):
        holds = f"labels ({', '.join(held.tasks)}), text, parallel, dictionary"
        codes = sorted(held.languages)
        return told | {
            "holds": holds, "languages": len(codes), "codes": codes, "licence": "made here", "access": "in the package",
        }  # fmt: skip
    assert isinstance(held, DataSet)
    kind, _, task = held.gives.partition(":")
    access = "by hand" if held.manual else "gated" if held.gated else "" if held.hub else "a folder"
    return told | {
        "holds": f"labels ({task})" if task else kind,
        "languages": len(held.languages) or "most",
        "codes": sorted(held.languages),
        "licence": held.licence,
        "access": access,
        "hub": held.hub,
        "revision": held.revision if held.hub else "",
        "follows": MOVES.format(held.revision) if held.hub and held.revision == "main" and not held.manual else "",
        "splits": list(held.splits) if task else [],
        "home": held.home,
        "folder": [f"--data {held.name}=FOLDER, or a FOLDER called {' or '.join((held.name, *held.folders))}"]
        if held.layouts
        else [],
        "files": list(dict.fromkeys(layout.pattern for layout in held.layouts)),
        "read by": list(dict.fromkeys(str(layout.reading.get("use", "auto")) for layout in held.layouts)),
        "checksums": f"SHA-256 of {len(sums)} files: --json lists them" if (sums := known_sums(held)) else "",
        "labels": [f"{old} → {new or 'left out'}" for old, new in held.rename.items()],
        "quirks": held.quirks,
    }


def checksums(entry: Any) -> dict[str, str]:
    """The checksums that its files are known by."""
    held = load_object(entry.card.declares)
    return dict(known_sums(held)) if isinstance(held, DataSet) else {}


def about_text(told: dict[str, Any]) -> str:
    lines = [f"{told['name']}: {told['summary']}", ""]
    named = [(key, value) for key, value in told.items() if key not in ("name", "summary") and value not in ("", [])]
    rows = [[key, ", ".join(value) if isinstance(value, list) else str(value)] for key, value in named]
    return "\n".join([*lines, table(rows)])


def interlinear(language: str, beside: str, split: Split, count: int, seed: int) -> list[dict[str, Any]]:
    """Sentences beside their translations: of every word its sound, its Latin letters, its labels and its links."""
    from xlt_core.mini.bitext import parallel
    from xlt_core.mini.lexicon import entries
    from xlt_core.mini.links import links
    from xlt_core.mini.sound import sound_of

    sound, english = sound_of(language), entries("eng")
    shown = []
    for row, other in islice(parallel(language, beside, split, count, seed), count):
        linked: dict[int, list[str]] = {}
        for one, two in links(row, other):
            linked.setdefault(one, []).append(other.words[two])
        words = []
        for at, word in enumerate(row.words):
            concept = row.of[at].partition("/")[2]
            gloss = " ".join(part.partition("/")[0] for part in english[concept].form().split()) if concept else ""
            words.append(
                {
                    "word": word,
                    "latin": sound.latin(word),
                    "ipa": sound.ipa(word),
                    "gloss": gloss or f"({row.upos[at].lower()})",
                    "upos": row.upos[at],
                    "ner": row.ner[at],
                    "aspect": row.labels.aspects[at],
                    "role": "V" if at == row.labels.predicate else row.labels.roles[at],
                    "beside": linked.get(at, []),
                }
            )
        shown.append(
            {
                "id": row.id, "language": language, "text": row.text, "beside": beside, "translation": other.text,
                "topic": row.labels.topic, "words": words,
            }
        )  # fmt: skip
    return shown


def interlinear_text(shown: dict[str, Any]) -> str:
    """One sentence; columns in which nothing stands are left out."""
    columns = ["word", "latin", "ipa", "gloss", "upos", "ner", "aspect", "role", "beside"]
    kept = [name for name in columns if any(word[name] not in ("O", []) for word in shown["words"])]
    rows = [
        [", ".join(word[name]) if name == "beside" else "" if word[name] == "O" else word[name] for name in kept]
        for word in shown["words"]
    ]
    heads = [shown["beside"] if name == "beside" else name for name in kept]
    names = {code: language_named(code).name for code in (shown["language"], shown["beside"])}
    topic = f"    topic: {shown['topic']}" if shown["topic"] else ""
    head = f"{shown['text']}\n{shown['translation']}\n{names[shown['language']]}, {names[shown['beside']]}{topic}\n"
    return head + table(rows, heads)
