"""AdapterHub's folders, in and out: adapters that others trained, and ours for others.

A folder holds `adapter_config.json` and `pytorch_adapter.bin`, or `head_config.json` and `pytorch_model_head.bin`, or
all four. What is written has the names and fields of the `adapters` library, which loads it with `load_adapter`.
"""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import torch
from torch import nn

from xlt_core.model.adapters import ACTIVATIONS, Adapter, AdapterShape
from xlt_core.model.architecture import at_path
from xlt_core.model.backbone import BackboneModel, NoSuchAbility

ADAPTER = ("adapter_config.json", "pytorch_adapter.bin")
HEAD = ("head_config.json", "pytorch_model_head.bin")
VERSION = "adapters.1.3.0"  # whose names and fields these are; files without a version are read as older ones

Made = TypeVar("Made", bound=Adapter)
Weights = dict[str, torch.Tensor]


class UnsupportedFolder(ValueError):
    """A folder that isn't AdapterHub's, or asks for what isn't built here; the message names the field."""


class Place(NamedTuple):
    """Where the library keeps a kind of model's adapters."""

    model_class: str
    body: str
    layer: str


_POST_NORM = "encoder.layer.{}.output"
PLACES = {
    "bert": Place("BertAdapterModel", "bert", _POST_NORM),
    "roberta": Place("RobertaAdapterModel", "roberta", _POST_NORM),
    "xlm-roberta": Place("XLMRobertaAdapterModel", "roberta", _POST_NORM),
    "gpt2": Place("GPT2AdapterModel", "transformer", "h.{}.output_adapters"),
}
REQUIRED: dict[str, Any] = {"mh_adapter": False, "output_adapter": True, "original_ln_before": True}
"""Fields that must be there and have this value."""
FIXED: dict[str, Any] = {
    "adapter_residual_before_ln": False, "cross_adapter": False, "dropout": 0.0, "is_parallel": False,
    "ln_after": False, "ln_before": False, "original_ln_after": True, "phm_layer": False,
    "residual_before_ln": True, "scaling": 1.0, "stochastic_depth": 0.0, "use_gating": False,
}  # fmt: skip
"""Fields that must have this value where they are there; it is also what the library takes them to be."""
IDLE: dict[str, Any] = {
    "factorized_phm_W": True, "factorized_phm_rule": False, "hypercomplex_nonlinearity": "glorot-uniform",
    "init_weights": "bert", "init_weights_seed": None, "learn_phm": True, "phm_bias": True, "phm_c_init": "normal",
    "phm_dim": 4, "phm_init_range": 0.0001, "phm_rank": 1, "shared_W_phm": False, "shared_phm_rule": True,
}  # fmt: skip
"""Fields that change nothing in an adapter that is made already and has no phm layers."""
READ = ("reduction_factor", "non_linearity", "leave_out", "inv_adapter", "inv_adapter_reduction_factor")
OLD_ACTIVATIONS = {"gelu": "gelu_new", "gelu_orig": "gelu"}


def read_adapter(kind: type[Made], folder: Path, model: BackboneModel) -> Made:
    """The adapter in a folder, for a model of the kind that it was trained in.

    >>> read_adapter(LanguageAdapter, folder, model)  # doctest: +SKIP
    """
    about, weights = _read(folder, ADAPTER)
    for field, here in (("model_type", model.architecture.kind), ("hidden_size", model.width)):
        if about[field] != here:
            raise _unsupported(folder, field, about[field], f"{json.dumps(here)}, which is this model's")
    adapter = kind(about["name"], _shape(about, model, folder), torch.Generator())
    keys, body = _keys(adapter), _place(about["model_type"]).body
    found = {_new_name(name, body): value for name, value in weights.items()}
    _match(folder, found, keys)
    adapter.load_state_dict({keys[name]: value for name, value in found.items()}, assign=True)
    return adapter


