"""Texts with opinions about named targets, in JSON or in XML, as words with the target's polarity for a type."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from xml.etree import ElementTree

from xlt_core.data.readers.columns import Numbered
from xlt_core.data.readers.source import Source
from xlt_core.data.records import Tagged
from xlt_core.slots.reading import Opinions, OpinionsXml

Token = tuple[int, int]
"""Where a word begins and ends in its text."""
POLARITIES = {"positive": "POS", "negative": "NEG", "neutral": "NEU"}


@dataclass(frozen=True, slots=True)
class Said:
    """A text and what it says: (begin, end, polarity) of each named target, in the order in which they are listed."""

    line: int
    id: str
    text: str
    targets: tuple[tuple[int, int, str], ...]
    parted: bool
    """Whether the text's words are parted by spaces, marks too."""

    @property
    def tokens(self) -> list[Token]:
        return spaced(self.text) if self.parted else cut(self.text)


def opinions(source: Source, options: Opinions) -> Iterator[Numbered]:
    """The work of the reader `opinions`."""
    for told in said_in(source):
        yield told.line, tagged(source, told, options)


def said_in(source: Source) -> Iterator[Said]:
    """What the objects of a JSON file say, those that can't be read left out."""
    for place, (line, item) in enumerate(items(source), 1):
        told = _said(source, line, place, item)
        if told is not None:
            yield told


def opinions_xml(source: Source, options: OpinionsXml) -> Iterator[Numbered]:
    """The work of the reader `opinions_xml`."""
    parser: ElementTree.XMLPullParser[Any] = ElementTree.XMLPullParser(["end"])
    count = 0
    try:
        for line, text in source.lines():
            parser.feed(text + "\n")
            for event in parser.read_events():
                _, element = cast(tuple[str, ElementTree.Element], event)
                if element.tag == "sentence":
                    count += 1
                    said = _from_xml(source, line, count, element)
                    if said is not None:
                        yield line, tagged(source, said, options)
                    element.clear()
        parser.close()
    except ElementTree.ParseError as error:
        source.mistake(error.position[0], f"this is no XML: {error}")


def items(source: Source) -> Iterator[tuple[int, Any]]:
    """The members of one JSON list, or of a file with one JSON object a line."""
    lines = list(source.lines())
    text = "\n".join(line for _, line in lines)
    if not text.lstrip().startswith("["):
        for number, line in lines:
            if line.strip():
                try:
                    yield number, json.loads(line)
                except ValueError as error:
                    source.mistake(number, f"this line is no JSON: {error}")
        return
    try:
        listed = json.loads(text)
    except json.JSONDecodeError as error:
        source.mistake(error.lineno, f"this is no JSON: {error.msg}")
        return
    except RecursionError:
        source.mistake(0, "this JSON is nested too deeply")
        return
    yield from ((0, item) for item in listed)


def _said(source: Source, line: int, place: int, item: Any) -> Said | None:
    """What one JSON object says; its targets stand under `opinions` or `targets`."""
    name = str(item.get("sent_id", item.get("id", place))) if isinstance(item, dict) else str(place)
    try:
        text, listed = item["text"], item["opinions"] if "opinions" in item else item["targets"]
        found = [target for own in listed for target in _places(source, line, name, own)]
        if not isinstance(text, str) or not all(0 <= a < b <= len(text) for a, b, _ in found):
            raise ValueError("a target's place isn't in the text")
    except (TypeError, KeyError, ValueError, AttributeError, IndexError) as error:
        source.mistake(line, f"item {name} isn't a text with its opinions ({type(error).__name__}: {error})")
        return None
    return Said(line, name, text, tuple(found), parted="opinions" in item)


def _places(source: Source, line: int, name: str, own: Mapping[str, Any]) -> Iterator[tuple[int, int, str]]:
    """The stretches of one opinion's target: none where it is implicit, several where it is discontinuous."""
    if "location" in own:
        yield int(own["location"]["begin"]), int(own["location"]["end"]), polarity_of(own["sentiment"])
        return
    if "Target" not in own:
        if own.get("target", "") not in ("NULL", None):
            yield int(own["from"]), int(own["to"]), polarity_of(own["polarity"])
        return
    stretches = own["Target"][1]
    if own["Polarity"] is None:
        source.remark(line, f"item {name}: an opinion without a polarity is left out")
        return
    if len(stretches) > 1:
        source.remark(line, f"item {name}: a target in {len(stretches)} stretches counts as so many targets")
    for stretch in stretches:
        begin, _, end = stretch.partition(":")
        yield int(begin), int(end), polarity_of(own["Polarity"])


