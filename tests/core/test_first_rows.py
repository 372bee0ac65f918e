"""A tokenizer of a given size, and where its pieces' rows start."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import transformers

from xlt_core import plan
from xlt_core.data.samples import cut
from xlt_core.engine import first_rows
from xlt_core.engine.net import assemble
from xlt_core.errors import RunError
from xlt_core.mini.meaning import meanings
from xlt_core.mini.world import say
from xlt_core.model import load
from xlt_core.model.overlap import overlap
from xlt_core.model.rows import backbone_layout, read_rows, read_tokenizer, write_tokenizer
from xlt_core.model.unigram import SizeRefused, fixed_size, train_unigram

MINI = "package:xlt_core.mini/backbones/subword"
TOKENIZER, OWN = "artefact tokenizer:backbone", "artefact tokenizer:swh:text"


def job(out: Path, inputs: dict[str, Path], role: str = "target", **options: Any) -> Any:
    out.mkdir(exist_ok=True)

    def named(start: str) -> dict[str, Path]:
        return {fact: folder for fact, folder in inputs.items() if fact.startswith(start)}

    stage = SimpleNamespace(options=options, seed=1, languages=("swh",), channel="text", id="stage(swh)", role=role)
    return SimpleNamespace(stage=stage, inputs=inputs, out=out, inputs_named=named, report=lambda event: None)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The small backbone, samples of Swahili, and a tokenizer of 400 pieces for them."""
    root = tmp_path_factory.mktemp("made")
    load.fetch(job(root / "backbone", {}, location=MINI, revision="main"))
    (root / "samples").mkdir()
    lines = [say(meaning, "swh").text for _, meaning in zip(range(400), meanings("text"), strict=False)]
    (root / "samples" / "samples.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    inputs = {TOKENIZER: root / "backbone", "artefact samples:swh:8w": root / "samples"}
    fixed_size(job(root / "tokenizer", inputs, size=400, words=8))
    return {TOKENIZER: root / "backbone", "parts body@shared": root / "backbone", OWN: root / "tokenizer"}


def rows_of(kind: str, made: dict[str, Path], out: Path, **options: Any) -> Any:
    getattr(first_rows, kind)(job(out, made, **options))
    return read_rows(out)


def test_the_size_is_what_was_asked_for_with_the_backbones_own_control_tokens(made: dict[str, Path]) -> None:
    tokenizer = read_tokenizer(made[OWN])
    backbone = assemble({TOKENIZER: made[TOKENIZER]}, ()).backbone.tokenizer
    assert len(tokenizer) == 400 + 2  # <pad> and <mask>
    assert tokenizer.pad_token_id == backbone.pad_token_id
    assert tokenizer.mask_token_id == 401 and tokenizer.unk_token_id == backbone.unk_token_id


@pytest.mark.parametrize("draw", ["like_table", "normal"])
def test_known_pieces_keep_their_rows_to_the_bit(draw: str, made: dict[str, Path], tmp_path: Path) -> None:
    found = rows_of("copy_overlap", made, tmp_path / "rows", match="exact", draw=draw)
    model = assemble({TOKENIZER: made[TOKENIZER]}, ()).backbone
    same = overlap(read_tokenizer(made[OWN]), model.tokenizer)
    here, there = torch.tensor([*same]), torch.tensor([*same.values()])
    assert 50 < len(same) < 402
    assert torch.equal(found.rows[here], model.words.weight[there])
    bias = first_rows.Start.of(job(tmp_path / "x", made)).there.bias
    assert torch.equal(found.bias[here], bias[there])
    new = torch.ones(402, dtype=torch.bool)
    new[here] = False
    assert not found.bias[new].any()
    table = model.words.weight.detach()
    spread = table.std(0).mean() if draw == "like_table" else torch.tensor(model.config.initializer_range)
    assert float(found.rows[new].std(0).mean()) == pytest.approx(float(spread), rel=0.05)
    centre = table.mean(0) if draw == "like_table" else torch.zeros(128)
    assert float((found.rows[new].mean(0) - centre).abs().mean()) < float(spread) / 5


def test_the_mean_is_everywhere_else(made: dict[str, Path], tmp_path: Path) -> None:
    found = rows_of("mean", made, tmp_path / "rows")
    model = assemble({TOKENIZER: made[TOKENIZER]}, ()).backbone
    same = overlap(read_tokenizer(made[OWN]), model.tokenizer)
    new = next(n for n in range(402) if n not in same)
    torch.testing.assert_close(found.rows[new], model.words.weight.detach().mean(0))


XAVIER = (2 / (402 + 128)) ** 0.5


@pytest.mark.parametrize(
    ("init", "deviation"), [("xavier_normal", XAVIER), ("xavier_uniform", XAVIER), ("normal", 0.02)]
)
def test_random_rows_have_the_spread_that_they_should(
    init: str, deviation: float, made: dict[str, Path], tmp_path: Path
) -> None:
    found = rows_of("random", made, tmp_path / "rows", init=init)
    assert found.rows.shape == (402, 128) and float(found.rows.std()) == pytest.approx(deviation, rel=0.02)
    again = rows_of("random", made, tmp_path / "again", init=init)
    assert torch.equal(found.rows, again.rows)


def test_a_size_that_the_text_cannot_fill_is_told_with_the_one_it_can(made: dict[str, Path], tmp_path: Path) -> None:
    folder = made[OWN].parent
    inputs = {TOKENIZER: made[TOKENIZER], "artefact samples:swh:8w": folder / "samples"}
    with pytest.raises(RunError) as met:
        fixed_size(job(tmp_path / "out", inputs, size=90_000, words=8))
    (problem,) = met.value.problems
    bound = int(problem.what.split("at most ")[1].split()[0])
    assert f"--set vocabulary.target.text.size={bound}" in problem.fix
    lines = (folder / "samples" / "samples.txt").read_text(encoding="utf-8").splitlines()
    assert len(train_unigram(lines, bound).pieces) == bound
    with pytest.raises(SizeRefused) as refused:
        train_unigram(lines, 10)
    assert not refused.value.too_high and len(train_unigram(lines, refused.value.bound).pieces) == refused.value.bound


def test_no_sample_at_all_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("maji ni uhai\n", encoding="utf-8")
    with pytest.raises(RunError, match="too little text of swh") as met:
        cut(job(tmp_path / "out", {"resource text:swh": tmp_path}, words=128, most=None))
    assert "doesn't fill one sample of 128 words" in met.value.problems[0].what
    assert "--resource text:swh=FILE" in met.value.problems[0].fix


@pytest.mark.parametrize(
    ("off", "why"),
    [
        (
            {"pad_token": "<unk>"},
            "padding is id 1 to this model and its positions are counted from it; to the tokenizer",
        ),
        ({"mask_token": None}, "the tokenizer has no mask_token, as the backbone's own has"),
    ],
)
def test_a_tokenizer_that_can_not_serve_the_backbone_is_refused_before_it_has_rows(
    off: dict[str, Any], why: str, made: dict[str, Path], tmp_path: Path
) -> None:
    tokenizer = read_tokenizer(made[OWN])
    for role, token in off.items():
        setattr(tokenizer, role, token)
    write_tokenizer(tmp_path, tokenizer)
    with pytest.raises(RunError, match="This tokenizer can't serve the backbone") as met:
        rows_of("mean", {**made, OWN: tmp_path}, tmp_path / "rows")
    assert why in met.value.problems[0].what and "--set vocabulary.target=NAME" in met.value.problems[0].fix


def test_a_backbone_whose_padding_leaves_no_room_is_told(tmp_path: Path) -> None:
    """Its id must stay, and an own tokenizer has its control tokens in front."""
    words = ["a", "b", "c", "d", "e", "f", "g", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[PAD]"]
    odd = transformers.BertTokenizer(vocab={piece: n for n, piece in enumerate(words)})
    folder = tmp_path / "odd"
    transformers.BertForMaskedLM(transformers.BertConfig(
        vocab_size=12, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
    )).save_pretrained(folder)  # fmt: skip
    odd.save_pretrained(folder)
    load.fetch(job(tmp_path / "backbone", {}, location=f"folder:{folder}", revision="main"))
    with pytest.raises(RunError, match="leaves no room for another") as met:
        backbone_layout(job(tmp_path / "out", {TOKENIZER: tmp_path / "backbone"}))
    assert "has the id 11 and must keep it" in met.value.problems[0].what


def test_own_rows_are_read_as_the_adaptation_left_them() -> None:
    edits = ["vocabulary.target=fixed_size", "embedding.target=copy_overlap"]
    (predict,) = plan(method="madx", backbone="mini", targets="amh", set=edits).of("predict")
    assert "parts embedding:text@language:amh" in predict.needs
    assert "artefact embedding:amh:text" not in predict.needs
    (bare,) = plan(method="zero_shot", backbone="mini", targets="amh", set=edits).of("predict")
    assert "artefact embedding:amh:text" in bare.needs
