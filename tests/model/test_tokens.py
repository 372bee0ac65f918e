"""More symbols without harm to ordinary text, fingerprints, and sentencepiece's pieces in a backbone's layout."""

from __future__ import annotations

import importlib.resources
import io
import json
import random
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

transformers = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")

from xlt_core.mini.pieces import character_tokenizer  # noqa: E402
from xlt_core.model.tokens import (  # noqa: E402
    TokenizerChanged,
    add_symbols,
    check,
    fingerprint,
    layout,
    probe,
    tokenizer_from_pieces,
)
from xlt_core.model.unigram import charsmap_of  # noqa: E402

IPA = ("ɸ", "a", "ʰ", "tʰ", "t͡ʃ", "ŋ", "ʔ", "ː", "ⁿ", "ɣ", "aɪ̯", "˥˩", "ǃ")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@cache
def subword() -> Any:
    folder = importlib.resources.files("xlt_core.mini.backbones").joinpath("subword")
    return transformers.AutoTokenizer.from_pretrained(str(folder))


@cache
def wordpiece() -> Any:
    special = ["[PAD]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [*special, *LETTERS, *(f"##{letter}" for letter in LETTERS), "hello", "world", "##ld", "н", "##н", "ʔ"]
    return transformers.BertTokenizer(vocab={piece: n for n, piece in enumerate(pieces)}, do_lower_case=False)


@cache
def byte_level(kind: str = "gpt2") -> Any:
    made = tokenizers.ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"] if kind == "roberta" else ["<|endoftext|>"]
    lines = [line for line in probe().values() for _ in range(3)]
    made.train_from_iterator(lines, vocab_size=700, special_tokens=special, show_progress=False)
    state = json.loads(made.to_str())["model"]
    merges = [tuple(merge) for merge in state["merges"]]
    cls = transformers.RobertaTokenizer if kind == "roberta" else transformers.GPT2Tokenizer
    return cls(vocab=state["vocab"], merges=merges)


@cache
def characters() -> Any:
    names = {"bos": "<s>", "cls": "<s>", "eos": "</s>", "sep": "</s>", "pad": "<pad>", "unk": "<unk>", "mask": "<mask>"}
    roles = {f"{role}_token": token for role, token in names.items()}
    return transformers.PreTrainedTokenizerFast(tokenizer_object=character_tokenizer(["hello a world"]), **roles)


def ids(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text)["input_ids"])


def trained(lines: list[str], size: int, rule: str = "nmt_nfkc") -> tuple[Any, list[tuple[str, float]], bytes | None]:
    """A sentencepiece model, its pieces with scores, and its normalisation map."""
    spm = pytest.importorskip("sentencepiece")
    out = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=out, vocab_size=size, model_type="unigram", num_threads=1,
        character_coverage=1.0, normalization_rule_name=rule, minloglevel=2, hard_vocab_limit=False,
    )  # fmt: skip
    model = spm.SentencePieceProcessor(model_proto=out.getvalue())
    pieces = [(model.id_to_piece(n), model.get_score(n)) for n in range(model.get_piece_size())]
    return model, pieces, charsmap_of(out.getvalue())


def drawn_lines(seed: int, count: int) -> list[str]:
    """Lines of made-up words, some of them met often, with blanks and marks of all sorts between."""
    draw = random.Random(seed)
    alphabets = (LETTERS, "абвгдежзиклмн", "αβγδεζηθ", "ሀለሐመሠረሰ", "אבגדהוז", "ངདནབམ", "éèüñçåø", "你好世界中文")
    known = ["".join(draw.choices(draw.choice(alphabets), k=draw.randint(1, 7))) for _ in range(300)]
    marks = [".", ",", "!", " 12", " 3½", "…", "“x”", "-", "(", "①", "ﬁ", "Ａ"]
    lines = []
    for _ in range(count):
        words = [draw.choice(known) + (draw.choice(marks) if draw.random() < 0.2 else "") for _ in range(12)]
        lines.append("".join(word + draw.choice([" ", " ", " ", "  ", "\u00a0", "\t", "\u3000"]) for word in words))
    return lines


@cache
def own() -> Any:
    """A tokenizer with sentencepiece's usual map, in XLM-R's layout."""
    _, pieces, charsmap = trained([*probe().values(), *drawn_lines(0, 300)], 900)
    return tokenizer_from_pieces(pieces, layout(subword()), charsmap)


