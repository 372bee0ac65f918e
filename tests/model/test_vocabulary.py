"""Another vocabulary in a model: all that is tied to it follows, and going back is exact."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from xlt_core.model.architecture import at_path  # noqa: E402
from xlt_core.model.backbone import BackboneModel, NoSuchAbility  # noqa: E402
from xlt_core.model.vocabulary import (  # noqa: E402
    Vocabularies,
    current,
    extend,
    made,
    read,
    replace,
    restore,
    save,
)  # fmt: skip

KINDS = ("xlm-roberta", "roberta", "bert", "mbart", "gpt2")
BIASED = ("xlm-roberta", "roberta", "bert", "mbart")
SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
MBART = {
    "d_model": 16, "encoder_layers": 2, "decoder_layers": 1, "encoder_attention_heads": 2,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "scale_embedding": True,
}  # fmt: skip


def config_of(kind: str, rows: int, **more: Any) -> Any:
    if kind == "mbart":
        return transformers.MBartConfig(vocab_size=rows, max_position_embeddings=40, **MBART, **more)
    if kind == "gpt2":
        return transformers.GPT2Config(vocab_size=rows, n_embd=16, n_layer=2, n_head=2, n_positions=40, **more)
    pad = 0 if kind == "bert" else 1
    special = {"pad_token_id": pad, "max_position_embeddings": 40}
    return transformers.AutoConfig.for_model(kind, vocab_size=rows, **special, **SMALL, **more)


def auto(kind: str) -> Any:
    t = transformers
    return {"mbart": t.AutoModelForSeq2SeqLM, "gpt2": t.AutoModelForCausalLM}.get(kind, t.AutoModelForMaskedLM)


def tiny(kind: str, rows: int = 60, **more: Any) -> BackboneModel:
    """A model with random weights, biases too, in eval mode."""
    torch.manual_seed(0)
    whole = auto(kind).from_config(config_of(kind, rows, **more)).eval()
    with torch.no_grad():
        for name, tensor in (*whole.named_parameters(), *whole.named_buffers()):
            if name.endswith("bias"):
                tensor.copy_(torch.randn_like(tensor))
    return BackboneModel(whole).eval()


def rows_for(kind: str, count: int, seed: int = 7) -> tuple[Any, Any]:
    drawn = torch.Generator().manual_seed(seed)
    bias = torch.randn(count, generator=drawn) if kind in BIASED else None
    return torch.randn(count, 16, generator=drawn), bias


def logits(model: BackboneModel, top: int = 40) -> Any:
    """What transformers' own forward pass says of ids below `top`."""
    ids = torch.randint(4, top, (2, 9), generator=torch.Generator().manual_seed(3))
    attention = torch.ones_like(ids)
    ids[1, -3:], attention[1, -3:] = model.words.padding_idx or 0, 0
    with torch.no_grad():
        return model.model(input_ids=ids, attention_mask=attention).logits


@pytest.mark.parametrize("count", [45, 90])
@pytest.mark.parametrize("kind", KINDS)
def test_a_replaced_model_is_one_built_with_those_rows(kind: str, count: int) -> None:
    """The same weights in a model that always had so many rows give the same logits, bit for bit."""
    model = tiny(kind)
    vectors, bias = rows_for(kind, count)
    replace(model, vectors, bias)
    built = BackboneModel(auto(kind).from_config(config_of(kind, count))).eval()
    left, unknown = built.model.load_state_dict(model.model.state_dict(), strict=True)
    assert not left and not unknown
    assert torch.equal(logits(model), logits(built))
    assert torch.equal(model.words.weight, vectors)
    assert logits(model).shape[-1] == count


