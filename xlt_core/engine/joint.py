"""The work of joint adaptations: the whole body learns from the texts and translations of many languages at once.

A language with a vocabulary of its own is read through it, and its rows are trained along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from xlt_core.data.encode import Piece
from xlt_core.data.mix import power_of, shares
from xlt_core.data.records import PAIRS, TEXT
from xlt_core.data.rows import Chain, Mixture, RowReader, Translations
from xlt_core.data.samples import SAMPLES
from xlt_core.engine.batching import epoch_batches
from xlt_core.engine.course import learn
from xlt_core.engine.device import Machine
from xlt_core.engine.net import Net, assemble
from xlt_core.engine.terms import stage_options
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.slots.losses import Loss
from xlt_core.slots.schedule import Pretrain, Stream

Sources = Mapping[str, Sequence[Piece]]
"""Rows by language, or by the two languages of translations."""
Read = Callable[[Job, Net, Pretrain], Sources]


def pretrain(job: Job) -> None:
    """Train the whole body on a mix of streams and languages; the last weights are kept."""
    options = stage_options(job, "adaptation")
    assert isinstance(options, Pretrain) and job.stage.seed is not None
    _refuse_half_fed(job, options)
    net = assemble(job.inputs, ())
    if options.restart and not net.backbone.architecture.places:
        what = f"{job.backbone.name} counts positions itself, and they can't begin anew with a sentence"
        raise RunError("Adaptation can't begin.", [Problem(what, job.stage.id, "--set adaptation.restart=false")])
    net.freeze_but(net.backbone, net.rows)
    read: dict[Stream, Read] = {"unlabelled": texts, "parallel": translations}
    streams = {name: read[name](job, net, options) for name in options.streams}
    rows = mixed(streams, options, job.stage.seed)
    learn(job, net, rows, options, Machine.of(job.settings), order=epoch_batches)  # the rows are a mix already
    net.save(job.out)


def mixed(streams: Mapping[Stream, Sources], options: Pretrain, seed: int) -> Mixture:
    """Rows of all streams: each stream has its share, within it languages are drawn as the mix says."""
    sources: list[Sequence[Piece]] = []
    parts: list[float] = []
    power = power_of(options.mix, options.power)
    for name, found in streams.items():
        sources += found.values()
        own = options.streams[name] / sum(options.streams[other] for other in streams)
        parts += [own * share for share in shares([len(rows) for rows in found.values()], power)]
    return Mixture(sources, parts, seed)


def _reader(job: Job, net: Net, options: Pretrain, language: str) -> RowReader:
    """What reads a language: its own tokenizer, where it has one."""
    length = min(options.max_length, job.backbone.positions)
    return RowReader(net.tokenizer_of(language), length, options.restart, job.unfinished)


def texts(job: Job, net: Net, options: Pretrain) -> Sources:
    """Each language's text in rows."""
    found: dict[str, Sequence[Piece]] = {}
    for language in job.stage.languages:
        reader = _reader(job, net, options, language)
        lines = _text_of(job, language, options.samples)
        found[language] = reader.text(lines, language, packed=options.packing == "rows")
    if empty := [language for language, rows in found.items() if not rows]:
        what, fix = f"the text of {', '.join(empty)} is empty", f"--resource text:{empty[0]}=FILE"
        raise RunError("Adaptation can't begin.", [Problem(what, job.stage.id, fix)])
    return found


def _text_of(job: Job, language: str, most: int | None) -> Iterator[str]:
    for fact, name in ((f"artefact samples:{language}", SAMPLES), (f"resource text:{language}", TEXT)):
        for folder in job.inputs_named(fact).values():
            return islice(_lines(folder / name), most)
    raise AssertionError("a joint adaptation reads a text of each of its languages")


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8") as lines:
        yield from (line.rstrip("\n") for line in lines if line.strip())


def translations(job: Job, net: Net, options: Pretrain) -> Sources:
    """Sentences joined with their translations, by the two languages in their order; one tokenizer reads them all."""
    reader = _reader(job, net, options, job.stage.languages[0])
    found: dict[str, Sequence[Piece]] = {}
    for fact, folder in job.inputs_named("resource parallel:").items():
        languages = fact.rpartition(":")[2].split("-")
        rows = Table(job.stage.id, folder / PAIRS, len(languages))
        for pair, joined in Translations(reader, languages, rows).pairs().items():
            found[pair] = joined if pair not in found else Chain([found[pair], joined])
    if not found:
        what, fix = "no sentence has a translation", f"--resource parallel:{options.parallel[0]}=FILE"
        raise RunError("Adaptation can't begin.", [Problem(what, job.stage.id, fix)])
    return found


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table of translations, a column for each language; each time it is gone through it is read."""

    stage: str
    file: Path
    columns: int

    def __iter__(self) -> Iterator[list[str]]:
        for number, line in enumerate(_lines(self.file), 1):
            row = line.split("\t")
            if len(row) != self.columns:
                what = f"a row holds one sentence in each of {self.columns} languages"
                what += f", and row {number} has {len(row)} cells"
                fix = "a tab between two languages; where one is missing, nothing between two tabs"
                raise RunError("These translations can't be read.", [Problem(what, self.stage, fix)])
            yield row


def _refuse_half_fed(job: Job, options: Pretrain) -> None:
    """A loss that can't stand on all the rows of a batch would read some that it doesn't know."""
    for name, told in job.stage.options["losses"].items():
        loss, _ = job.part("loss", told["use"], told)
        assert isinstance(loss, Loss)
        if lacking := set(options.streams) - loss.streams:
            what = f"loss {name} can't stand on {', '.join(sorted(lacking))} rows, which are mixed with the others"
            raise RunError("Adaptation can't begin.", [Problem(what, job.stage.id, "another loss, or fewer streams")])
