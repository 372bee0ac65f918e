"""Files of opinions once more, with others: of each a target and its polarity, which is all that is answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from xlt_core.data.readers.again import json_like, rewritten, text_of
from xlt_core.data.readers.columns import Answers
from xlt_core.data.readers.opinions import POLARITIES, Token, cut, items, polarity_of, spaced
from xlt_core.data.readers.source import BOM, Source, opened
from xlt_core.data.schemes import spans_of
from xlt_core.slots.reading import Opinions, OpinionsXml

Target = tuple[int, int, str]
"""Where a target begins and ends in its text, and its polarity as a tag says it."""


def targets_of(tags: Sequence[str], tokens: Sequence[Token]) -> list[Target]:
    """The targets that tags mark."""
    return [(tokens[span.first][0], tokens[span.last][1], span.kind) for span in spans_of(tags)]


class _Polarities:
    """What a file calls polarities: as it does most often, or, of one that it hasn't, with a capital where the
    others have one."""

    def __init__(self, said: Iterable[str]) -> None:
        found: dict[str, Counter[str]] = {}
        for name in said:
            found.setdefault(polarity_of(name), Counter())[name] += 1
        self.known = {kind: names.most_common(1)[0][0] for kind, names in found.items()}
        self.capital = any(name[:1].isupper() for name in self.known.values())
        self.long = {kind: name for name, kind in POLARITIES.items()}

    def of(self, kind: str) -> str:
        name = self.long.get(kind, kind.lower())
        return self.known.get(kind) or (name.capitalize() if self.capital else name)


# JSON


def opinions_answered(source: Source, options: Opinions, answers: Answers) -> Iterator[bytes]:
    """Writes what `opinions` reads."""
    found = list(items(source))
    kinds = Counter(_kind(own) for _, item in found for own in item[_key(item)])
    named = (own.get(_SAID[_kind(own)]) for _, item in found for own in item[_key(item)])
    polarities = _Polarities(name for name in named if name is not None)
    usual = kinds.most_common(1)[0][0] if kinds else ""
    new = [_with_targets(item, tags, usual, polarities) for (_, item), tags in zip(found, answers, strict=True)]
    mark, text = text_of(source)
    if text.lstrip().startswith("["):
        tail = text[len(text.rstrip()) :]
        yield mark + (json_like(text, [item for _, item in found], new) + tail).encode()
        return
    by_line = {line: (item, other) for (line, item), other in zip(found, new, strict=True)}
    yield from rewritten(source, lambda n, line: json_like(line, *by_line[n]) if n in by_line else line)


_SAID = {"Target": "Polarity", "location": "sentiment", "from": "polarity"}
"""How an opinion says where its target is, and under which name it then has its polarity."""


def _key(item: Mapping[str, Any]) -> str:
    return "opinions" if "opinions" in item else "targets"


def _kind(own: Mapping[str, Any]) -> str:
    return next((name for name in ("location", "Target") if name in own), "from")


def _with_targets(item: Mapping[str, Any], tags: Sequence[str], usual: str, polarities: _Polarities) -> dict[str, Any]:
    key, text = _key(item), item["text"]
    tokens = spaced(text) if key == "opinions" else cut(text)
    kind = usual or ("Target" if key == "opinions" else "location")
    listed = [
        _opinion(kind, text[begin:end], begin, end, polarities.of(polarity))
        for begin, end, polarity in targets_of(tags, tokens)
    ]
    return {**item, key: listed}


def _opinion(kind: str, text: str, begin: int, end: int, polarity: str) -> dict[str, Any]:
    if kind == "location":
        return {"text": text, "location": {"begin": begin, "end": end}, "sentiment": polarity}
    if kind == "from":
        return {"target": text, "from": begin, "to": end, "polarity": polarity}
    nothing: list[list[str]] = [[], []]
    where = [[text], [f"{begin}:{end}"]]
    return {"Source": nothing, "Target": where, "Polar_expression": nothing, "Polarity": polarity}


# XML


@dataclass(slots=True)
class _Sentence:
    """Where a sentence ends in the file, and its opinions are; by bytes."""

    text: str = ""
    whole: bool = False
    """Whether its text is over, or holds an element: what follows that isn't read."""
    opinions: list[tuple[int, int]] = field(default_factory=list)
    end: int = 0


OPINIONS = {"Opinion": "Opinions", "aspectTerm": "aspectTerms"}
"""What one opinion is called, and what all of a sentence stand in."""


def opinions_xml_answered(source: Source, options: OpinionsXml, answers: Answers) -> Iterator[bytes]:
    """Writes what `opinions_xml` reads."""
    with opened(source.file) as stream:
        data = stream.read()
    mark, data = data[: len(BOM) * data.startswith(BOM)], data.removeprefix(BOM)
    found, one, polarities = _sentences(data)
    yield mark
    done = 0
    for sentence, tags in zip(found, answers, strict=True):
        text = sentence.text
        new = _xml(text, targets_of(tags, cut(text)), one, polarities)
        places = sentence.opinions or ([(sentence.end, sentence.end)] if new else [])
        for number, (begin, end) in enumerate(places):
            yield data[done:begin]
            inside = new or f"<{OPINIONS[one]}/>"
            yield inside.encode() if number == 0 else b""
            done = end
    yield data[done:]


def _xml(text: str, targets: Sequence[Target], one: str, polarities: _Polarities) -> str:
    name = "target" if one == "Opinion" else "term"
    listed = []
    for begin, end, kind in targets:
        target, polarity = quoteattr(text[begin:end]), quoteattr(polarities.of(kind))
        listed.append(f'<{one} {name}={target} polarity={polarity} from="{begin}" to="{end}"/>')
    return f"<{OPINIONS[one]}>{''.join(listed)}</{OPINIONS[one]}>" if listed else ""


def _sentences(data: bytes) -> tuple[list[_Sentence], str, _Polarities]:
    """The sentences of a file, what it calls an opinion, and how it calls polarities."""
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    found: list[_Sentence] = []
    path: list[str] = []
    said: list[str] = []
    names: Counter[str] = Counter()
    begun = 0

    def ours(name: str) -> bool:
        """Whether an element is opinions of a sentence, and not part of such."""
        around = {*path} & {*OPINIONS, *OPINIONS.values()}
        return "sentence" in path and not around and name in {*OPINIONS, *OPINIONS.values()}

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal begun
        if name == "sentence":
            found.append(_Sentence())
        if path[-2:] == ["sentence", "text"]:
            found[-1].whole = True
        if ours(name):
            begun = parser.CurrentByteIndex
        if name in OPINIONS and attributes.get("target", attributes.get("term")) not in ("NULL", None):
            names[name] += 1
            said.append(attributes["polarity"])
        path.append(name)

    def text(piece: str) -> None:
        if path[-2:] == ["sentence", "text"] and not found[-1].whole:
            found[-1].text += piece

    def end(name: str) -> None:
        path.pop()
        if ours(name):
            at = parser.CurrentByteIndex  # behind an element that is empty, and before the tag that ends another
            closed = data.startswith(f"</{name}".encode(), at)
            found[-1].opinions.append((begun, data.index(b">", at) + 1 if closed else at))
        elif path[-1:] == ["sentence"] and name == "text":
            found[-1].whole = True
        elif name == "sentence":
            found[-1].end = parser.CurrentByteIndex

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.Parse(data, True)
    return found, names.most_common(1)[0][0] if names else "Opinion", _Polarities(said)
