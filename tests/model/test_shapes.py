"""`random:NAME`: the published shapes, drawn from the run's seed; and an architecture that a plugin adds."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import xlt_core  # noqa: E402
from xlt_core.config.resolve import resolve  # noqa: E402
from xlt_core.data.fingerprint import fingerprint  # noqa: E402
from xlt_core.errors import RefusedError, RunError, UsageError  # noqa: E402
from xlt_core.model.architecture import ARCHITECTURES, Architecture  # noqa: E402
from xlt_core.model.backbone import BackboneModel  # noqa: E402
from xlt_core.model.load import load_model  # noqa: E402
from xlt_core.model.shapes import byte_tokenizer, draw  # noqa: E402
from xlt_core.model.tokens import layout  # noqa: E402
from xlt_core.own import xlt_backbones  # noqa: E402
from xlt_core.slots import backbones  # noqa: E402
from xlt_core.slots.shapes import SHAPES, Shape  # noqa: E402

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SUBWORD = (
    "xlm-roberta-base",
    "xlm-roberta-large",
    "glot500-base",
    "bert-base-multilingual-cased",
    "mbart-large-50",
    "mGPT",
)
ENCODER = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
SMALL: dict[str, dict[str, Any]] = {
    "mbart": {"d_model": 16, "encoder_layers": 2, "decoder_layers": 1, "encoder_attention_heads": 2,
              "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32},
    "gpt2": {"n_embd": 16, "n_layer": 2, "n_head": 2},
    "canine": {**ENCODER, "num_hash_buckets": 64, "max_position_embeddings": 256},
}  # fmt: skip


def tiny(like: str) -> Shape:
    """A shape of the same kind, with few layers and a small vocabulary."""
    shape = SHAPES[like]
    kind = shape.config["model_type"]
    config = {**shape.config, **SMALL.get(kind, ENCODER)}
    if not shape.special:
        return replace(shape, config=config)
    mask = {"mask_token": (shape.special["mask_token"][0], 399)} if "mask_token" in shape.special else {}
    return replace(shape, config={**config, "vocab_size": 400}, special={**shape.special, **mask})


@pytest.fixture
def tiny_shape(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Puts a small shape where shapes are known: `tiny_shape("mGPT")` is its name."""

    def put(like: str) -> str:
        monkeypatch.setitem(SHAPES, f"tiny-{like}", tiny(like))
        return f"tiny-{like}"

    return put


# the shapes


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_that_of_the_backbone_with_its_name(name: str) -> None:
    config = transformers.AutoConfig.for_model(**SHAPES[name].config)
    drawn = backbones.random_backbone(name)
    assert drawn is not None and drawn.local and drawn.architecture == config.model_type
    named = {
        backbone.name: backbone for backbone in vars(backbones).values() if isinstance(backbone, backbones.Backbone)
    }
    if name in named:
        known = named[name]
        sizes = ("architecture", "layers", "width", "vocabulary", "abilities")
        assert [getattr(drawn, size) for size in sizes] == [getattr(known, size) for size in sizes]
    assert (drawn.width, drawn.layers) == (config.hidden_size, config.num_hidden_layers)


def test_every_published_checkpoint_has_its_shape() -> None:
    names = {card.name for card in xlt_backbones() if not card.name.startswith("mini")}
    assert names <= set(SHAPES) and len(SHAPES) == 9


@pytest.mark.parametrize(
    ("name", "millions"),
    [
        ("xlm-roberta-base", 278), ("xlm-roberta-large", 560), ("bert-base-multilingual-cased", 178),
        ("glot500-base", 395), ("xphonebert-base", 88), ("canine-c", 132), ("mbart-large-50", 611), ("mGPT", 1418),
    ],
)  # fmt: skip
def test_a_shape_has_as_many_weights_as_its_checkpoint(name: str, millions: int) -> None:
    """Counted on the meta device, so that nothing is allocated."""
    from xlt_core.model.load import model_class

    config = transformers.AutoConfig.for_model(**SHAPES[name].config)
    with torch.device("meta"):
        model = model_class(config.model_type).from_config(config)
    model.tie_weights()
    assert sum(weight.numel() for weight in model.parameters()) / 1e6 == pytest.approx(millions, abs=1)


# drawing