def _from_xml(source: Source, line: int, count: int, element: ElementTree.Element) -> Said | None:
    name = element.get("id") or str(count)
    text = element.findtext("text")
    try:
        if text is None:
            raise ValueError("it has no text")
        found = [
            (int(own.attrib["from"]), int(own.attrib["to"]), polarity_of(own.attrib["polarity"]))
            for own in (*element.iter("Opinion"), *element.iter("aspectTerm"))
            if own.get("target", own.get("term")) not in ("NULL", None)
        ]
        if not all(0 <= begin < end <= len(text) for begin, end, _ in found):
            raise ValueError("a target's place isn't in the text")
    except (KeyError, ValueError) as error:
        source.mistake(line, f"sentence {name} can't be read ({type(error).__name__}: {error})")
        return None
    return Said(line, name, text, tuple(found), parted=False)


def polarity_of(said: str) -> str:
    return POLARITIES.get(said.lower(), said.upper())


def tagged(source: Source, said: Said, options: Opinions) -> Tagged:
    """The words of a text, those of its targets tagged with their polarity."""
    tokens = said.tokens
    words = tuple(said.text[begin:end] for begin, end in tokens)
    tags = ["O"] * len(tokens)
    for begin, end, polarity in _settled(said.targets, options):
        inside = [place for place, (first, last) in enumerate(tokens) if first < end and begin < last]
        if not inside:
            source.remark(said.line, f"item {said.id}: the target at {begin} to {end} has no word: left out")
            continue
        if any(tags[place] != "O" for place in inside):
            source.remark(said.line, f"item {said.id}: `{said.text[begin:end]}` overlaps another target: left out")
            continue
        if tokens[inside[0]][0] != begin or tokens[inside[-1]][1] != end:
            source.remark(said.line, f"item {said.id}: `{said.text[begin:end]}` ends inside a word: the word counts")
        for place in inside:
            tags[place] = f"{'I' if place > inside[0] else 'B'}-{polarity}"
    return Tagged(said.id, source.language, words, tuple(tags))


def _settled(targets: Iterable[tuple[int, int, str]], options: Opinions) -> Iterator[tuple[int, int, str]]:
    """Each target once, with the polarity that it is listed with most often; the longer of two that overlap first."""
    listed: dict[tuple[int, int], list[str]] = {}
    for begin, end, polarity in targets:
        listed.setdefault((begin, end), []).append(polarity)
    for begin, end in sorted(listed, key=lambda place: (place[0] - place[1], place[0])):
        own = listed[begin, end]
        most = max(own.count(polarity) for polarity in own)
        winners = list(dict.fromkeys(polarity for polarity in own if own.count(polarity) == most))
        if len(winners) == 1 or options.ties == "first_listed":
            yield begin, end, winners[0]


def spaced(text: str) -> list[Token]:
    """Words between spaces.

    >>> spaced("Tot excel·lent .")
    [(0, 3), (4, 14), (15, 16)]
    """
    found, begin = [], -1
    for place, sign in enumerate(text + " "):
        if sign.isspace():
            if begin >= 0:
                found.append((begin, place))
            begin = -1
        elif begin < 0:
            begin = place
    return found


def cut(text: str) -> list[Token]:
    """Words of running text: letters, marks and digits together, an apostrophe inside a word too, all else alone.

    >>> [("It's good/bad.")[begin:end] for begin, end in cut("It's good/bad.")]
    ["It's", 'good', '/', 'bad', '.']
    """
    found: list[Token] = []
    for begin, end in spaced(text):
        start = begin
        for place in range(begin, end):
            inner = text[place] in "'’" and begin < place < end - 1 and _of_word(text[place - 1], text[place + 1])
            if not inner and not _of_word(text[place]):
                if start < place:
                    found.append((start, place))
                found.append((place, place + 1))
                start = place + 1
        if start < end:
            found.append((start, end))
    return found


def _of_word(*signs: str) -> bool:
    return all(unicodedata.category(sign)[0] in "LMN" for sign in signs)
