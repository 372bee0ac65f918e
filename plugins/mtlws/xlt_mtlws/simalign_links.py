"""Links by simalign, from the states of an encoder."""

from __future__ import annotations

from xlt_core.bitext.pairs import Pair, pairs_of, write_links
from xlt_core.engine.device import prepare
from xlt_core.errors import Problem, RunError, UnavailableError
from xlt_core.graph.job import Job
from xlt_core.model.load import check_folder, quiet
from xlt_mtlws.aligning import of_full, report_links
from xlt_mtlws.bitext import SimAlign
from xlt_mtlws.hub_model import model_folder
from xlt_mtlws.symmetry import Link

try:
    from simalign import SentenceAligner
except ImportError:
    fix = "pip install 'xlt-mtlws[simalign]', or --set alignment=NAME"
    raise UnavailableError("simalign isn't here.", [Problem("mtlws.simalign needs it", "alignment", fix)]) from None

LETTER = {"inter": "a", "itermax": "i", "mwmf": "m"}
"""What simalign calls its ways of matching."""


def simalign_links(job: Job) -> None:
    """The work of the aligner `mtlws.simalign`."""
    options, _ = job.part("alignment", job.stage.part, job.stage.options)
    assert isinstance(options, SimAlign)
    folder = model_folder(options.model, options.revision, "--set alignment.model", "--set alignment=NAME")
    check_folder(folder)
    quiet()
    device = str(prepare(job.settings))
    try:
        aligner = SentenceAligner(str(folder), "bpe", 0.0, LETTER[options.match], device, options.layer)
        rows = of_full(pairs_of(job), lambda pairs: [links_by(aligner, pair, options.match) for pair in pairs])
    except ValueError as error:
        raise RunError("simalign can't align these.", [Problem(str(error), job.stage.id)]) from error
    write_links(job.out, rows)
    report_links(job, rows)


def links_by(aligner: SentenceAligner, pair: Pair, match: str) -> list[Link]:
    """The links of one pair, by one way of matching."""
    found = aligner.get_word_aligns(list(pair.source), list(pair.target))[match]
    return [(int(one), int(other)) for one, other in found]