@pytest.mark.parametrize("kind", KINDS)
def test_every_count_and_tie_follows(kind: str) -> None:
    model = tiny(kind)
    vectors, bias = rows_for(kind, 90)
    pad = model.words.padding_idx
    replace(model, vectors, bias)
    decoder = at_path(model.model, model.architecture.decoder)
    assert decoder.weight is model.words.weight
    assert (decoder.out_features, model.words.num_embeddings, model.config.vocab_size) == (90, 90, 90)
    assert model.words.padding_idx == pad
    for part in model.model.modules():
        if hasattr(part, "config"):
            assert part.config.vocab_size == 90, type(part)
        if hasattr(part, "embed_tokens"):
            assert part.embed_tokens.weight is model.words.weight
            assert part.embed_tokens.num_embeddings == 90
    if model.architecture.bias:
        assert at_path(model.model, model.architecture.bias).numel() == 90
    if kind in ("xlm-roberta", "roberta", "bert"):
        assert decoder.bias is at_path(model.model, model.architecture.bias)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [45, 90])
def test_tying_again_changes_nothing(kind: str, count: int) -> None:
    model = tiny(kind)
    vectors, bias = rows_for(kind, count)
    replace(model, vectors, bias)
    before = logits(model)
    model.model.tie_weights()
    assert torch.equal(logits(model), before)
    if bias is not None:
        assert torch.equal(current(model).bias, bias)


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_of_transformers_counts_the_new_rows(kind: str) -> None:
    model = tiny(kind)
    replace(model, *rows_for(kind, 90))
    ids = torch.full((1, 6), 80)
    assert torch.isfinite(model.model(input_ids=ids, labels=ids).loss)


@pytest.mark.parametrize("kind", KINDS)
def test_back_again_bit_for_bit(kind: str) -> None:
    model = tiny(kind)
    weights = {name: tensor.clone() for name, tensor in model.model.state_dict().items()}
    settings, was = model.config.to_dict(), logits(model)
    before = replace(model, *rows_for(kind, 90))
    with torch.no_grad():
        current(model).tables["words"].mul_(3)
    restore(model, before)
    assert model.config.to_dict() == settings
    now = model.model.state_dict()
    assert list(now) == list(weights)
    assert all(torch.equal(now[name], weights[name]) for name in weights)
    assert torch.equal(logits(model), was)


@pytest.mark.parametrize("kind", KINDS)
def test_extended_rows_leave_the_others_alone(kind: str) -> None:
    model = tiny(kind)
    was, words = logits(model), model.words.weight.detach().clone()
    vectors, bias = rows_for(kind, 5)
    before = extend(model, vectors, bias)
    now = logits(model)
    assert now.shape[-1] == 65
    torch.testing.assert_close(now[..., :60], was, atol=1e-6, rtol=0)
    assert torch.equal(model.words.weight[:60], words) and torch.equal(model.words.weight[60:], vectors)
    if bias is not None:
        bias_now: Any = current(model).bias
        assert torch.equal(bias_now[60:], bias) and torch.equal(bias_now[:60], before.bias)
    restore(model, before)
    assert torch.equal(logits(model), was)
    extend(model, vectors)
    if bias is not None:
        bias_now = current(model).bias
        assert not bias_now[60:].any()


@pytest.mark.parametrize("kind", KINDS)
def test_saved_whole_and_loaded_again(kind: str, tmp_path: Path) -> None:
    model = tiny(kind)
    replace(model, *rows_for(kind, 90))
    model.model.save_pretrained(tmp_path)
    again = BackboneModel(auto(kind).from_pretrained(tmp_path, use_safetensors=True)).eval()
    assert torch.equal(logits(again), logits(model))
    assert again.config.vocab_size == 90
    assert again.words.weight is at_path(again.model, again.architecture.decoder).weight


@pytest.mark.parametrize("kind", KINDS)
def test_rows_saved_by_themselves_fit_a_fresh_backbone(kind: str, tmp_path: Path) -> None:
    model, fresh = tiny(kind), tiny(kind)
    extend(model, *rows_for(kind, 30))
    save(current(model), tmp_path / "rows.safetensors")
    restore(fresh, read(fresh, tmp_path / "rows.safetensors"))
    assert torch.equal(logits(fresh, 90), logits(model, 90))