MADE: dict[str, Callable[[], Any]] = {"unigram": subword, "mapped": own, "wordpiece": wordpiece, "gpt2": byte_level,
        "roberta": lambda: byte_level("roberta"), "characters": characters}  # fmt: skip


def symbols_for(kind: str) -> list[str]:
    return [symbol for symbol in IPA if kind != "characters" or len(symbol) == 1]


@pytest.mark.parametrize("kind", MADE)
def test_new_symbols_leave_other_text_as_it_was(kind: str) -> None:
    before = MADE[kind]()
    more = add_symbols(before, symbols_for(kind))
    assert set(more.known) | set(more.new) == set(symbols_for(kind)) and "a" in more.known and more.new
    left = 0
    for name, text in probe().items():
        seen = text + unicodedata.normalize("NFKC", text)
        if not any(symbol in seen for symbol in more.new):
            assert ids(more.tokenizer, text) == ids(before, text), name
            left += 1
    assert left >= 80


@pytest.mark.parametrize("kind", MADE)
def test_new_symbols_have_the_last_ids_and_are_read(kind: str) -> None:
    before = MADE[kind]()
    more = add_symbols(before, symbols_for(kind))
    added = {n for found in more.new.values() for n in found if n not in before.get_vocab().values()}
    assert added == set(range(len(before), len(more.tokenizer))) and added
    assert all(set(found) & added for found in more.new.values())
    assert max(more.tokenizer.get_vocab().values()) == len(more.tokenizer) - 1
    for symbol, found in more.new.items():
        if symbol in ("tʰ", "aɪ̯", "t͡ʃ"):
            continue
        for text in (symbol, f"{symbol}e", f"e{symbol}e", f"e {symbol}"):
            assert set(ids(more.tokenizer, text)) & set(found), (symbol, text)
    for role in ("pad_token_id", "mask_token_id", "eos_token_id", "unk_token_id"):
        assert getattr(more.tokenizer, role) == getattr(before, role)


@pytest.mark.parametrize("kind", MADE)
def test_what_was_extended_is_saved_and_loaded(kind: str, tmp_path: Path) -> None:
    more = add_symbols(MADE[kind](), symbols_for(kind)).tokenizer
    more.save_pretrained(tmp_path)
    again = transformers.AutoTokenizer.from_pretrained(tmp_path)
    check(again, fingerprint(more))
    assert all(ids(again, f"e{symbol}e") == ids(more, f"e{symbol}e") for symbol in IPA)
    twice = add_symbols(again, symbols_for(kind))
    assert not twice.new and fingerprint(twice.tokenizer) == fingerprint(more)


def test_a_symbol_that_the_normaliser_spoils_is_kept_apart() -> None:
    more = add_symbols(own(), IPA).tokenizer
    assert ids(own(), "tʰa") == ids(own(), "tha") != ids(more, "tʰa")
    assert ids(more, "tha") == ids(own(), "tha")
    assert more.decode(ids(more, "etʰa eʰa"), skip_special_tokens=True) == "etʰa eʰa"
    assert len(ids(more, "etʰe")) < len(ids(more, "ekʰe")) + 1
    # no word is cut in two by it
    assert more.convert_ids_to_tokens(ids(more, "eʰe")).count("▁") <= 1


def test_a_known_letter_keeps_its_words_whole() -> None:
    text = "The manager was in Nairobi, a city."
    assert ids(add_symbols(subword(), ["a", "t", "ɸ"]).tokenizer, text) == ids(subword(), text)
    cut = transformers.PreTrainedTokenizerFast(tokenizer_object=subword().backend_tokenizer)
    cut.add_tokens(["ɸ", tokenizers.AddedToken("an", normalized=False)])
    assert cut(text, add_special_tokens=False)["input_ids"] != ids(subword(), text)[1:-1]


def test_symbols_that_cant_be_pieces_are_refused() -> None:
    with pytest.raises(ValueError, match="cuts t͡ʃ before"):
        add_symbols(characters(), ["t͡ʃ", "ŋ"])
    with pytest.raises(ValueError, match="would cut ordinary words"):
        add_symbols(byte_level(), ["xq"])
    with pytest.raises(ValueError, match="without blanks, not '', 'a b'"):
        add_symbols(subword(), ["", "a b"])


def test_unknown_characters_cost_what_they_did() -> None:
    """A unigram model scores them from its worst piece, so no new piece may be worse."""
    before = tokenizer_from_pieces([("▁", -1.0), ("ab", -20.0), ("c", -20.0), ("bc", -1.0)], subword())
    more = add_symbols(before, ["ababab"])
    assert before.tokenize("abc") == ["▁", "a", "bc"] == more.tokenizer.tokenize("abc")
    assert more.tokenizer.tokenize("ababab") == ["▁", "ababab"]


