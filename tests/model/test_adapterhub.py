"""AdapterHub's folders: its own numbers to 1e-5, the same files again, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from safetensors.torch import load_file  # noqa: E402

from xlt_core.model.adapterhub import (  # noqa: E402
    ADAPTER,
    HEAD,
    MaskedHead,
    TaggingHead,
    UnsupportedFolder,
    read_adapter,
    read_head,
    write_adapter,
    write_head,
)
from xlt_core.model.adapters import (  # noqa: E402
    AdapterShape,
    LanguageAdapter,
    ParallelTaskAdapters,
    Stack,
    TaskAdapter,
    batched_linear,
)
from xlt_core.model.backbone import BackboneModel, NoSuchAbility  # noqa: E402

GOLDEN = Path(__file__).parents[3] / "shared" / "golden" / "adapterhub"
KINDS = ("xlm-roberta", "bert")
golden = pytest.mark.skipif(not GOLDEN.is_dir(), reason=f"AdapterHub's own numbers aren't here: {GOLDEN}")


def base(kind: str) -> BackboneModel:
    """The golden base model in plain transformers classes, with a head of its own."""
    auto = transformers.AutoModelForMaskedLM
    model = auto.from_config(transformers.AutoConfig.from_pretrained(GOLDEN / kind))
    missing, unknown = model.load_state_dict(load_file(GOLDEN / kind / "base.safetensors"), strict=False)
    assert all("pooler" in name or "prompt_tuning" in name for name in unknown)
    assert all("position_ids" in name or name.startswith(("lm_head", "cls")) for name in missing)
    return BackboneModel(model).eval()


def expected(kind: str) -> dict[str, Any]:
    return dict(load_file(GOLDEN / kind / "expected.safetensors"))


def tagging(folder: Path) -> Any:
    head = read_head(folder)
    assert isinstance(head, TaggingHead)
    return head.linear


def furthest(got: Any, wanted: Any, attention: Any) -> float:
    """The largest difference at real positions."""
    return float((got - wanted)[attention.bool()].abs().max())


@golden
@pytest.mark.parametrize("kind", KINDS)
def test_language_adapter_gives_the_librarys_states_and_logits(kind: str) -> None:
    model, wanted = base(kind), expected(kind)
    ids, attention = wanted["input_ids"], wanted["attention_mask"]
    language = read_adapter(LanguageAdapter, GOLDEN / kind / "lang_x", model)
    head = read_head(GOLDEN / kind / "mlm_head")
    assert isinstance(head, MaskedHead)
    head.put_into(model)
    with torch.no_grad():
        assert furthest(model.states(ids, attention)["last"], wanted["plain.last_hidden"], attention) < 1e-5
        with Stack(model, [language]) as stack:
            states = stack.states(ids, attention, layers=(0, 1, 2, "last"))
            for layer in (0, 1, 2):
                assert furthest(states[layer], wanted[f"lang.hidden_{layer}"], attention) < 1e-5
            logits = model.vocabulary_logits(states["last"])
            assert furthest(logits, wanted["lang.mlm_logits"], attention) < 1e-5
        without = model.vocabulary_logits(states["last"])
    assert furthest(without, wanted["lang.mlm_logits"], attention) > 1e-3  # the inverse is what makes them equal


@golden
@pytest.mark.parametrize("kind", KINDS)
def test_task_adapters_give_the_librarys_logits_alone_and_side_by_side(kind: str) -> None:
    model, wanted = base(kind), expected(kind)
    ids, attention = wanted["input_ids"], wanted["attention_mask"]
    language = read_adapter(LanguageAdapter, GOLDEN / kind / "lang_x", model)
    tasks = [read_adapter(TaskAdapter, GOLDEN / kind / name, model) for name in ("task_a", "task_b")]
    heads = [tagging(GOLDEN / kind / name) for name in ("task_a", "task_b")]
    with torch.no_grad():
        for task, head in zip(tasks, heads, strict=True):
            with Stack(model, [language, task]) as stack:
                states = stack.states(ids, attention)["last"]
            assert furthest(states, wanted[f"stack.{task.name}.last_hidden"], attention) < 1e-5
            assert furthest(head(states), wanted[f"stack.{task.name}.logits"], attention) < 1e-5
        with Stack(model, [language, ParallelTaskAdapters(tasks)]) as stack:
            both = batched_linear(heads, stack.states(ids, attention)["last"])
    for scores, task in zip(both, tasks, strict=True):
        assert furthest(scores, wanted[f"stack.{task.name}.logits"], attention) < 1e-5


def same_files(one: Path, other: Path, files: tuple[str, str]) -> None:
    assert (one / files[0]).read_bytes() == (other / files[0]).read_bytes()
    ours, theirs = (torch.load(folder / files[1], weights_only=True) for folder in (one, other))
    assert list(ours) == list(theirs)
    assert all(ours[name].dtype == theirs[name].dtype and torch.equal(ours[name], theirs[name]) for name in ours)


@golden
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["lang_x", "task_a", "task_b"])
def test_an_adapter_is_written_as_the_library_writes_it(kind: str, name: str, tmp_path: Path) -> None:
    model, scope = base(kind), LanguageAdapter if name == "lang_x" else TaskAdapter
    adapter = read_adapter(scope, GOLDEN / kind / name, model)
    write_adapter(adapter, tmp_path)
    same_files(tmp_path, GOLDEN / kind / name, ADAPTER)
    adapter.save(tmp_path / "own")
    write_adapter(scope.load(tmp_path / "own"), tmp_path / "again")
    same_files(tmp_path / "again", GOLDEN / kind / name, ADAPTER)


@golden
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["mlm_head", "task_a", "task_b"])
def test_a_head_is_written_as_the_library_writes_it(kind: str, name: str, tmp_path: Path) -> None:
    head, model = read_head(GOLDEN / kind / name), base(kind)
    write_head(head, tmp_path)
    same_files(tmp_path, GOLDEN / kind / name, HEAD)
    if isinstance(head, MaskedHead):
        head.put_into(model)
        write_head(MaskedHead.taken_from(model, head.name), tmp_path / "again")
        same_files(tmp_path / "again", GOLDEN / kind / name, HEAD)


def plain(kind: str = "bert", **more: Any) -> BackboneModel:
    torch.manual_seed(0)
    usual = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    size = {"n_embd": 16, "n_layer": 2, "n_head": 2} if kind == "gpt2" else usual
    auto = transformers.AutoModelForCausalLM if kind == "gpt2" else transformers.AutoModelForMaskedLM
    config = transformers.AutoConfig.for_model(kind, vocab_size=60, **{**size, **more})
    return BackboneModel(auto.from_config(config)).eval()


def written(folder: Path, model: BackboneModel, **chosen: Any) -> LanguageAdapter:
    shape = AdapterShape.of(model, **{"reduction": 2, "activation": "gelu", "inverse_reduction": 2, **chosen})
    adapter = LanguageAdapter("x", shape, torch.Generator().manual_seed(3))
    write_adapter(adapter, folder)
    return adapter


def change(folder: Path, file: str = ADAPTER[0], **fields: Any) -> None:
    about = json.loads((folder / file).read_text())
    about["config"].update(fields)
    (folder / file).write_text(json.dumps(about))


def equal(one: Any, other: Any) -> bool:
    ours, theirs = one.state_dict(), other.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("kind", ["bert", "roberta", "xlm-roberta", "gpt2"])
def test_what_is_written_is_read_bit_for_bit(kind: str, tmp_path: Path) -> None:
    model = plain(kind)
    chosen = {"reduction": {"0": 8, "default": 4}, "leave_out": (-1,), "inverse_reduction": 2.0}
    adapter = written(tmp_path, model, **chosen)
    again = read_adapter(LanguageAdapter, tmp_path, model)
    assert again.shape == adapter.shape and again.name == "x" and equal(adapter, again)
    names = torch.load(tmp_path / ADAPTER[1], weights_only=True)
    where = "transformer.h.0.output_adapters" if kind == "gpt2" else f"{model.architecture.body}.encoder.layer.0.output"
    assert next(iter(names)) == f"{where}.adapters.x.adapter_down.0.weight"


def test_names_and_fields_of_older_libraries_are_understood(tmp_path: Path) -> None:
    model = plain()
    adapter = written(tmp_path, model, activation="gelu_new")
    weights = torch.load(tmp_path / ADAPTER[1], weights_only=True)
    old = {name.removeprefix("bert.").replace("output.adapters", "output.layer_text_lang_adapters")
           .replace("invertible_adapters", "invertible_lang_adapters"): w for name, w in weights.items()}  # fmt: skip
    torch.save(old, tmp_path / ADAPTER[1])
    fields = ("mh_adapter", "output_adapter", "original_ln_before", "reduction_factor", "residual_before_ln")
    about = json.loads((tmp_path / ADAPTER[0]).read_text())
    part = {"block_type": "nice", "non_linearity": "relu", "reduction_factor": 2}
    kept = {field: about["config"][field] for field in fields}
    about["config"] = {**kept, "non_linearity": "gelu", "invertible_adapter": part}
    del about["version"]
    (tmp_path / ADAPTER[0]).write_text(json.dumps(about))
    again = read_adapter(LanguageAdapter, tmp_path, model)
    assert again.shape == adapter.shape and equal(again, adapter)


@pytest.mark.parametrize(
    ("field", "value", "supported"),
    [
        ("mh_adapter", True, "supported is false"), ("is_parallel", True, "supported is false"),
        ("phm_layer", True, "supported is false"), ("original_ln_before", False, "supported is true"),
        ("residual_before_ln", "post_add", "supported is true"), ("scaling", "learned", "supported is 1.0"),
        ("dropout", 0.1, "supported is 0.0"), ("use_gating", True, "supported is false"),
        ("inv_adapter", "glow", "nice, or null"), ("non_linearity", "mish", "relu, "),
        ("architecture", "prefix_tuning", "supported is null"), ("reduction_facto", 2, "known are"),
        ("reduction_factor", {"0": 2}, "with a `default`"), ("reduction_factor", None, "a number"),
    ],
)  # fmt: skip
def test_a_field_that_isnt_built_here_is_named(field: str, value: Any, supported: str, tmp_path: Path) -> None:
    model = plain()
    written(tmp_path, model)
    change(tmp_path, **{field: value})
    with pytest.raises(UnsupportedFolder, match=f"`{field}`.*{supported}"):
        read_adapter(LanguageAdapter, tmp_path, model)


class Sneaky:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("never"),))


def test_only_tensors_of_the_right_names_are_read(tmp_path: Path) -> None:
    model = plain()
    written(tmp_path, model)
    with pytest.raises(UnsupportedFolder, match="`hidden_size` is 16; supported is 8"):
        read_adapter(LanguageAdapter, tmp_path, plain(hidden_size=8))
    change(tmp_path, inv_adapter=None, inv_adapter_reduction_factor=None)
    with pytest.raises(UnsupportedFolder, match=r"aren't known .*invertible_adapters\.x\.F\.0\.bias"):
        read_adapter(LanguageAdapter, tmp_path, model)
    torch.save({"a": Sneaky()}, tmp_path / ADAPTER[1])
    with pytest.raises(UnsupportedFolder, match="more than tensors"):
        read_adapter(LanguageAdapter, tmp_path, model)
    assert not Path("never").exists()
    (tmp_path / ADAPTER[1]).unlink()
    with pytest.raises(UnsupportedFolder, match=f"no {ADAPTER[1]}"):
        read_adapter(LanguageAdapter, tmp_path, model)


def test_heads_go_in_and_out_of_a_model(tmp_path: Path) -> None:
    model, other = plain(), plain()
    head = MaskedHead.taken_from(model, "mlm")
    assert not torch.equal(head.weights["0.weight"], torch.zeros(16, 16))
    head.weights["3.weight"].add_(1.0)
    head.weights["3.bias"].add_(1.0)
    write_head(head, tmp_path)
    again = read_head(tmp_path)
    assert isinstance(again, MaskedHead)
    words, states = other.words.weight.detach().clone(), torch.randn(2, 16)
    again.put_into(other)
    assert torch.equal(other.words.weight, words)  # an output matrix that differs is no longer the table's
    with torch.no_grad():
        wanted = model.vocabulary_logits(states) + model._transformed(states).sum(-1, keepdim=True) + 1.0
        torch.testing.assert_close(other.vocabulary_logits(states), wanted, atol=1e-5, rtol=0)
    with pytest.raises(UnsupportedFolder, match="vocabularies must be equal"):
        again.put_into(plain("xlm-roberta"))
    with pytest.raises(NoSuchAbility, match="without a head"):
        again.put_into(plain("gpt2"))
    change(tmp_path, HEAD[0], head_type="causal_lm")
    with pytest.raises(UnsupportedFolder, match='`head_type` is "causal_lm"; supported is tagging or masked_lm'):
        read_head(tmp_path)


def test_a_tagging_head_keeps_its_labels(tmp_path: Path) -> None:
    labels = {"O": 0, "B-PER": 1, "I-PER": 2}
    head = TaggingHead("ner", "xlm-roberta", torch.nn.Linear(16, 3), labels, dropout=0.2)
    write_head(head, tmp_path)
    again = read_head(tmp_path)
    assert isinstance(again, TaggingHead) and (again.labels, again.dropout) == (labels, 0.2)
    assert equal(again.linear, head.linear)
    change(tmp_path, HEAD[0], layers=2)
    with pytest.raises(UnsupportedFolder, match="`layers` is 2; supported is 1"):
        read_head(tmp_path)
    shutil.rmtree(tmp_path)
    with pytest.raises(UnsupportedFolder, match="for bert, roberta, xlm-roberta, gpt2, not for mbart"):
        write_head(TaggingHead("ner", "mbart", torch.nn.Linear(16, 3)), tmp_path)