def write_adapter(adapter: Adapter, folder: Path) -> None:
    """The adapter as the `adapters` library would have saved it."""
    shape, keys = adapter.shape, _keys(adapter)
    invertible = shape.inverse_reduction is not None
    reduction = dict(shape.reduction) if isinstance(shape.reduction, Mapping) else shape.reduction
    values = (reduction, shape.activation, list(shape.leave_out), "nice" if invertible else None)
    config = {**REQUIRED, **FIXED, **IDLE, **dict(zip(READ, (*values, shape.inverse_reduction), strict=True))}
    state = adapter.state_dict()
    weights = {theirs: state[ours].detach().cpu().contiguous() for theirs, ours in keys.items()}
    _write(folder, ADAPTER, config, weights, adapter.name, shape.backbone, shape.width)


def _match(folder: Path, found: Iterable[str], wanted: Iterable[str]) -> None:
    missing, unknown = sorted({*wanted} - {*found}), sorted({*found} - {*wanted})
    if missing or unknown:
        raise UnsupportedFolder(f"{folder}: weights that are missing {missing[:3]}, that aren't known {unknown[:3]}")


def _new_name(name: str, body: str) -> str:
    """A weight's name as today's library writes it, from one of an older library or of a model without heads."""
    name = re.sub(r"(attention|layer)_text_(task|lang)_adapters", "adapters", name)
    name = name.replace("invertible_lang_adapters", "invertible_adapters")
    return name if name.startswith(f"{body}.") else f"{body}.{name}"


def _keys(adapter: Adapter) -> dict[str, str]:
    """The library's names of the weights, and ours."""
    place, name = _place(adapter.shape.backbone), adapter.name
    keys: dict[str, str] = {}
    for layer in adapter.shape.acting:
        at = f"{place.body}.{place.layer.format(layer)}.adapters.{name}"
        for theirs, ours in (("adapter_down.0", "down"), ("adapter_up", "up")):
            keys |= {f"{at}.{theirs}.{part}": f"layers.{layer}.{ours}.{part}" for part in ("weight", "bias")}
    for letter in ("F", "G") if adapter.invertible is not None else ():
        at = f"{place.body}.invertible_adapters.{name}.{letter}"
        for theirs, ours in (("0", "down"), ("2", "up")):
            own = f"invertible.{letter.lower()}.{ours}"
            keys |= {f"{at}.{theirs}.{part}": f"{own}.{part}" for part in ("weight", "bias")}
    return keys


def _shape(about: Mapping[str, Any], model: BackboneModel, folder: Path) -> AdapterShape:
    config = about["config"]
    _check_fields(config, folder)
    activation = str(config.get("non_linearity")).lower()
    if "version" not in about:
        activation = OLD_ACTIVATIONS.get(activation, activation)
    if activation not in ACTIVATIONS:
        raise _unsupported(folder, "non_linearity", activation, ", ".join(ACTIVATIONS))
    old = config.get("invertible_adapter") or {}
    invertible = config.get("inv_adapter") or old.get("block_type")
    if invertible not in (None, "nice"):
        raise _unsupported(folder, "inv_adapter", invertible, "nice, or null")
    inverse = (config.get("inv_adapter_reduction_factor") or old.get("reduction_factor")) if invertible else None
    reduction, leave_out = config.get("reduction_factor"), tuple(config.get("leave_out", ()))
    by_layer = reduction if isinstance(reduction, dict) else {"default": reduction}
    without = {str(layer) for layer in range(len(model.layers)) if layer not in leave_out} - by_layer.keys()
    numbers = all(isinstance(number, int | float) and number > 0 for number in by_layer.values())
    if not numbers or (without and "default" not in by_layer):
        wanted = "a number, or one for each layer by its number, with a `default` for the rest"
        raise _unsupported(folder, "reduction_factor", reduction, wanted)
    chosen: dict[str, Any] = {"activation": activation, "leave_out": leave_out, "inverse_reduction": inverse}
    return AdapterShape.of(model, reduction=reduction, **chosen)