def test_what_a_tokenizer_was_asked_last_is_forgotten() -> None:
    before = byte_level("roberta")
    before(["a b c d e", "a"], padding=True, truncation=True, max_length=4)
    backend = add_symbols(before, ["ɸ"]).tokenizer.backend_tokenizer
    assert backend.truncation is None and backend.padding is None


def test_tokens_that_were_added_before_keep_their_ids() -> None:
    before = transformers.PreTrainedTokenizerFast(tokenizer_object=subword().backend_tokenizer, unk_token="<unk>")
    before.add_tokens(["[LANG]"])
    more = add_symbols(before, ["ɸ"])
    assert more.tokenizer.convert_tokens_to_ids("[LANG]") == before.convert_tokens_to_ids("[LANG]") == len(subword())
    assert more.new == {"ɸ": (len(subword()) + 1,)}
    assert ids(more.tokenizer, "in [LANG] at") == ids(before, "in [LANG] at")


def test_the_probe_has_many_scripts() -> None:
    lines = probe()
    scripts = {name for name in lines if name[0].isupper() and "-" not in name}
    assert len(scripts) >= 60
    assert lines["spaces"].startswith(" a\u00a0b") and "\u200d" in lines["emoji"]
    assert all(text and "\\u" not in text for text in lines.values())


@pytest.mark.parametrize("kind", MADE)
def test_a_fingerprint_is_the_same_twice_and_names_what_differs(kind: str) -> None:
    taken = fingerprint(MADE[kind]())
    MADE[kind]()(["a", "a b"], padding=kind != "gpt2", truncation=True, max_length=4)
    check(MADE[kind](), json.loads(json.dumps(taken)))
    with pytest.raises(TokenizerChanged, match=r"Ethi otherwise .* \(1 of 90, as in 'ሰላም ለዓለም") as told:
        check(MADE[kind](), {**taken, "Ethi": "0"})
    assert transformers.__version__ in str(told.value)


def test_a_changed_tokenizer_is_told() -> None:
    taken = fingerprint(subword())
    other = tokenizers.Tokenizer.from_str(subword().backend_tokenizer.to_str())
    other.normalizer = tokenizers.normalizers.Sequence(
        [tokenizers.normalizers.NFKC(), tokenizers.normalizers.Lowercase()]
    )
    roles = subword().special_tokens_map
    with pytest.raises(TokenizerChanged, match="Latn") as told:
        check(transformers.PreTrainedTokenizerFast(tokenizer_object=other, **roles), taken)
    assert "Thai" not in str(told.value)
    with pytest.raises(TokenizerChanged, match="special tokens"):
        check(
            transformers.PreTrainedTokenizerFast(tokenizer_object=subword().backend_tokenizer, unk_token="<unk>"), taken
        )


def test_layouts_of_backbones() -> None:
    xlm_r = layout(subword())
    assert (xlm_r.front, xlm_r.end) == (("<s>", "<pad>", "</s>", "<unk>"), ("<mask>",))
    assert xlm_r.single == ("<s>:0", "$A:0", "</s>:0")
    assert xlm_r.pair == ("<s>:0", "$A:0", "</s>:0", "</s>:0", "$B:0", "</s>:0")
    bert = layout(wordpiece())
    assert (bert.front, bert.end) == (("[PAD]", "[UNK]", "[CLS]", "[SEP]"), ("[MASK]",))
    assert bert.pair == ("[CLS]:0", "$A:0", "[SEP]:0", "$B:1", "[SEP]:1")
    roberta = layout(byte_level("roberta"))
    assert (roberta.front, roberta.end, roberta.pair) == (xlm_r.front, xlm_r.end, xlm_r.pair)
    gpt2 = layout(byte_level())
    assert (gpt2.front, gpt2.end, gpt2.single) == (("<|endoftext|>",), (), ("$A:0",))
    mbart = layout(transformers.MBartTokenizer(src_lang="tr_TR"))
    assert mbart.front == xlm_r.front and mbart.end[-1] == "<mask>" and "sw_KE" not in mbart.end
    assert mbart.single == ("$A:0", "</s>:0", "tr_TR:0") and "tr_TR" in mbart.end


