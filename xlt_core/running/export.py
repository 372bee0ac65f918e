"""A finished run's model as folders that other libraries read."""

from __future__ import annotations

import importlib.resources
import json
import tempfile
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from xlt_core.data.encode import SentenceReader, SubwordReader, reads_in
from xlt_core.engine.mixing import side_by_side
from xlt_core.engine.net import Net, assemble, folders_of
from xlt_core.engine.predict import weights_given
from xlt_core.errors import Problem, RefusedError, UsageError
from xlt_core.graph.job import Job
from xlt_core.graph.parts import Answering
from xlt_core.model.adapterhub import TaggingHead, UnsupportedFolder, write_adapter, write_head
from xlt_core.model.adapters import TaskAdapter
from xlt_core.model.heads import CrfHead, Head, mixed
from xlt_core.model.load import quiet
from xlt_core.permissions import as_new_files
from xlt_core.running.lent import Asking, Lent

PLAIN = {"span": "AutoModelForTokenClassification", "word": "AutoModelForTokenClassification"}
TOLERANCE = 1e-4
ABOUT, ROWS, HEAD = "export.json", "rows.safetensors", "head.safetensors"


@dataclass(frozen=True, slots=True)
class Member:
    """One of the task models that answer together."""

    key: str
    weight: float
    task: TaskAdapter | None
    head: Head


def export(lent: Lent, asking: Asking, out: Path) -> dict[str, Any]:
    """Write what answers for a target into a new folder, and say what it is."""
    if out.exists():
        problem = Problem(f"{out} is already there", "DIR", f"xlt export {lent.folder.path} {out}-2")
        raise UsageError("Nothing was written.", [problem])
    answering = _answering(lent, asking)
    job = lent.job(answering.predict, {**lent.given(answering), **_unasked(answering)}, out)
    _refuse_reading(job)
    quiet()
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as place:
        made = Path(place) / "made"
        made.mkdir()
        told = _written(job, made)
        about = {**told, "run": lent.plan.run["method"], "target": answering.predict.languages[0]}
        (made / "README.md").write_text(_readme(lent, about), encoding="utf-8")
        as_new_files(made)
        made.rename(out)
    return about


def _answering(lent: Lent, asking: Asking) -> Answering:
    """The prediction that is meant; no target needs be named where one model answers for all."""
    if asking.language is None:
        each = [lent.answering(replace(asking, language=target)) for target in lent.plan.run["targets"]]
        if len({tuple(one.given()) for one in each if not one.between}) == 1:
            return each[0]
    return lent.answering(asking)


def _unasked(answering: Answering) -> dict[str, Path]:
    """Places for what only a question has; no part of a model lies there."""
    return {stage.id: Path() for stage in (answering.labels, *answering.between)}


def _refuse_reading(job: Job) -> None:
    """Other libraries' models read one text in pieces."""
    unit, sums = reads_in(job.stage.details), job.stage.details.get("reads", {}).get("text", {}).get("sums", ["text"])
    rewritten = [fact for fact in job.inputs if fact.startswith("artefact rewritten:")]
    if unit == "word" or len(sums) > 1 or rewritten:
        read = "whole words" if unit == "word" else f"{', '.join(sums)} together" if len(sums) > 1 else "rewritten text"
        what = f"it reads {read}, and no other library's model does"
        raise RefusedError("This run can't be exported.", [Problem(what, job.stage.id, "xlt predict uses it as it is")])


def _written(job: Job, out: Path) -> dict[str, Any]:
    """A plain folder where one will do, else one with a loader."""
    assert job.task is not None
    members, net = _members(job)
    head = members[0].head
    if head.beside:
        what = f"its head reads {', '.join(head.spec.side)} beside the text, which plain text hasn't"
        raise RefusedError("This run can't be exported.", [Problem(what, job.stage.id)])
    bare = not net.languages and len(members) == 1 and members[0].task is None
    if bare and head.spec.kind == "softmax" and not head.spec.continued and job.task.unit in PLAIN:
        model = _plain(net, head, job.stage.languages[0])
        if model is not None:
            model.save_pretrained(out)
            net.tokenizer_of(job.stage.languages[0]).save_pretrained(out)
            return {"kind": "transformers", "class": PLAIN[job.task.unit], "labels": list(head.spec.labels),
                    "scheme": _scheme(job, head)}  # fmt: skip
    return _with_loader(job, net, members, out)


