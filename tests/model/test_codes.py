"""Codes of languages: which there are, how a language's text gets its own, and where a new one starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sentencepiece

from tests.model.mbart_folder import CODES, lines, mbart
from xlt_core.model.codes import code_of, codes_of, first_codes, new_code
from xlt_core.model.load import load_tokenizer
from xlt_core.model.overlap import overlap
from xlt_core.model.rows import read_tokenizer, write_tokenizer
from xlt_core.model.tokens import fingerprint, layout, speaking, tokenizer_from_pieces
from xlt_core.model.unigram import train_unigram


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mbart(tmp_path_factory.mktemp("hub") / "mbart")


@pytest.fixture(scope="module")
def backbone(folder: Path) -> Any:
    return load_tokenizer(folder)


def own(language: str, like: Any) -> Any:
    """A tokenizer of a language's own."""
    model = train_unigram(lines(("eng",)), 90)
    return tokenizer_from_pieces(model.pieces, layout(like, language), model.charsmap)


def test_every_code_is_some_language_s(backbone: Any) -> None:
    codes = codes_of(backbone)
    assert sorted(codes.values()) == sorted(CODES) and len(codes) == 52
    known = {"eng": "en_XX", "zho": "zh_CN", "rus": "ru_RU", "ara": "ar_AR", "jpn": "ja_XX", "khm": "km_KH"}
    assert {language: code_of(codes, language) for language in known} == known
    # of a member of a macrolanguage the code of the whole
    assert (code_of(codes, "pbt"), code_of(codes, "swh"), code_of(codes, "pes")) == ("ps_AF", "sw_KE", "fa_IR")
    assert code_of(codes, "amh") is None and codes_of(object()) == {}


def test_each_language_s_text_gets_its_own_code(backbone: Any, folder: Path) -> None:
    assert backbone("the").tokens()[0] == "en_XX" == speaking(backbone, "eng")("the").tokens()[0]
    assert speaking(backbone, "eng") is backbone
    russian = speaking(backbone, "rus")
    assert russian("кот").tokens() == ["ru_RU", *backbone("кот").tokens()[1:-1], "</s>"]
    assert russian("кот")["input_ids"][1:] == backbone("кот")["input_ids"][1:]
    assert (len(russian), russian.pad_token_id, russian.mask_token_id) == (len(backbone), 1, backbone.mask_token_id)
    assert backbone("the").tokens()[0] == "en_XX", "the backbone's own is as it was"
    # a language without a code is read with the one that the tokenizer comes with
    assert speaking(backbone, "amh") is backbone
    assert fingerprint(load_tokenizer(folder)) == fingerprint(backbone)


def test_an_own_tokenizer_has_its_language_s_code_and_no_other(backbone: Any, tmp_path: Path) -> None:
    for language, code in (("amh", "amh_XX"), ("khm", "km_KH")):
        made = own(language, backbone)
        assert made.convert_ids_to_tokens([0, 1, 2, 3]) == ["<s>", "<pad>", "</s>", "<unk>"]
        assert made.convert_ids_to_tokens([len(made) - 2, len(made) - 1]) == [code, "<mask>"]
        assert len(made) == 90 + 1 + 1 + 1 and codes_of(made) == {language: code}
        assert made("the").tokens()[0] == code and made("the").tokens()[-1] == "</s>"
        assert speaking(made, language) is made
        write_tokenizer(tmp_path / language, made)
        again = read_tokenizer(tmp_path / language)
        assert again("the cat")["input_ids"] == made("the cat")["input_ids"]
    assert new_code("amh") == "amh_XX"


def test_its_ids_are_sentencepiece_s_on_every_line(backbone: Any) -> None:
    model = train_unigram(lines(("eng",)), 90)
    made = tokenizer_from_pieces(model.pieces, layout(backbone, "amh"), model.charsmap)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.proto)
    for line in lines():
        assert made(line, add_special_tokens=False)["input_ids"] == [
            n + 1 if n > 2 else 3 for n in processor.encode(line)
        ]


def test_a_known_code_is_copied_and_a_new_one_starts_from_those_of_the_sources(backbone: Any) -> None:
    khmer, amharic = own("khm", backbone), own("amh", backbone)
    place, there = khmer.convert_tokens_to_ids("km_KH"), backbone.convert_tokens_to_ids("km_KH")
    assert overlap(khmer, backbone)[place] == there
    assert first_codes(khmer, backbone, ("eng", "rus")) == {}
    new = amharic.convert_tokens_to_ids("amh_XX")
    assert new not in overlap(amharic, backbone)
    ids = [backbone.convert_tokens_to_ids(code) for code in ("en_XX", "ru_RU")]
    assert first_codes(amharic, backbone, ("eng", "rus", "grn")) == {new: ids}
    # where no source has one, of all
    assert len(first_codes(amharic, backbone, ("grn",))[new]) == 52


def test_tokenizers_that_write_no_codes_are_left_alone(backbone: Any) -> None:
    plain = load_tokenizer(Path(__file__).parents[2] / "xlt_core" / "mini" / "backbones" / "subword")
    assert layout(plain, "amh") == layout(plain) and speaking(plain, "rus") is plain
    assert first_codes(own("amh", plain), plain, ("eng",)) == {}