@pytest.mark.parametrize("like", ["xlm-roberta-base", "xphonebert-base", "bert-base-multilingual-cased", "canine-c",
                                  "mbart-large-50", "mGPT"])  # fmt: skip
def test_what_is_drawn_is_loaded_and_read(like: str, tiny_shape: Callable[[str], str], tmp_path: Path) -> None:
    draw(tiny_shape(like), 1, tmp_path / "drawn")
    model, tokenizer = load_model(tmp_path / "drawn")
    for role, (token, number) in SHAPES[like].special.items():
        wanted = 399 if role == "mask_token" else number
        assert (getattr(tokenizer, role), getattr(tokenizer, f"{role}_id")) == (token, wanted)
    long = {"padding": "max_length", "max_length": 32} if like == "canine-c" else {"padding": True}
    told = tokenizer(["hello", "a b"], return_tensors="pt", **long)
    with torch.no_grad():
        out = model(**told)
    assert all(torch.isfinite(value).all() for value in out.values() if torch.is_tensor(value))


def test_weights_come_from_the_seed_and_leave_other_draws_alone(
    tiny_shape: Callable[[str], str], tmp_path: Path
) -> None:
    name = tiny_shape("xlm-roberta-base")
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        draw(name, seed, tmp_path / folder)
    assert torch.equal(torch.rand(3), expected)
    first, again, other = (load_model(tmp_path / folder)[0].state_dict() for folder in "abc")
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not all(torch.equal(first[key], other[key]) for key in first)


def test_the_stand_in_reads_every_byte_and_has_the_size_of_the_real_one() -> None:
    tokenizer = byte_tokenizer(SHAPES["bert-base-multilingual-cased"], 512)
    coded = tokenizer(["ሰላም", "ab"], is_split_into_words=True)
    assert coded.word_ids() == [None, *[0] * 10, *[1] * 3, None], "a blank and the bytes of each word"
    assert (coded["input_ids"][0], coded["input_ids"][-1]) == (101, 102)
    assert tokenizer.decode(coded["input_ids"], skip_special_tokens=True).strip() == "ሰላም ab"
    assert len(tokenizer) == 119_547 and max(tokenizer.get_vocab().values()) == 119_546
    assert tokenizer("a", "b")["token_type_ids"] == [0, 0, 0, 0, 1, 1, 1]
    assert layout(tokenizer).front == ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


def test_a_vocabulary_without_room_for_bytes_is_refused() -> None:
    small = replace(SHAPES["mGPT"], config={**SHAPES["mGPT"].config, "vocab_size": 200})
    with pytest.raises(ValueError, match="200 pieces are too few for 256 bytes"):
        byte_tokenizer(small, 32)


# planning and running


@pytest.mark.parametrize("name", SUBWORD)
def test_a_run_on_a_shape_can_be_planned(name: str) -> None:
    made = xlt_core.plan(method="zero_shot", backbone=f"random:{name}", targets="amh")
    assert made.stages[0].id == f"backbone(random:{name})"
    assert not [download for download in made.downloads if "backbone" in download.what]
    assert made.stages[0].options["content"] == fingerprint(f"random:{name}") != ""


@pytest.mark.parametrize("name", ["canine-c", "canine-s"])
def test_what_reads_characters_is_planned_with_characters(name: str) -> None:
    asked = {"method": "zero_shot", "backbone": f"random:{name}", "targets": "amh"}
    assert xlt_core.plan(set=("representation=character",), **asked).stages
    with pytest.raises(RefusedError, match="was trained on characters"):
        xlt_core.plan(**asked)


def test_what_reads_phonemes_is_planned_by_a_method_that_makes_them() -> None:
    made = xlt_core.plan(method="phoneme_gap", backbone="random:xphonebert-base")
    assert made.stages[0].id == "backbone(random:xphonebert-base)"