def _members(job: Job) -> tuple[list[Member], Net]:
    keys = list(job.stage.options["mix"])
    given = weights_given(job, keys)
    net = assemble(job.inputs, job.stage.languages, keys[0])
    if len(keys) == 1:
        assert net.head is not None
        return [Member(keys[0], 1.0, net.task, net.head)], net
    together = side_by_side(job.inputs, job.stage.languages, keys)
    if together is None:
        what = f"{', '.join(keys)} answer together, each with a whole model of its own"
        fix = "--set inference=each, in a run of its own, and --from KEY here"
        raise RefusedError("This run can't be exported.", [Problem(what, job.stage.id, fix)])
    members = []
    for key, task, head in zip(keys, together.tasks.adapters, together.heads, strict=True):
        assert isinstance(task, TaskAdapter) and isinstance(head, Head)
        members.append(Member(key, given[key], task, head))
    return members, net


# a plain folder


def _plain(net: Net, head: Head, language: str) -> Any | None:
    """transformers' own tagger with these weights; None where its answers aren't ours."""
    import transformers

    if not net.backbone.architecture.words:
        return None
    with net.reading(language):
        config = deepcopy(net.backbone.config)
        config.id2label, config.label2id = (
            dict(enumerate(head.spec.labels)),
            {n: i for i, n in enumerate(head.spec.labels)},
        )
        try:
            model = transformers.AutoModelForTokenClassification.from_config(config, dtype=torch.float32)
        except ValueError:  # it has no tagger of this kind of model
            return None
        classifier = getattr(model, "classifier", None)
        if not isinstance(classifier, torch.nn.Linear) or classifier.weight.shape != head.weight.shape:
            return None
        model.base_model.load_state_dict(net.backbone.base.state_dict(), strict=False)
        classifier.load_state_dict({"weight": head.weight.detach(), "bias": head.bias.detach()})
        model.eval()
        net.eval()
        ids = torch.arange(min(len(net.backbone.words.weight), 40)).reshape(2, -1)
        there = torch.ones_like(ids)
        with torch.inference_mode():
            ours = net.score(net.backbone.states(ids, there)["last"])
            theirs = model(input_ids=ids, attention_mask=there).logits
    return model if torch.allclose(ours, theirs, atol=TOLERANCE) else None


# a folder with a loader


def _with_loader(job: Job, net: Net, members: Sequence[Member], out: Path) -> dict[str, Any]:
    assert job.task is not None
    (language,), first = job.stage.languages, members[0]
    tokenizer = net.tokenizer_of(language)
    tokenizer.save_pretrained(out / "tokenizer")
    own = net.vocabulary_of(language)
    if own is not None and net.vocabularies is not None:
        save_file({"words": net.vocabularies[own].tables["words"].detach().clone()}, out / ROWS)
    names = {(f"task-{m.key}" if len(members) > 1 else "task"): m for m in members}
    try:
        if language in net.languages:
            write_adapter(net.languages[language], out / "language")  # type: ignore[arg-type]
        for name, member in names.items():
            _write_member(member, net, out / name)
    except UnsupportedFolder as error:
        raise RefusedError("This run can't be exported.", [Problem(str(error), job.stage.id)]) from None
    if isinstance(first.head, CrfHead):
        _mix_steps(members, [out / name for name in names])
    length = min(int(job.stage.options["max_length"]), job.backbone.positions)
    kind = SentenceReader if job.task.unit in ("sentence", "pair") else SubwordReader
    reader = kind(tokenizer, length)
    shape = net.backbone.architecture
    about = {
        "kind": "adapterhub" if language in net.languages or first.task is not None else "encoder and head",
        "backbone": _backbone(job, net, out), "members": {name: m.weight for name, m in names.items()},
        "unit": job.task.unit, "labels": list(first.head.spec.labels), "scheme": _scheme(job, first.head),
        "max_length": length, "too_long": job.stage.options["too_long"],
        "before": reader.before, "after": reader.after, "between": getattr(reader, "between", []),
        "second": getattr(reader, "second", 0) if shape.segments else 0, "pool": first.head.spec.pool,
        "encoder": shape.encoder, "layers": shape.layers, "feed_forward": shape.feed_forward,
        "embeddings": shape.embeddings,
    }  # fmt: skip
    (out / ABOUT).write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    loader = importlib.resources.files("xlt_core.model").joinpath("exported.py")
    (out / "load.py").write_text(loader.read_text(encoding="utf-8"), encoding="utf-8")
    return about