def test_padding_that_cant_keep_its_id_is_refused() -> None:
    odd = transformers.BertTokenizer(
        vocab={p: n for n, p in enumerate([*LETTERS, "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[PAD]"])}
    )
    with pytest.raises(ValueError, match=r"\[PAD\] has the id 30 and must keep it"):
        layout(odd)
    second = transformers.BertTokenizer(
        vocab={p: n for n, p in enumerate(["a", "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])}
    )
    assert layout(second).front == ("[UNK]", "[PAD]", "[CLS]", "[SEP]")


def frame(coded: Any) -> list[tuple[str | None, int]]:
    """Special tokens with their segments, and the texts' segments, each run of pieces once."""
    found: list[tuple[str | None, int]] = []
    for token, text, segment in zip(coded.tokens(), coded.sequence_ids(0), coded["token_type_ids"], strict=True):
        if text is None or not found or found[-1][0] is not None:
            found.append((None if text is not None else token, segment))
    return found


LIKE: dict[str, Callable[[], Any]] = {
    "xlm-r": subword,
    "bert": wordpiece,
    "gpt2": byte_level,
    "mbart": lambda: transformers.MBartTokenizer(),
}


@pytest.mark.parametrize("like", LIKE)
def test_own_pieces_serve_a_backbone(like: str, tmp_path: Path) -> None:
    backbone = LIKE[like]()
    shape = layout(backbone)
    made = tokenizer_from_pieces([("<unk>", 0.0), ("<s>", 0.0), ("▁a", -1.0), ("b", -2.0), ("▁", -3.0)], backbone)
    front = len(shape.front)
    assert [made.convert_tokens_to_ids(piece) for piece in ("▁a", "b", "▁")] == [front, front + 1, front + 2]
    assert len(made) == front + 3 + len(shape.end)
    assert made.special_tokens_map == backbone.special_tokens_map
    for texts in (("a",), ("a", "a")):
        ours = made(*texts, return_token_type_ids=True)
        theirs = backbone(*texts, return_token_type_ids=True)
        assert frame(ours) == frame(theirs)
    if made.pad_token:
        assert made.pad_token_id == backbone.pad_token_id
    assert made(" b  a ☃", add_special_tokens=False)["input_ids"][-1] == made.unk_token_id
    made.save_pretrained(tmp_path)
    transformers.AutoConfig.for_model("xlm-roberta").save_pretrained(tmp_path)
    check(transformers.AutoTokenizer.from_pretrained(tmp_path), fingerprint(made))


@pytest.mark.parametrize("rule", ["nmt_nfkc", "nfkc", "identity"])
def test_pieces_are_sentencepieces_own(rule: str) -> None:
    """The same ids as sentencepiece, moved by the layout, on every line: seen in training, unseen, and odd ones.

    Only where two cuts are exactly as good may it be the same pieces in another order.
    """
    lines = [*probe().values(), *drawn_lines(1, 400)]
    model, pieces, charsmap = trained(lines, 1200, rule)
    assert (charsmap is None) == (rule == "identity")
    made = tokenizer_from_pieces(pieces, subword(), charsmap)
    odd = ["", " ", "a", "  a   b ", "ab" * 80, "☃☃ ☃", "a☃b", "½", "ŉ ǆ", "\ta\n"]
    composed = [unicodedata.normalize("NFC", line) for line in (*lines, *drawn_lines(2, 400), *odd)]
    differing = [line for line in composed if ours_of(made, line) != theirs_of(model, line)]
    assert all(sorted(ours_of(made, line)) == sorted(theirs_of(model, line)) for line in differing)
    assert len(differing) <= 1, differing


def ours_of(made: Any, line: str) -> list[int]:
    return list(made(line, add_special_tokens=False)["input_ids"])


def theirs_of(model: Any, line: str) -> list[int]:
    """sentencepiece's ids in XLM-R's layout."""
    return [n + 1 if n > 2 else 3 for n in model.encode(line)]


def test_marks_that_dont_compose_are_kept_when_text_is_composed_first() -> None:
    model, pieces, charsmap = trained([*probe().values(), *drawn_lines(1, 400)], 1200)
    made = tokenizer_from_pieces(pieces, subword(), charsmap, compose=True)
    lines = [unicodedata.normalize("NFD", line) for line in probe().values()]
    told = [line for line in lines if ours_of(made, line) != theirs_of(model, unicodedata.normalize("NFC", line))]
    assert [line[:2] for line in told] in ([], ["aa"])
    three = "ke\u0323\u0301"
    assert ours_of(made, three) != ours_of(made, "ke\u0323")