def _check_fields(config: Any, folder: Path) -> None:
    """Every field is one that is known, and has a value that is built here."""
    if not isinstance(config, dict):
        raise _unsupported(folder, "config", config, "all of its fields written out")
    for field, value in {"architecture": None, **FIXED, **REQUIRED}.items():
        given = config.get(field, None if field in REQUIRED else value)
        if given != value:
            raise _unsupported(folder, field, given, f"{json.dumps(value)}, as in seq_bn and seq_bn_inv")
    known = {*REQUIRED, *FIXED, *IDLE, *READ, "invertible_adapter", "architecture"}
    for field in sorted(config.keys() - known):
        raise _unsupported(folder, field, config[field], f"without it; known are {', '.join(sorted(known))}")


def _unsupported(folder: Path, field: str, value: Any, supported: str) -> UnsupportedFolder:
    return UnsupportedFolder(f"{folder}: `{field}` is {json.dumps(value)}; supported is {supported}")


def _place(kind: str) -> Place:
    if kind not in PLACES:
        raise UnsupportedFolder(f"AdapterHub's folders are read and written for {', '.join(PLACES)}, not for {kind}")
    return PLACES[kind]


@dataclass(frozen=True)
class TaggingHead:
    """A linear map from states to labels: `head.linear(states)`. Dropout before it is the business of who trains it."""

    name: str
    backbone: str
    linear: nn.Linear
    labels: dict[str, int] | None = None
    dropout: float | None = None  # the backbone's own


@dataclass(frozen=True)
class MaskedHead:
    """The weights that predict masked pieces: dense, GELU, LayerNorm, output matrix and bias.

    >>> read_head(folder).put_into(model)                        # doctest: +SKIP
    >>> write_head(MaskedHead.taken_from(model, "mlm"), folder)  # doctest: +SKIP
    """

    name: str
    backbone: str
    weights: Weights

    @classmethod
    def taken_from(cls, model: BackboneModel, name: str) -> MaskedHead:
        return cls(name, model.architecture.kind, {key: w.detach().clone() for key, w in _head_parts(model).items()})

    def put_into(self, model: BackboneModel) -> None:
        """Give the model this head. Its output matrix stays the table of the vocabulary where the two are equal."""
        parts = _head_parts(model)
        for key, weight in self.weights.items():
            if self.backbone != model.architecture.kind or parts[key].shape != weight.shape:
                here = f"{model.architecture.kind}'s is {list(parts[key].shape)}; vocabularies must be equal first"
                raise UnsupportedFolder(f"this head is {self.backbone}'s, its {key} {list(weight.shape)}, and {here}")
        decoder = at_path(model.model, model.architecture.decoder)
        if decoder.weight is model.words.weight and not torch.equal(decoder.weight, self.weights["3.weight"]):
            decoder.weight = nn.Parameter(decoder.weight.detach().clone())
            model.config.tie_word_embeddings = False  # else the next tying would take the matrix away again
        with torch.no_grad():
            for key, part in _head_parts(model).items():
                part.copy_(self.weights[key])


def _head_parts(model: BackboneModel) -> dict[str, nn.Parameter]:
    """The parts of a model's masked head, by the library's names."""
    shape = model.architecture
    if shape.head != "masked" or not model.has_head:
        raise NoSuchAbility(f"{shape.kind} was loaded without a head that predicts masked pieces, or has none")
    if shape.kind == "bert" and model.config.hidden_act != "gelu":
        raise NoSuchAbility(f"this model's head has {model.config.hidden_act} and AdapterHub's here has gelu")
    transform, decoder = at_path(model.model, shape.transform), at_path(model.model, shape.decoder)
    norm = transform.layer_norm if hasattr(transform, "layer_norm") else transform.LayerNorm
    return {
        "0.weight": transform.dense.weight, "0.bias": transform.dense.bias, "2.weight": norm.weight,
        "2.bias": norm.bias, "3.weight": decoder.weight, "3.bias": at_path(model.model, shape.bias),
    }  # fmt: skip