def _write_member(member: Member, net: Net, folder: Path) -> None:
    folder.mkdir()
    head, kind = member.head, net.backbone.architecture.kind
    if member.task is not None:
        write_adapter(member.task, folder)
        if head.spec.kind == "softmax" and not head.spec.continued:
            labels = {label: number for number, label in enumerate(head.spec.labels)}
            write_head(TaggingHead(member.task.name, kind, head, labels), folder)
    save_file({name: weight.detach().contiguous() for name, weight in head.state_dict().items()}, folder / HEAD)


def _mix_steps(members: Sequence[Member], folders: Sequence[Path]) -> None:
    """Of fields that answer together the steps between labels are mixed once; the first member carries them."""
    whole = mixed([member.head for member in members], [member.weight for member in members])
    own = {**members[0].head.state_dict(), **{k: v for k, v in whole.state_dict().items() if k.startswith("crf.")}}
    save_file({name: weight.detach().contiguous() for name, weight in own.items()}, folders[0] / HEAD)


def _backbone(job: Job, net: Net, out: Path) -> dict[str, Any]:
    """How the encoder is loaded: from the hub, where it is as it came from there, or from a folder beside."""
    trained = folders_of(job.inputs, "parts body/", str(job.stage.options["mix"][0]))
    kind, _, name = job.backbone.location.partition(":")
    pooler = {} if getattr(net.backbone.base, "pooler", "none") else {"add_pooling_layer": False}
    if not trained and kind == "hub":
        return {"pretrained_model_name_or_path": name, "revision": job.backbone.revision, **pooler}
    net.backbone.base.save_pretrained(out / "backbone")
    return {"pretrained_model_name_or_path": "backbone", **pooler}


def _scheme(job: Job, head: Head) -> str:
    assert job.task is not None
    return head.spec.scheme if job.task.unit == "span" else ""


def _readme(lent: Lent, about: dict[str, Any]) -> str:
    run, labels = lent.plan.run, ", ".join(about["labels"])
    head = (
        f"# {run['method']} on {run['backbone']}: {run['task']} for {about['target']}\n\n"
        f"Written by `xlt export`. Labels: {labels}.\n"
        + (f"Spans are written in {about['scheme'].upper()}.\n" if about["scheme"] else "") + "\n"
    )  # fmt: skip
    if about["kind"] == "transformers":
        return head + (
            "A folder of transformers. A word's label is the one of its first piece.\n\n```python\n"
            f"from transformers import AutoTokenizer, {about['class']}\n"
            f'model = {about["class"]}.from_pretrained("THIS FOLDER")\n'
            'tokenizer = AutoTokenizer.from_pretrained("THIS FOLDER")\n```\n'
        )
    text = (
        "`load.py` needs torch, transformers and safetensors, and nothing else:\n\n```python\n"
        'from load import load\nload("THIS FOLDER").label([["a", "list", "of", "words"]])\n```\n\n'
        "- `tokenizer/`: reads the language.\n"
        "- `task*/`: what each task model adds; `head.safetensors` is its linear layer.\n"
    )
    if about["kind"] == "adapterhub":
        text += "- `language/`, `task*/`: adapters in AdapterHub's format, which the library `adapters` loads, too.\n"
    if about["backbone"]["pretrained_model_name_or_path"] == "backbone":
        text += "- `backbone/`: the encoder, a folder of transformers.\n"
    else:
        text += f"- The encoder is {about['backbone']['pretrained_model_name_or_path']}, from the hub.\n"
    return head + text + "- `rows.safetensors`, where it is: the word vectors of the language's own tokenizer.\n"
