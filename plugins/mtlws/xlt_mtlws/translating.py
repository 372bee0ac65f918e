"""The work of the translator that asks a pretrained model."""

from __future__ import annotations

from collections.abc import Sequence

import transformers

from xlt_core.bitext.pairs import TOLD, Pair, labelled, told, untranslated, write_translation
from xlt_core.data.fingerprint import fingerprint
from xlt_core.engine.device import prepare
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_mtlws.bitext import Seq2Seq
from xlt_mtlws.cutting import cut, joined
from xlt_mtlws.hub_model import model_folder
from xlt_mtlws.remembered import Remembered
from xlt_mtlws.translation_model import FLAG, TranslationModel, batches


def seq2seq(job: Job) -> None:
    """The work of the translator `mtlws.seq2seq`. It computes in fp32, whatever the run trains in."""
    options, _ = job.part("translation", job.stage.part, job.stage.options)
    assert isinstance(options, Seq2Seq)
    source, target = job.stage.languages
    sources = labelled(job)
    texts = [joined(row.words, source) for row in sources]
    folder = model_folder(options.model, options.revision, FLAG, "--set translation=file")
    tool = {
        "part": job.stage.part, "version": options.version, "model": options.model, "beams": options.beams,
        "content": dict.fromkeys(options.outside(), fingerprint(f"folder:{folder}")) or folder.name,
        "transformers": transformers.__version__, "pair": [source, target],
    }  # fmt: skip
    known = Remembered(job.shared("mtlws.seq2seq"), tool)
    missing = known.missing(texts)
    too_long = _fill(known, missing, TranslationModel(folder, source, target, options.beams, prepare(job.settings)),
                     options.batch_tokens, job) if missing else []  # fmt: skip
    targets = [cut(known[text], target, options.cut) if text not in too_long else () for text in texts]
    write_translation(job, sources, targets)
    off = list(untranslated([Pair(row.id, row.words, words) for row, words in zip(sources, targets, strict=True)]))
    told(job, {
        "sentences": len(sources), "from_memory": len(set(texts)) - len(missing), "too_long": len(too_long),
        "untranslated": len(off), "untranslated_lines": off[:TOLD],
    })  # fmt: skip
    if sources and len(off) == len(sources):
        raise RunError("The model translated nothing.", [Problem(f"{len(off)} sentences came back empty or unchanged")])


def _fill(known: Remembered, texts: Sequence[str], model: TranslationModel, budget: int, job: Job) -> set[str]:
    """Translate what isn't known, texts of like length together; those too long for the model are told, not cut."""
    lengths = model.lengths(texts)
    order = sorted(range(len(texts)), key=lambda at: (lengths[at], texts[at]))
    fitting = [at for at in order if lengths[at] <= model.limit]
    done = 0
    for batch in batches(fitting, lengths, budget):
        asked = [texts[at] for at in batch]
        known.add(dict(zip(asked, model.translate(asked), strict=True)))
        done += len(batch)
        job.report({"kind": "translated", "done": done, "of": len(fitting)})
    return {texts[at] for at in order[len(fitting) :]}