@pytest.mark.parametrize("kind", KINDS)
def test_an_output_matrix_of_its_own_is_asked_for_and_replaced(kind: str, tmp_path: Path) -> None:
    if kind == "mbart":
        with pytest.raises(NoSuchAbility, match="tables of their own"):
            replace(tiny(kind, tie_word_embeddings=False), *rows_for(kind, 90))
        return
    model = tiny(kind, tie_word_embeddings=False)
    was, (vectors, bias) = logits(model), rows_for(kind, 90)
    output = rows_for(kind, 90, seed=8)[0]
    with pytest.raises(NoSuchAbility, match="isn't tied"):
        replace(model, vectors, bias)
    assert torch.equal(logits(model), was)
    if bias is not None:
        assert current(model).bias is not None
        assert torch.equal(current(model).bias, at_path(model.model, model.architecture.decoder).bias)
    before = replace(model, vectors, bias, output=output)
    assert torch.equal(at_path(model.model, model.architecture.decoder).weight, output)
    here = logits(model)
    model.model.tie_weights()
    assert torch.equal(logits(model), here)
    model.model.save_pretrained(tmp_path)
    again = auto(kind).from_pretrained(tmp_path, use_safetensors=True).eval()
    assert torch.equal(logits(BackboneModel(again).eval()), here)
    restore(model, before)
    assert torch.equal(logits(model), was)
    extend(model, vectors[:3], None if bias is None else bias[:3], output=output[:3])
    torch.testing.assert_close(logits(model)[..., :60], was, atol=1e-6, rtol=0)


def test_a_vocabulary_trains_and_the_one_kept_doesnt() -> None:
    model = tiny("xlm-roberta")
    held = Vocabularies(model)
    held.keep("amh:text", made(model, *rows_for("xlm-roberta", 90)))
    untouched = {name: table.detach().clone() for name, table in held["backbone"].tables.items()}
    held.put("amh:text")
    optimiser = torch.optim.SGD(held["amh:text"].parameters(), lr=1.0)
    ids = torch.tensor([[0, 5, 80, 2, 1, 1]])
    pad = model.words.weight[1].detach().clone()
    model.model(input_ids=ids, attention_mask=ids.ne(1).long(), labels=ids.masked_fill(ids == 1, -100)).loss.backward()
    optimiser.step()
    assert not torch.equal(model.words.weight[80], rows_for("xlm-roberta", 90)[0][80])
    assert all(torch.equal(table, untouched[name]) for name, table in held["backbone"].tables.items())
    # the output side of the tied matrix still teaches the padding row, as in pretraining
    assert not torch.equal(model.words.weight[1], pad)


def test_frozen_tables_are_followed_by_frozen_ones() -> None:
    model = tiny("bert")
    model.model.requires_grad_(False)
    replace(model, *rows_for("bert", 70))
    assert not any(weight.requires_grad for weight in model.model.parameters())


def test_switching_copies_nothing_and_leaks_nothing() -> None:
    model = tiny("mbart", rows=5000)
    held = Vocabularies(model)
    for name, rows in (("amh:text", 4000), ("amh:latin", 6000)):
        held.keep(name, made(model, *rows_for("mbart", rows)))
    names = ("backbone", "amh:text", "amh:latin")
    places = {name: held[name].tables["words"].data_ptr() for name in names}
    said = {}
    for name in names:
        held.put(name)
        said[name] = logits(model)
    gc.collect()
    objects = len(gc.get_objects())
    tracemalloc.start()
    for turn in range(100):
        held.put(names[turn % 3])
        assert held.now == names[turn % 3]
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    gc.collect()
    assert len(gc.get_objects()) - objects < 200 and grown < 100_000
    for name in names:
        held.put(name)
        assert model.words.weight.data_ptr() == places[name]
        assert torch.equal(logits(model), said[name])
    assert len(list(model.parameters())) == len(list(tiny("mbart").parameters()))