def test_seed_and_shape_are_in_the_key(tiny_shape: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    name = tiny_shape("xlm-roberta-base")

    def key(seeds: str) -> str:
        return str(
            xlt_core.plan(method="zero_shot", backbone=f"random:{name}", targets="amh", seeds=seeds).stages[0].key
        )

    first = key("1,2")
    assert first == key("1,7") != key("2,1")
    monkeypatch.setitem(SHAPES, name, replace(SHAPES[name], config={**SHAPES[name].config, "num_hidden_layers": 3}))
    assert key("1,2") != first


@pytest.mark.parametrize("name", ["xlm-roberta-bsae", "", "."])
def test_a_shape_that_is_not_known_is_refused(name: str) -> None:
    with pytest.raises(
        UsageError, match=rf"no shape is called `{name}`; there are xlm-roberta-base.*\n +Try: --backbone random:"
    ):
        resolve(xlt_core.api.request(method="zero_shot", backbone=f"random:{name}", targets="amh"))


def test_a_dry_run_on_a_shape_is_done(tiny_shape: Callable[[str], str], tmp_path: Path) -> None:
    name = f"random:{tiny_shape('bert-base-multilingual-cased')}"
    asked = {"method": "zero_shot", "backbone": name, "data": "mini", "targets": "vie", "budget": "2steps"}
    done = xlt_core.run(out=tmp_path / "out", offline=True, threads=1, device="cpu", **asked)
    assert done.scores


# one more architecture

ELECTRA = Architecture(
    "electra", "masked", "embeddings", "embeddings.word_embeddings", "encoder.layer", "output", body="electra",
    transform="generator_predictions", decoder="generator_lm_head", bias="generator_lm_head.bias",
)  # fmt: skip


def test_an_architecture_that_a_plugin_adds_has_all_handles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = transformers.ElectraConfig(vocab_size=119_547, embedding_size=16, pad_token_id=1, **ENCODER)
    folder = tmp_path / "electra"
    transformers.ElectraForMaskedLM(config).save_pretrained(folder)
    byte_tokenizer(SHAPES["bert-base-multilingual-cased"], 40).save_pretrained(folder)
    with pytest.raises(RunError, match="`electra` aren't known"):
        BackboneModel.load(folder)
    monkeypatch.setitem(ARCHITECTURES, "electra", ELECTRA)
    model = BackboneModel.load(folder).eval()
    told = model.tokenizer(["Lan ở Huế .", "Lan"], padding=True, return_tensors="pt")
    ids, attention = told["input_ids"], told["attention_mask"]
    with torch.no_grad():
        states = model.states(ids, attention, layers=(0, 1, "last"))
        theirs = model.model(input_ids=ids, attention_mask=attention, output_hidden_states=True)
        ours = model.vocabulary_logits(states["last"])
        by_vectors = model.states(None, attention, vectors=model.words(ids))["last"]
    for layer, state in states.items():
        assert torch.equal(state, theirs.hidden_states[-1 if layer == "last" else int(layer)])
    torch.testing.assert_close(ours, theirs.logits, atol=1e-6, rtol=0)
    torch.testing.assert_close(by_vectors, states["last"], atol=1e-6, rtol=0)
    found = backbones.folder_backbone(folder)
    assert found is not None and (found.architecture, found.layers, found.width) == ("electra", 2, 16)


PLUGIN = """
from xlt_core.hooks import Card, hookimpl
from xlt_core.model.architecture import ARCHITECTURES, Architecture
from xlt_core.slots.backbones import Backbone
from xlt_core.slots.shapes import SHAPES, Shape

XLT_API = 1
SMALL = Backbone("acme.electra", "electra", "acme/electra-small", 2, 16, 400, 64)
ARCHITECTURES["electra"] = {architecture!r}
SHAPES["acme.electra"] = Shape(
    {config!r},
    {{"pad_token": ("[PAD]", 0), "unk_token": ("[UNK]", 1), "cls_token": ("[CLS]", 2), "sep_token": ("[SEP]", 3)}},
    "[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
)

@hookimpl
def xlt_backbones():
    yield Card("acme.electra", "A small ELECTRA.", "acme_electra:SMALL")
"""


def test_a_plugins_architecture_can_be_run(
    xlt: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    config = {
        "model_type": "electra",
        "vocab_size": 400,
        "embedding_size": 16,
        "max_position_embeddings": 64,
        **ENCODER,
    }
    file = tmp_path / "acme_electra.py"
    file.write_text(PLUGIN.format(architecture=ELECTRA, config=config))
    asked = ("--method", "zero_shot", "--data", "mini", "--targets", "vie", "--budget", "1steps", "--offline")
    done = xlt("run", *asked, "--backbone", "random:acme.electra", "--plugin", str(file), "--out", "a")
    assert done.returncode == 0, done.stderr
    assert "vie" in done.stdout
