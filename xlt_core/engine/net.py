"""A backbone with what a run has put on it: languages' vocabularies and adapters, a task's adapter and head."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from xlt_core.data.encode import Batch
from xlt_core.engine.batching import generator
from xlt_core.engine.channels import LanguageVectors, Reading, Tables, table_of
from xlt_core.engine.vocabularies import SHARED, own_vocabularies, rows_file, serving
from xlt_core.facts import Layer
from xlt_core.model.adapters import Adapter, LanguageAdapter, ParallelTaskAdapters, Stack, TaskAdapter
from xlt_core.model.architecture import at_path
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.codes import code_of, codes_of
from xlt_core.model.heads import DenseHead, Head, HeadSpec, head_of
from xlt_core.model.load import backbone_folder
from xlt_core.model.tables import looked_up
from xlt_core.model.tokens import speaking
from xlt_core.model.vocabulary import BACKBONE, Vocabularies, Vocabulary, save
from xlt_core.model.words import pool_words

BODY, HEAD, ABOUT = "body.safetensors", "head.safetensors", "head.json"
ADAPTER, TASK_ADAPTER, MLM_HEAD = "adapter", "task_adapter", "mlm_head.safetensors"


class Net(torch.nn.Module):
    """What a stage trains or reads. A part that is missing is simply not there.

    >>> net = assemble(job.inputs, ("amh",))             # doctest: +SKIP
    >>> net.states(batch, frozenset({"last"}))["last"]   # doctest: +SKIP
    """

    def __init__(self, backbone: BackboneModel) -> None:
        super().__init__()
        self.backbone = backbone
        self.languages = torch.nn.ModuleDict()
        self.rows = torch.nn.ModuleDict()
        """Of each vocabulary of a language's own what may be trained, by the vocabulary's name."""
        self.reading_as = Reading()
        self.tables = Tables()
        self.language_ids: LanguageVectors | None = None
        self.vocabularies: Vocabularies | None = None
        self.task: TaskAdapter | None = None
        self.head: Head | None = None
        self._readers: dict[tuple[int, str], tuple[Any, str | None, Any]] = {}
        self.owned = torch.nn.ModuleDict()
        """What losses have of their own, while they are minimised."""
        self.dropout = torch.nn.Dropout(getattr(backbone.config, "hidden_dropout_prob", 0.0) or 0.0)

    @property
    def channels(self) -> tuple[str, ...]:
        """What is summed in words beside their spelling."""
        return self.reading_as.channels

    def tokenizer_of(self, language: str, channel: str = "text") -> Any:
        """The tokenizer that reads a language's channel, its own or the backbone's, with the language's code in it."""
        return self._reader(language, channel)[0]

    def _reader(self, language: str, channel: str) -> tuple[Any, str | None]:
        """The tokenizer, and the code; None where no code is written."""
        made = self._made_for(language, channel)
        if (id(made), language) not in self._readers:  # the tokenizer is kept with them, so that its id stays its own
            own = speaking(made, language)
            self._readers[id(made), language] = (own, code_of(codes_of(own), language), made)
        return self._readers[id(made), language][:2]

    def _made_for(self, language: str, channel: str) -> Any:
        apart = serving(self.tables.tokenizers, language, channel)
        if apart is not None:
            return self.tables.tokenizers[apart]
        own = self.vocabulary_of(language, channel)
        return self.backbone.tokenizer if own is None or not self.vocabularies else self.vocabularies[own].tokenizer

    def vocabulary_of(self, language: str, channel: str = "text") -> str | None:
        """The name of the vocabulary that reads a language; None where that is the backbone's."""
        return serving(self.rows, language, channel)

    def vocabularies_of(self, language: str) -> tuple[str | None, ...]:
        """What tells a language's reader from others': the names of all that reads it, and its code where one is
        written."""
        names = [*self.rows, *self.tables.tokenizers]
        code = self._reader(language, "text")[1]
        return (*(serving(names, language, channel) for channel in ("text", *self.channels)), code)

    def add_vocabulary(self, name: str, vocabulary: Vocabulary) -> None:
        """Let the language or channel that the name says be read through this one from now on."""
        self.vocabularies = self.vocabularies or Vocabularies(self.backbone)
        self.vocabularies.keep(name, vocabulary)
        trainable = {key: table for key, table in vocabulary.tables.items() if isinstance(table, torch.nn.Parameter)}
        self.rows[name] = torch.nn.ParameterDict(trainable)

    @property
    def labels(self) -> tuple[str, ...]:
        return self.head.spec.labels if self.head is not None else ()

    def add_head(self, labels: Sequence[str] | HeadSpec, seed: int) -> None:
        """A new head: a linear layer from states to labels, or what its spec says."""
        spec = labels if isinstance(labels, HeadSpec) else HeadSpec(tuple(labels))
        self.head = head_of(self.backbone.width, spec, generator(seed, "head"))
        if isinstance(self.head, DenseHead):
            self.head.dropout.p = self.dropout.p

    def states(self, batch: Batch, layers: frozenset[Layer]) -> Mapping[Layer, torch.Tensor]:
        """Hidden states of some layers, with the adapters of the batch's language and of the task at work."""
        with self.at_work(batch.language), torch.no_grad() if self.frozen else nullcontext():
            return self.encoded(self.backbone, batch, layers)

    def encoded(
        self, model: BackboneModel | Stack, batch: Batch, layers: frozenset[Layer]
    ) -> Mapping[Layer, torch.Tensor]:
        """States of a batch as a model gives them, its pieces pooled to words first where that is its unit."""
        if batch.unit_of is None:
            return model.states(  # type: ignore[return-value]
                batch.ids, batch.attention, layers, places=batch.places, segments=batch.segments
            )
        vectors = self.summed(batch)
        return model.states(None, batch.attention, layers, vectors=vectors)  # type: ignore[return-value]

    def vectors(self, batch: Batch, channel: str = "text") -> torch.Tensor:
        """One channel of what enters the encoder for each unit, before positions are added."""
        with self.reading(batch.language):
            return self._channel(batch, channel)

    def summed(self, batch: Batch) -> torch.Tensor:
        """x = Σ_s v^s + l: the units of all channels and their language; the vocabulary must be in place."""
        vectors = self._channel(batch, "text")
        for channel in batch.streams:
            vectors = vectors + self._channel(batch, channel)
        return vectors if self.language_ids is None else vectors + self.language_ids(batch)

    def _channel(self, batch: Batch, channel: str) -> torch.Tensor:
        if channel == "text":
            return vectors_of(self.backbone, batch)
        ids, unit_of = batch.streams[channel]
        own = table_of(self.tables, batch.language, channel)
        table = self._words_of(batch.language, channel) if own is None else own
        return pool_words(looked_up(table, ids), unit_of, batch.attention.shape[1])

    def _words_of(self, language: str, channel: str) -> torch.Tensor:
        """The table of the vocabulary that reads a channel without one of its own."""
        name = self.vocabulary_of(language, channel)
        if self.vocabularies is None:
            return self.backbone.words.weight
        return self.vocabularies[name or BACKBONE].tables["words"]

    def word_rows(self, batch: Batch) -> torch.Tensor:
        """The vectors of all pieces that the text of a batch may have."""
        return self._words_of(batch.language, "text")

    def score(
        self, states: torch.Tensor, side: torch.Tensor | None = None, attention: torch.Tensor | None = None
    ) -> torch.Tensor:
        """The task's labels, for every unit."""
        assert self.head is not None, "a stage with a task has a head"
        return self.head.scores(self.dropout(states), side, attention)

    def answer(self, batch: Batch) -> torch.Tensor:
        """The task's labels for a batch, all in one."""
        return self.score(self.states(batch, frozenset({"last"}))["last"], batch.side, batch.attention)

    def vocabulary(self, batch: Batch, states: torch.Tensor) -> torch.Tensor:
        """The pieces, at some places of a batch."""
        with self.at_work(batch.language):
            return self.backbone.vocabulary_logits(states)

    def rebuilt(self, batch: Batch, states: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """What the decoder makes of a batch's encoder states, writing these ids."""
        with self.at_work(batch.language):
            return self.backbone.rebuilt(states, batch.attention, ids)

    def before_output(self, batch: Batch, states: torch.Tensor) -> torch.Tensor:
        """What meets the output matrix: states after the head's transform and the inverse of the language's adapter."""
        with self.at_work(batch.language):
            return self.backbone.before_output(states)

    def unchanged(self, batch: Batch, layers: frozenset[Layer]) -> Mapping[Layer, torch.Tensor]:
        """States of a batch's ids in a body that doesn't train, as it came: no adapters, its own table, no dropout."""
        assert not any(weight.requires_grad for weight in self.backbone.base.parameters()), "the body is trained"
        training = self.backbone.training
        self.backbone.eval()
        try:
            with torch.no_grad():
                return self._as_it_came(batch, layers)
        finally:
            self.backbone.train(training)

    def _as_it_came(self, batch: Batch, layers: frozenset[Layer]) -> Mapping[Layer, torch.Tensor]:
        if batch.unit_of is None:
            return self.encoded(self.backbone, batch, layers)
        return self.backbone.states(None, batch.attention, layers, vectors=vectors_of(self.backbone, batch))  # type: ignore[return-value]

    def reading(self, language: str) -> AbstractContextManager[object]:
        """The backbone with the vocabulary of a language in its place."""
        own = self.vocabulary_of(language)
        return nullcontext() if own is None or self.vocabularies is None else self.vocabularies.reading(own)

    @contextmanager
    def at_work(self, language: str, above: ParallelTaskAdapters | None = None) -> Iterator[BackboneModel | Stack]:
        """The backbone as it reads a language: its vocabulary, its adapter, and the task's or several side by side."""
        parts: list[Adapter | ParallelTaskAdapters] = []
        parts += [self.languages[language]] if language in self.languages else []  # type: ignore[list-item]
        parts += [part for part in (above or self.task,) if part is not None]
        with self.reading(language), Stack(self.backbone, parts) if parts else nullcontext(self.backbone) as model:
            yield model

    @property
    def frozen(self) -> bool:
        """Whether nothing beneath the head is trained; then it is run without gradients and without dropout."""
        beneath = (self.backbone, self.languages, self.rows, self.tables, self.language_ids, self.task)
        return not any(weight.requires_grad for part in beneath if part is not None for weight in part.parameters())

    def train(self, mode: bool = True) -> Net:
        super().train(mode)
        if mode and self.frozen:
            self.backbone.eval()
        return self

    @property
    def apart(self) -> bool:
        """Whether languages can't run together."""
        owners = {name.partition(":")[0] for name in (*self.rows, *self.tables.rows, *self.tables.tokenizers)}
        return len(self.languages) > 0 or bool(owners - {SHARED})

    def freeze_but(self, *trained: torch.nn.Module) -> None:
        """Leave these trainable and nothing else."""
        self.requires_grad_(False)
        for part in trained:
            part.requires_grad_(True)

    def mlm_head(self, language: str = "") -> dict[str, torch.nn.Parameter]:
        """What stands before the output matrix, and the output bias, by name; a language's own bias is with its rows.

        Of an architecture whose states meet the output matrix as they are, what of it is a bias.
        """
        shape, model = self.backbone.architecture, self.backbone.model
        if not shape.decoder:
            return {}
        out = at_path(model, shape.decoder)
        bias = at_path(model, shape.bias) if shape.bias else None
        tables = {id(table) for table in (self.backbone.words.weight, out.weight, out.bias, bias)}
        transform = at_path(model, shape.transform).named_parameters() if shape.transform else ()
        named = {name: weight for name, weight in transform if id(weight) not in tables}
        if isinstance(bias, torch.nn.Parameter) and self.vocabulary_of(language) is None:
            named["output_bias"] = bias
        return named

    # in and out of the store

    def save(self, folder: Path) -> None:
        """What is trainable now, part by part, and nothing else."""
        body = {name: weight for name, weight in self.backbone.model.named_parameters() if weight.requires_grad}
        head = {id(weight) for weight in self.mlm_head().values()}
        if any(id(weight) not in head for weight in body.values()):
            _write(folder / BODY, body)
        elif body:
            trained = {name: weight for name, weight in self.mlm_head().items() if weight.requires_grad}
            _write(folder / MLM_HEAD, trained)
        for name, rows in self.rows.items():
            if _trained(rows):
                assert self.vocabularies is not None
                save(self.vocabularies[name], folder / rows_file(name))
        self.tables.save(folder)
        if self.language_ids is not None and _trained(self.language_ids):
            self.language_ids.save(folder)
        for adapter in self.languages.values():
            if _trained(adapter):
                adapter.save(folder / ADAPTER)  # type: ignore[operator]
        if self.task is not None and _trained(self.task):
            self.task.save(folder / TASK_ADAPTER)
        if self.head is not None and _trained(self.head):
            _write(folder / HEAD, dict(self.head.named_parameters()))
            told = json.dumps(self.head.spec.told(), ensure_ascii=False)
            (folder / ABOUT).write_text(told, encoding="utf-8")

    def load_head(self, folder: Path) -> None:
        """The head that `save` left there: `net.load_head(folder)`, and `net.head.spec` says what it is."""
        self.add_head(HeadSpec.read(json.loads((folder / ABOUT).read_text(encoding="utf-8"))), 0)
        assert self.head is not None
        self.head.load_state_dict(load_file(folder / HEAD))


def vectors_of(backbone: BackboneModel, batch: Batch) -> torch.Tensor:
    """The vectors of a batch's units, from the table of the vocabulary."""
    if batch.unit_of is None:
        vectors: torch.Tensor = backbone.words(batch.ids)
        return vectors
    return pool_words(looked_up(backbone.words, batch.ids), batch.unit_of, batch.attention.shape[1])


def _trained(part: torch.nn.Module) -> bool:
    return any(weight.requires_grad for weight in part.parameters())


def _write(file: Path, weights: Mapping[str, torch.Tensor]) -> None:
    save_file({name: weight.detach().contiguous() for name, weight in weights.items()}, file)


def assemble(
    inputs: Mapping[str, Path], languages: Sequence[str], key: str = "", reading: Reading | None = None
) -> Net:
    """The backbone as it came, with the parts that the inputs name laid over it and beside it.

    Vocabularies are those of all languages whose tokenizers are named, adapters those of the languages given.
    `key` picks one of several task models: the source or target that it is for. `reading` says what is summed.
    """
    with ExitStack() as stack:
        net = Net(BackboneModel.load(backbone_folder(inputs["artefact tokenizer:backbone"], stack)))
    for folder in folders_of(inputs, "parts body/", key):
        net.backbone.model.load_state_dict(load_file(folder / BODY), strict=False)
    for own in own_vocabularies(inputs, key):
        net.add_vocabulary(own.name, own.vocabulary(net.backbone))
    net.reading_as = reading or Reading()
    net.tables = Tables.read(inputs, net.channels, key)
    for folder in folders_of(inputs, "parts language_ids", key) if net.reading_as.languages else ():
        net.language_ids = LanguageVectors.load(folder)
    for language in languages:
        for folder in folders_of(inputs, "parts adapter", language):
            net.languages[language] = LanguageAdapter.load(folder / ADAPTER)
    for folder in folders_of(inputs, "parts task_adapter:", key):
        net.task = TaskAdapter.load(folder / TASK_ADAPTER)
    for folder in folders_of(inputs, "parts head:", key):
        net.load_head(folder)
    return net


def folders_of(inputs: Mapping[str, Path], start: str, key: str) -> list[Path]:
    """The last stage that gave such a part: one for this key, or one for all."""
    every = {fact: folder for fact, folder in inputs.items() if fact.startswith(start)}
    own = [folder for fact, folder in every.items() if fact.endswith(f":{key}")]
    shared = [folder for fact, folder in every.items() if fact.endswith(("@shared", "@task"))]
    return (own or shared)[-1:]
