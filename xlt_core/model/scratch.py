"""A backbone that starts from nothing but texts: its pieces, its shape and its first vectors, as a transformers folder.

    python -m xlt_core.model.scratch FOLDER OUT --pieces 16000 --layers 4 --width 256

FOLDER holds a table of translations, a column for each language in their order, `eng-fra-hin.tsv`, and `LANG.txt` for
each of these languages; without a table, `--languages eng,fra,hin` says which. The first language is the pivot of the
first vectors. What comes out knows nothing yet: `xlt run --method pretrain --backbone OUT` teaches it.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from unicodedata import normalize

import numpy as np
import torch

from xlt_core.errors import Problem, UnavailableError, XltError
from xlt_core.model.load import quiet
from xlt_core.model.tokens import Layout, tokenizer_from_pieces
from xlt_core.model.vectors import Counting, piece_vectors
from xlt_core.permissions import as_new_files

FRONT, MASK = ("<s>", "<pad>", "</s>", "<unk>"), "<mask>"


@dataclass(frozen=True, slots=True)
class Small:
    """An XLM-R of a size of one's own."""

    pieces: int = 16_000
    layers: int = 4
    width: int = 256
    heads: int = 4
    longest: int = 128
    letters: int = 300_000
    """Letters of each language's text from which pieces are learnt, so that no language has them all."""
    coverage: float = 0.9995
    """Share of the letters that must be pieces; of the others some are, and the rest is unknown."""
    vectors: float = 0.05
    """Spread of the first vectors, and of the positions' beside them."""
    positions: float = 0.03
    seed: int = 1


def scratch(folder: Path, out: Path, languages: Sequence[str], size: Small) -> None:
    """Write the folder of a backbone that was not trained yet."""
    quiet()
    if out.exists():
        raise _refused(f"{out} is there already, and nothing is overwritten", "OUT")
    texts = {language: _lines(folder / f"{language}.txt") for language in languages}
    table = folder / f"{'-'.join(languages)}.tsv"
    cells = [line.split("\t") for line in _lines(table)] if table.is_file() else []
    tokenizer = tokenizer_for(texts, size)
    coded = {language: _coded(tokenizer, lines) for language, lines in texts.items()}
    columns = [_coded(tokenizer, [row[n] for row in cells]) for n in range(len(languages))] if cells else []
    pairs = {
        language: [(own, pivot) for own, pivot in zip(column, columns[0], strict=True) if own and pivot]
        for language, column in zip(languages[1:], columns[1:], strict=False)
    }
    vectors = piece_vectors(coded, pairs, len(tokenizer), Counting(size.width, seed=size.seed))
    model = new_model(len(tokenizer), size, vectors)
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    as_new_files(out)


def tokenizer_for(texts: Mapping[str, Sequence[str]], size: Small) -> Any:
    """A unigram tokenizer over all languages, in XLM-R's layout; text is read in NFC."""
    import sentencepiece

    made = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=_some(texts, size), model_writer=made, vocab_size=size.pieces - 2, model_type="unigram",
            normalization_rule_name="identity", character_coverage=size.coverage, max_sentencepiece_length=12,
            seed_sentencepiece_size=400_000, num_threads=1, minloglevel=2,
        )  # fmt: skip
    except RuntimeError as error:  # too many pieces for so little text, or too few for its letters
        raise _refused(str(error).rpartition("] ")[2], "--pieces") from None
    learnt = sentencepiece.SentencePieceProcessor(model_proto=made.getvalue())
    numbers = (n for n in range(len(learnt)) if not learnt.is_control(n) and not learnt.is_unknown(n))
    pieces = [(learnt.id_to_piece(n), learnt.get_score(n)) for n in numbers]
    roles = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "pad_token": "<pad>"}
    settings = {**roles, "unk_token": "<unk>", "mask_token": MASK, "model_max_length": size.longest}
    single, pair = ("<s>:0", "$A:0", "</s>:0"), ("<s>:0", "$A:0", "</s>:0", "</s>:0", "$B:0", "</s>:0")
    return tokenizer_from_pieces(pieces, Layout(FRONT, (MASK,), single, pair, settings), compose=True)


def _some(texts: Mapping[str, Sequence[str]], size: Small) -> Iterator[str]:
    """So many letters of each language, lines drawn by the seed."""
    for language, lines in texts.items():
        taken = 0
        for line in Random(f"{size.seed} {language}").sample(lines, len(lines)):
            if taken >= size.letters:
                break
            taken += len(line)
            yield normalize("NFC", line)


def new_model(pieces: int, size: Small, vectors: np.ndarray[Any, np.dtype[np.float64]]) -> Any:
    """The model: first vectors as they were counted, positions in the order of waves, all else at random."""
    from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

    config = XLMRobertaConfig(
        vocab_size=pieces, hidden_size=size.width, num_hidden_layers=size.layers, num_attention_heads=size.heads,
        intermediate_size=4 * size.width, max_position_embeddings=size.longest + 2, type_vocab_size=1,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, bos_token_id=0, pad_token_id=1, eos_token_id=2,
        tie_word_embeddings=True,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(size.seed)
        model = XLMRobertaForMaskedLM(config)
    spread = vectors / vectors.std()
    known = torch.from_numpy(np.abs(vectors).sum(1) > 0)
    with torch.no_grad():
        # A small model spends long learning which positions are near each other, and which pieces are alike.
        words, places = model.roberta.embeddings.word_embeddings, model.roberta.embeddings.position_embeddings
        words.weight[known] = torch.from_numpy(size.vectors * spread).float()[known]
        places.weight.copy_(size.positions * waves(size.longest + 2, size.width))
    return model.eval()


def waves(places: int, width: int) -> torch.Tensor:
    """Positions as sines and cosines (Vaswani et al. 2017), [places, width]."""
    angles = torch.arange(places)[:, None] / 10_000 ** (torch.arange(0, width, 2) / width)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).reshape(places, width)


def _languages(folder: Path) -> list[str]:
    """Those of the one table of translations."""
    tables = sorted(folder.glob("*-*.tsv"))
    if len(tables) != 1:
        raise _refused(f"{folder} holds {len(tables) or 'no'} tables of translations: say --languages", "FOLDER")
    return tables[0].stem.split("-")


def _coded(tokenizer: Any, lines: Sequence[str]) -> list[list[int]]:
    return list(tokenizer(list(lines), add_special_tokens=False)["input_ids"]) if lines else []


def _lines(file: Path) -> list[str]:
    try:
        return [line for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
    except OSError as error:
        raise _refused(f"{file} can't be read: {error.strerror}", "FOLDER") from None


def _refused(what: str, where: str) -> UnavailableError:
    return UnavailableError("No backbone was made.", [Problem(what, where)])


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    about = "A backbone that starts from nothing but texts, as a transformers folder."
    parser = argparse.ArgumentParser(prog="python -m xlt_core.model.scratch", description=about)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="holds LANG.txt and LANG-LANG-….tsv")
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder that isn't there yet")
    parser.add_argument("--languages", metavar="LANGS", help="eng,fra,…; those of the table where none are given")
    size = Small()
    for name in ("pieces", "layers", "width", "heads", "longest", "seed"):
        parser.add_argument(f"--{name}", type=int, default=getattr(size, name), metavar="N")
    told = vars(parser.parse_args(arguments))
    folder, out, languages = (told.pop(name) for name in ("folder", "out", "languages"))
    try:
        scratch(folder, out, languages.split(",") if languages else _languages(folder), Small(**told))
    except XltError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