TAGGING = {"head_type": "tagging", "layers": 1}
MASKED = {"activation_function": "gelu", "bias": True, "head_type": "masked_lm", "label2id": None,
          "layer_norm": True, "layers": 2, "shift_labels": False}  # fmt: skip


def read_head(folder: Path) -> TaggingHead | MaskedHead:
    """The head in a folder: of a tagging task, or for masked pieces."""
    about, weights = _read(folder, HEAD)
    config, name, kind = about["config"], about["name"], about["model_type"]
    _place(kind)
    weights = {key.removeprefix(f"heads.{name}."): value for key, value in weights.items()}
    if config.get("head_type") == "tagging":
        _check_head(folder, config, TAGGING, {"activation_function", "dropout_prob", "label2id", "num_labels"})
        _match(folder, weights, ("1.weight", "1.bias"))
        linear = nn.Linear(about["hidden_size"], config["num_labels"], device="meta")
        linear.load_state_dict({key.removeprefix("1."): value for key, value in weights.items()}, assign=True)
        return TaggingHead(name, kind, linear, config["label2id"], config["dropout_prob"])
    _check_head(folder, config, MASKED, {"embedding_size", "vocab_size"})
    _match(folder, weights, [f"{number}.{part}" for number in (0, 2, 3) for part in ("weight", "bias")])
    return MaskedHead(name, kind, weights)


def _check_head(folder: Path, config: Mapping[str, Any], fixed: Mapping[str, Any], free: set[str]) -> None:
    for field, value in fixed.items():
        if config.get(field) != value:
            which = "tagging or masked_lm" if field == "head_type" else json.dumps(value)
            raise _unsupported(folder, field, config.get(field), which)
    for field in sorted(config.keys() - fixed.keys() - free):
        raise _unsupported(folder, field, config[field], f"without it; known are {', '.join(sorted({*fixed, *free}))}")


def write_head(head: TaggingHead | MaskedHead, folder: Path) -> None:
    """The head as the `adapters` library would have saved it."""
    if isinstance(head, TaggingHead):
        free = {"activation_function": "tanh", "dropout_prob": head.dropout, "label2id": head.labels}
        config = {**TAGGING, **free, "num_labels": head.linear.out_features}
        width, weights = head.linear.in_features, {f"1.{key}": value for key, value in head.linear.state_dict().items()}
    else:
        vocabulary, width = head.weights["3.weight"].shape
        config, weights = {**MASKED, "embedding_size": width, "vocab_size": vocabulary}, head.weights
    named = {f"heads.{head.name}.{key}": value.detach().cpu().contiguous() for key, value in weights.items()}
    _write(folder, HEAD, config, named, head.name, head.backbone, width)


def _read(folder: Path, files: tuple[str, str]) -> tuple[dict[str, Any], Weights]:
    """Description and weights; of the pickled file nothing but tensors is read."""
    for file in files:
        if not (folder / file).is_file():
            raise UnsupportedFolder(f"{folder} has no {file}, and one of AdapterHub's has {' and '.join(files)}")
    about: dict[str, Any] = json.loads((folder / files[0]).read_text(encoding="utf-8"))
    for field in ("name", "config", "model_type", "hidden_size"):
        if field not in about:
            raise _unsupported(folder, field, None, "as the library writes it")
    try:
        weights: Weights = torch.load(folder / files[1], map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UnsupportedFolder(f"{folder / files[1]} holds more than tensors, which isn't read") from error
    return about, weights


def _write(
    folder: Path, files: tuple[str, str], config: Mapping[str, Any], weights: Weights, name: str, kind: str, width: int
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    about = {"config": dict(config), "hidden_size": width, "model_class": _place(kind).model_class, "model_name": "",
             "model_type": kind, "name": name, "version": VERSION}  # fmt: skip
    (folder / files[0]).write_text(json.dumps(about, indent=2, sort_keys=True), encoding="utf-8")
    torch.save(weights, folder / files[1])