def test_reading_for_a_while_ends_even_when_it_fails() -> None:
    model = tiny("gpt2")
    held = Vocabularies(model)
    held.keep("yor:text", made(model, *rows_for("gpt2", 90)))
    with pytest.raises(RuntimeError), held.reading("yor:text") as reading:
        assert (held.now, reading.size) == ("yor:text", 90)
        raise RuntimeError
    assert held.now == "backbone"
    with pytest.raises(KeyError, match="did you mean `yor:text`"):
        held.put("yor:txt")
    with pytest.raises(ValueError, match="held already"):
        held.keep("yor:text", made(model, *rows_for("gpt2", 90)))


def tokenizer(pad: int | None = 1, highest: int = 89, **roles: Any) -> Any:
    special = roles or {"bos_token": "<s>", "mask_token": "<mask>"}
    return SimpleNamespace(
        pad_token_id=pad, bos_token_id=0, eos_token_id=2, special_tokens_map=special, get_vocab=lambda: {"x": highest}
    )


def test_a_tokenizer_that_doesnt_fit_is_refused() -> None:
    model, rows = tiny("xlm-roberta"), rows_for("xlm-roberta", 90)
    model.tokenizer = own = tokenizer(highest=59)
    with pytest.raises(ValueError, match="positions are counted from it; to the tokenizer it is 0"):
        replace(model, *rows, tokenizer=tokenizer(pad=0))
    with pytest.raises(ValueError, match="go up to 90, and there are 90 rows"):
        replace(model, *rows, tokenizer=tokenizer(highest=90))
    with pytest.raises(ValueError, match="no mask_token"):
        replace(model, *rows, tokenizer=tokenizer(bos_token="<s>"))
    with pytest.raises(ValueError, match="padding is id 1"):
        replace(model, rows[0][:1], rows[1][:1])
    assert model.tokenizer is own and model.config.vocab_size == 60
    new = tokenizer()
    before = replace(model, *rows, tokenizer=new)
    assert model.tokenizer is new
    extend(model, *rows_for("xlm-roberta", 3))
    assert model.tokenizer is new
    restore(model, before)
    assert model.tokenizer is own


def test_rows_that_dont_fit_are_refused_with_the_reason() -> None:
    vectors, bias = rows_for("bert", 90)
    with pytest.raises(ValueError, match=r"words: this model needs torch.float32 \[90, 16\]"):
        replace(tiny("bert"), vectors[:, :8], bias)
    with pytest.raises(ValueError, match=r"bias: this model needs torch.float32 \[90\]"):
        replace(tiny("bert"), vectors, bias[:80])
    with pytest.raises(NoSuchAbility, match="no bias"):
        replace(tiny("gpt2"), vectors, bias)
    with pytest.raises(NoSuchAbility, match="leave `output` out"):
        replace(tiny("bert"), vectors, bias, output=vectors)
    with pytest.raises(ValueError, match="this model needs words; the vocabulary has words, bias"):
        restore(tiny("gpt2"), made(tiny("bert"), vectors, bias))
    canine = transformers.CanineConfig(num_hash_buckets=64, max_position_embeddings=128, **SMALL)
    with pytest.raises(NoSuchAbility, match="hashes characters"):
        replace(BackboneModel(transformers.AutoModel.from_config(canine)), vectors)


def test_without_a_head_only_the_words_change() -> None:
    model = BackboneModel(transformers.AutoModel.from_config(config_of("bert", 60))).eval()
    vectors = rows_for("bert", 90)[0]
    before = replace(model, vectors)
    assert set(current(model).tables) == {"words"} and model.words.num_embeddings == 90
    with pytest.raises(NoSuchAbility, match="no bias"):
        replace(model, vectors, torch.zeros(90))
    restore(model, before)
    assert model.words.num_embeddings == 60
