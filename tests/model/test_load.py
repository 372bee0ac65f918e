"""Loading safely: no code, no pickles, the same ids as before; and an architecture that a plugin adds."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import xlt_core  # noqa: E402
from xlt_core.errors import RunError, UsageError  # noqa: E402
from xlt_core.model import load  # noqa: E402
from xlt_core.model.convert import convert, main  # noqa: E402
from xlt_core.model.load import backbone_folder, check_folder, load_model, load_tokenizer, stripped  # noqa: E402

MINI = Path(xlt_core.__file__).parent / "mini" / "backbones" / "subword"
PIECES = 9000  # more than the small tokenizer has
SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A small model with tied weights, saved with a tokenizer."""
    torch.manual_seed(0)
    config = transformers.XLMRobertaConfig(vocab_size=PIECES, max_position_embeddings=40, pad_token_id=1, **SIZES)
    transformers.XLMRobertaForMaskedLM(config).save_pretrained(tmp_path / "saved")
    for file in MINI.glob("token*"):
        shutil.copy(file, tmp_path / "saved")
    return tmp_path / "saved"


@pytest.fixture
def pickled(saved: Path, tmp_path: Path) -> Path:
    """The same as libraries saved models before: `pytorch_model.bin`, tied tensors in it twice."""
    folder = tmp_path / "pickled"
    shutil.copytree(saved, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    state = transformers.XLMRobertaForMaskedLM.from_pretrained(saved).state_dict()
    assert state["lm_head.decoder.weight"].data_ptr() == state["roberta.embeddings.word_embeddings.weight"].data_ptr()
    torch.save(state, folder / "pytorch_model.bin")
    return folder


def edited(folder: Path, name: str, **settings: Any) -> None:
    file = folder / name
    file.write_text(json.dumps({**json.loads(file.read_text()), **settings}))


def logits(folder: Path) -> Any:
    model, tokenizer = load_model(folder)
    with torch.no_grad():
        return model.eval()(**tokenizer("Lan ở Huế.", return_tensors="pt")).logits


# code


def test_settings_that_name_code_are_taken_out_at_every_depth() -> None:
    given = {
        "auto_map": {"AutoModel": "evil.Evil"}, "width": 8,
        "text_config": {"trust_remote_code": True, "layers": [{"custom_pipelines": {}, "kind": "a"}, 3],
                        "attn_implementation": "someone/kernel", "_attn_implementation": "someone/kernel"},
    }  # fmt: skip
    assert stripped(given) == {"width": 8, "text_config": {"layers": [{"kind": "a"}, 3]}}


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
def test_code_in_a_folder_is_never_run(file: str, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = logits(saved)
    mark = tmp_path / "was-run"
    (saved / "evil.py").write_text(f"from pathlib import Path\nPath({str(mark)!r}).touch()\nclass Evil: pass\n")
    autos = dict.fromkeys(("AutoConfig", "AutoModel", "AutoModelForMaskedLM"), "evil.Evil")
    tokenizers = {"AutoTokenizer": ["evil.Evil", "evil.Evil"]}
    edited(saved, file, auto_map={**autos, **tokenizers}, nested={"auto_map": autos}, trust_remote_code=True)
    before = (saved / file).read_bytes()
    monkeypatch.setattr("builtins.input", lambda *_: "y")
    assert torch.equal(logits(saved), expected)
    assert not mark.exists()
    assert (saved / file).read_bytes() == before, "the user's files stay as they are"
    model, tokenizer = load_model(saved)
    assert "auto_map" not in json.dumps([model.config.to_dict(), tokenizer.init_kwargs], default=str)


def test_a_kernel_that_a_configuration_asks_for_is_not_fetched(saved: Path) -> None:
    edited(saved, "config.json", attn_implementation="someone/kernel", _attn_implementation="someone/kernel")
    assert load_model(saved)[0].config._attn_implementation in ("eager", "sdpa")


def test_nothing_but_known_files_is_seen_by_the_library(saved: Path) -> None:
    (saved / "adapter_config.json").write_text('{"base_model_name_or_path": "someone/else"}')
    (saved / "pytorch_model.bin").write_bytes(b"a pickle")
    with ExitStack() as stack:
        seen = {file.name for file in load._private(saved, stack).iterdir()}
    assert seen == {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    load_model(saved)


# pickles


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self.mark,)


def test_pickled_weights_are_refused_with_the_command_that_converts_them(pickled: Path) -> None:
    with pytest.raises(RunError) as told:
        load_model(pickled)
    new = f"{pickled}-safetensors"
    assert f"python -m xlt_core.model.convert {pickled} {new}, then --backbone {new}" in str(told.value)
    assert "pytorch_model.bin" in str(told.value)
    convert(pickled, Path(new))
    load_model(Path(new))


def test_converted_weights_are_the_same_and_still_tied(saved: Path, pickled: Path, tmp_path: Path) -> None:
    assert convert(pickled, tmp_path / "new") == [tmp_path / "new" / "model.safetensors"]
    assert torch.equal(logits(tmp_path / "new"), logits(saved))
    model, _ = load_model(tmp_path / "new")
    assert model.lm_head.decoder.weight is model.roberta.embeddings.word_embeddings.weight
    assert not list((tmp_path / "new").glob("*.bin")) and (pickled / "pytorch_model.bin").is_file()


def test_shards_are_converted_one_by_one(saved: Path, pickled: Path, tmp_path: Path) -> None:
    state = torch.load(pickled / "pytorch_model.bin", weights_only=True)
    (pickled / "pytorch_model.bin").unlink()
    names = sorted(state)
    halves = {"pytorch_model-00001-of-00002.bin": names[::2], "pytorch_model-00002-of-00002.bin": names[1::2]}
    for file, mine in halves.items():
        torch.save({name: state[name] for name in mine}, pickled / file)
    index = {
        "metadata": {"total_size": 1},
        "weight_map": {name: file for file, mine in halves.items() for name in mine},
    }
    (pickled / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    with pytest.raises(RunError, match="pickled"):
        check_folder(pickled)
    assert len(convert(pickled, tmp_path / "new")) == 2
    assert not (tmp_path / "new" / "pytorch_model.bin.index.json").exists()
    assert torch.equal(logits(tmp_path / "new"), logits(saved))


@pytest.mark.parametrize("how", ["zip", "bare"])
def test_a_program_in_a_pickle_is_not_run(
    how: str, pickled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark, file = tmp_path / "was-run", pickled / "pytorch_model.bin"
    if how == "zip":
        torch.save({"a": torch.zeros(2), "b": Bomb(mark)}, file)
    else:
        file.write_bytes(pickle.dumps({"a": Bomb(mark)}, protocol=2))
    assert main([str(pickled), str(tmp_path / "new")]) == 2
    told = capsys.readouterr().err
    assert "holds more than tensors, and nothing in it was run" in told and str(file) in told
    assert not mark.exists() and not (tmp_path / "new").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".new")], "no half-made folder is left"
    with pytest.raises(RunError):
        load_model(pickled)
    assert not mark.exists()


def test_what_cannot_be_converted_is_said(saved: Path, pickled: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    with pytest.raises(UsageError, match="is there already, and nothing is overwritten"):
        convert(pickled, saved)
    with pytest.raises(UsageError, match=r"is no checkpoint: it holds no config\.json"):
        convert(tmp_path / "nowhere", new)
    with pytest.raises(UsageError, match="has safetensors already"):
        convert(saved, new)
    torch.save({"model": {"a": torch.zeros(1)}, "step": 3}, pickled / "pytorch_model.bin")
    with pytest.raises(UsageError, match="no table of tensors by name"):
        convert(pickled, new)
    (pickled / "pytorch_model.bin").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(UsageError, match="can't be read"):
        convert(pickled, new)
    (pickled / "pytorch_model.bin").unlink()
    with pytest.raises(UsageError, match=r"holds neither pytorch_model\.bin nor"):
        convert(pickled, new)
    for name, what in (("../pytorch_model.bin", "no .bin file of this folder"), ("a.bin", "that aren't there: a.bin")):
        (pickled / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": {"a": name}}))
        with pytest.raises(UsageError, match=what):
            convert(pickled, new)
    assert not new.exists()


# folders that can't be loaded


def test_a_folder_without_a_known_model_is_refused_with_the_reason(saved: Path) -> None:
    edited(saved, "config.json", model_type="reformer")
    with pytest.raises(
        RunError, match=r"models of the kind `reformer` aren't known; known are xlm-roberta.*\n.*plugin"
    ):
        check_folder(saved)
    (saved / "config.json").write_text("{")
    with pytest.raises(RunError, match=r"config\.json is no JSON"):
        check_folder(saved)
    (saved / "config.json").unlink()
    with pytest.raises(RunError, match=r"config\.json can't be read"):
        check_folder(saved)


def test_a_folder_without_weights_is_refused(saved: Path) -> None:
    (saved / "model.safetensors").unlink()
    with pytest.raises(RunError, match="holds no weights"):
        check_folder(saved)


# the tokenizer's fingerprint


def noted(folder: Path, stage: Path, **changes: str) -> Path:
    """What a backbone stage leaves, with some of the tokenizer's digests changed."""
    stage.mkdir()
    told = {"location": f"folder:{folder}", **load._reading(load_tokenizer(folder))}
    (stage / load.FILE).write_text(json.dumps({**told, "tokenizer": {**told["tokenizer"], **changes}}))
    return stage


def test_a_tokenizer_that_reads_as_before_is_taken(saved: Path, tmp_path: Path) -> None:
    with ExitStack() as stack:
        assert backbone_folder(noted(saved, tmp_path / "stage"), stack) == saved


def test_a_tokenizer_that_reads_otherwise_is_refused_and_the_line_named(saved: Path, tmp_path: Path) -> None:
    told = load._reading(load_tokenizer(saved))["tokenizer"]
    line = next(name for name in told if name not in ("whole", "special tokens"))
    stage = noted(saved, tmp_path / "stage", **{line: "another"})
    with pytest.raises(RunError) as error, ExitStack() as stack:
        backbone_folder(stage, stack)
    assert f"the tokenizer reads {line} otherwise than it did" in str(error.value)
    assert "--store ANOTHER-FOLDER" in str(error.value)
    assert f"transformers=={transformers.__version__}" in str(error.value)


def test_a_tokenizer_that_was_changed_meanwhile_is_found(saved: Path, tmp_path: Path) -> None:
    stage = noted(saved, tmp_path / "stage")
    file = saved / "tokenizer.json"
    state = json.loads(file.read_text())
    state["normalizer"] = {"type": "Lowercase"}
    file.write_text(json.dumps(state))
    with pytest.raises(RunError, match="otherwise than it did"), ExitStack() as opened:
        backbone_folder(stage, opened)


def test_a_store_that_does_not_say_how_the_tokenizer_read_is_refused(saved: Path, tmp_path: Path) -> None:
    (tmp_path / load.FILE).write_text(json.dumps({"location": f"folder:{saved}"}))
    with pytest.raises(RunError, match="the store doesn't say how the tokenizer read"), ExitStack() as opened:
        backbone_folder(tmp_path, opened)


def test_canines_tokenizer_has_a_fingerprint_too(tmp_path: Path) -> None:
    config = transformers.CanineConfig(num_hash_buckets=64, max_position_embeddings=128, **SIZES)
    transformers.CanineModel(config).save_pretrained(tmp_path / "canine")
    transformers.CanineTokenizer().save_pretrained(tmp_path / "canine")
    with ExitStack() as stack:
        backbone_folder(noted(tmp_path / "canine", tmp_path / "same"), stack)
    told = load._reading(load_tokenizer(tmp_path / "canine"))["tokenizer"]
    line = list(told)[1]
    with pytest.raises(RunError, match=f"reads {line} otherwise"), ExitStack() as stack:
        backbone_folder(noted(tmp_path / "canine", tmp_path / "other", **{line: "another"}), stack)


def test_a_runs_backbone_stage_notes_the_fingerprint(
    xlt: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    asked = ("--method", "zero_shot", "--backbone", "mini", "--targets", "vie", "--budget", "1steps", "--out", "a")
    done = xlt("run", *asked)
    assert done.returncode == 0, done.stderr
    files = list((tmp_path / "xlt-home").rglob(load.FILE))
    assert len(files) == 1
    assert json.loads(files[0].read_text())["tokenizer"] == load._reading(load_tokenizer(MINI))["tokenizer"]
    changed = json.loads(files[0].read_text())
    changed["tokenizer"]["special tokens"] = "another"
    manifest = files[0].with_name("manifest.json")
    files[0].write_text(json.dumps(changed))
    sums = json.loads(manifest.read_text())
    from xlt_core.graph.store import _checksum

    sums["files"][load.FILE] = _checksum(files[0])
    manifest.write_text(json.dumps(sums))
    again = xlt("run", *asked[:-1], "b", "--seeds", "7,")
    assert again.returncode == 1 and "the tokenizer reads special tokens otherwise" in again.stderr
