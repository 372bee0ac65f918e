"""Links by eflomal, which is under the GPL and so comes only where it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from xlt_core.bitext.pairs import Pair, pairs_of, write_links
from xlt_core.errors import Problem, UnavailableError
from xlt_core.graph.job import Job
from xlt_mtlws.aligning import of_full, report_links
from xlt_mtlws.bitext import Eflomal
from xlt_mtlws.symmetry import Link, symmetric

try:
    import eflomal
except ImportError:
    fix = "pip install 'xlt-mtlws[eflomal]' (it is compiled: a C compiler is needed), or --set alignment=NAME"
    raise UnavailableError("eflomal isn't here.", [Problem("mtlws.eflomal needs it", "alignment", fix)]) from None


def eflomal_links(job: Job) -> None:
    """The work of the aligner `mtlws.eflomal`."""
    options, _ = job.part("alignment", job.stage.part, job.stage.options)
    assert isinstance(options, Eflomal)
    rows = of_full(pairs_of(job), lambda pairs: links_of(pairs, options.symmetrise))
    write_links(job.out, rows)
    report_links(job, rows)


def links_of(pairs: Sequence[Pair], how: str) -> list[list[Link]]:
    """Both directions made one; no side of a pair may be empty."""
    with TemporaryDirectory(prefix="xlt-") as folder:
        forward, backward = Path(folder, "forward"), Path(folder, "reverse")
        sides = [[_line(words) for words in side] for side in zip(*((p.source, p.target) for p in pairs), strict=True)]
        eflomal.Aligner().align(*sides, links_filename_fwd=str(forward), links_filename_rev=str(backward))
        both = zip(_read(forward), _read(backward), strict=True)
        return [symmetric(one, other, how) for one, other in both]


def _line(words: Sequence[str]) -> str:
    """Words parted by spaces, and by nothing else."""
    return " ".join("_".join(word.split()) for word in words) + "\n"


def _read(file: Path) -> list[list[Link]]:
    """Links as eflomal writes them: source-target in either direction."""
    lines = file.read_text(encoding="utf-8").split("\n")[:-1]
    return [[(int(a), int(b)) for a, _, b in (text.partition("-") for text in line.split())] for line in lines]
