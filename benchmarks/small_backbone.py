"""What a small backbone gives beyond random weights, from English to the other languages that it has seen.

    python benchmarks/small_backbone.py CORPORA DIR [DIR ...] [--seeds 3] [--sentences 3000] [--epochs 4]

CORPORA holds `ud/` and `sib200/`. Beside each DIR stands the same architecture and tokenizer with random weights.
What is measured:

- guessing: nats a masked piece of SIB-200 test sentences (15 %), alone, and with the English sentence beside it;
- parts of speech: the whole model fine-tuned on English GUM, accuracy in percent on other languages' test parts;
- topics: a linear layer on mean states of English SIB-200 train, nothing else trained, accuracy on test;
- retrieval: an English sentence of the SIB-200 test part finds its translation among all 204, by cosine, in percent.

States of sentences are those at two thirds of the layers. None of the tested sentences was read in pretraining.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from transformers import AutoConfig, AutoTokenizer, XLMRobertaForMaskedLM

from xlt_core.config.settings import Settings
from xlt_core.data.encode import IGNORED, Batch, Piece, SubwordReader, collate
from xlt_core.data.masking import Pieces, mask_rows
from xlt_core.data.records import Tagged
from xlt_core.data.rows import RowReader
from xlt_core.engine.device import Machine, prepare
from xlt_core.engine.feed import Feed
from xlt_core.engine.loop import train_steps
from xlt_core.engine.losses import task
from xlt_core.engine.net import Net
from xlt_core.engine.predict import tag
from xlt_core.engine.score import measure
from xlt_core.engine.update import Term
from xlt_core.facts import View
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.load import quiet
from xlt_core.slots.losses import Mask, TaskLoss
from xlt_core.slots.schedule import Finetune
from xlt_core.slots.tasks import UPOS

SETTINGS = Settings(method="zero_shot", backbone="mini", precision="bf16", threads=1)
TRAIN, DEV = "UD_English-GUM/en_gum-ud-train", "UD_English-GUM/en_gum-ud-dev"
TREEBANKS = {
    "fra": "UD_French-Sequoia", "ita": "UD_Italian-ParTUT", "ell": "UD_Greek-GDT", "rus": "UD_Russian-GSD",
    "ukr": "UD_Ukrainian-IU", "hin": "UD_Hindi-PUD", "urd": "UD_Urdu-UDTB", "pes": "UD_Persian-Seraji",
    "arb": "UD_Arabic-PUD", "heb": "UD_Hebrew-HTB", "tur": "UD_Turkish-IMST", "fin": "UD_Finnish-TDT",
    "hun": "UD_Hungarian-Szeged", "tam": "UD_Tamil-TTB", "vie": "UD_Vietnamese-VTB", "zho": "UD_Chinese-GSDSimp",
    "jpn": "UD_Japanese-GSD", "kor": "UD_Korean-GSD",
}  # fmt: skip
TOPICS = {
    "zho": "zho_Hans", "rus": "rus_Cyrl", "arb": "arb_Arab", "jpn": "jpn_Jpan", "kor": "kor_Hang", "vie": "vie_Latn",
    "tur": "tur_Latn", "ell": "ell_Grek", "heb": "heb_Hebr", "pes": "pes_Arab", "hin": "hin_Deva", "fra": "fra_Latn",
    "ita": "ita_Latn", "hun": "hun_Latn", "ukr": "ukr_Cyrl", "fin": "fin_Latn", "tam": "tam_Taml", "tgl": "tgl_Latn",
    "spa": "spa_Latn", "swh": "swh_Latn", "urd": "urd_Arab", "tha": "tha_Thai", "hau": "hau_Latn",
}  # fmt: skip
Scores = dict[str, float]


def lines(file: Path) -> list[str]:
    packed = file.with_name(file.name + ".gz")
    text = gzip.decompress(packed.read_bytes()).decode() if packed.is_file() else file.read_text(encoding="utf-8")
    return text.split("\n")


def treebank(file: Path, language: str, most: int) -> list[Tagged]:
    rows: list[Tagged] = []
    words: list[str] = []
    tags: list[str] = []
    for line in lines(file):
        cells = line.split("\t")
        if not line and words and len(rows) < most:
            rows.append(Tagged(str(len(rows)), language, tuple(words), tuple(tags)))
        if not line:
            words, tags = [], []
        elif cells[0].isdigit():
            words.append(cells[1])
            tags.append({"CONJ": "CCONJ", "_": "X"}.get(cells[3], cells[3]))
    return rows


def sentences(folder: Path, part: str) -> tuple[list[str], list[str]]:
    """Texts and topics, in the order of their numbers."""
    table = csv.DictReader(filter(None, lines(folder / f"{part}.tsv")), delimiter="\t", quoting=csv.QUOTE_NONE)
    rows = sorted(table, key=lambda row: int(row["index_id"]))
    return [row["text"] for row in rows], [row["category"] for row in rows]


def parts_of_speech(folder: Path, corpora: Path, seed: int, count: int, epochs: int, most: int) -> Scores:
    """Fine-tune on English, answer for all."""
    net = Net(BackboneModel.load(folder))
    net.add_head(UPOS, seed)
    reader = SubwordReader(net.backbone.tokenizer, int(net.backbone.config.max_position_embeddings) - 2)
    numbers = {label: n for n, label in enumerate(UPOS)}
    pieces = reader.stretches(treebank(corpora / "ud" / f"{TRAIN}.conllu", "eng", count), numbers)
    options = Finetune(lr=5e-4, batch=16, epochs=epochs, max_length=128, warm_up=0.1)
    device = torch.device("cpu")
    feed = Feed(net, {View(): frozenset({"last"})}, seed, device)
    machine = Machine(device, SETTINGS.precision)
    for _ in train_steps(net, [Term("task", TaskLoss(), task)], pieces, feed, options, seed, None, machine=machine):
        pass
    files = {"eng": corpora / "ud" / f"{DEV}.conllu"}
    files |= {own: next((corpora / "ud" / name).glob("*-test.conllu*")) for own, name in TREEBANKS.items()}
    found = {}
    for language, file in files.items():
        rows = treebank(file.with_name(file.name.removesuffix(".gz")), language, most)
        said = tag(net, reader, rows, device)
        found[language] = measure("accuracy", [row.tags for row in rows], said)["accuracy"]
    return found


def embedded(net: Net, texts: Sequence[str]) -> torch.Tensor:
    """Mean states of sentences without their special tokens, [sentences, width]."""
    layer = len(net.backbone.layers) * 2 // 3
    reader = SubwordReader(net.backbone.tokenizer, int(net.backbone.config.max_position_embeddings) - 2, truncate=True)
    rows = [Tagged(str(n), "", tuple(text.split()), ()) for n, text in enumerate(texts)]
    found = []
    with torch.inference_mode():
        for batch in batches(net, reader.stretches(rows)):
            states = net.states(batch, frozenset({layer}))[layer]
            found += [own[piece.words].mean(0) for own, piece in zip(states, batch.pieces, strict=True)]
    return torch.stack(found)


def tests(corpora: Path, name: str) -> list[str]:
    return sentences(corpora / "sib200" / name, "test")[0]


def guessing(folder: Path, corpora: Path) -> tuple[Scores, Scores]:
    """Nats a masked piece: the same pieces are hidden in a sentence alone and beside its translation."""
    net = Net(BackboneModel.load(folder)).eval()
    reader = RowReader(net.backbone.tokenizer, int(net.backbone.config.max_position_embeddings) - 2, restart=True)
    coded = {
        language: [(ids[:60], begins[:60]) for ids, begins in reader.coded(tests(corpora, name))]
        for language, name in {"eng": "eng_Latn", **TOPICS}.items()
    }
    alone: Scores = {}
    beside: Scores = {}
    for language, rows in coded.items():
        stream = torch.Generator().manual_seed(0)
        spec, known = Mask(replace="mask"), Pieces.of(net.backbone.tokenizer)
        masked = mask_rows([ids for ids, _ in rows], [begins for _, begins in rows], spec, known, stream)
        alone[language] = nats(net, reader, [([ids], targets) for ids, targets in masked])
        pairs = zip(masked, coded["eng"], strict=True)
        beside[language] = nats(net, reader, [([ids, english], targets) for (ids, targets), (english, _) in pairs])
    return alone, beside


def nats(net: Net, reader: RowReader, rows: Sequence[tuple[list[list[int]], list[int]]]) -> float:
    """The mean loss at the hidden places of each row's first sentence."""
    pieces = []
    for parts, targets in rows:
        row = reader.joined(0, [(own, own) for own in parts], "")
        before, after = len(reader.before), len(row.ids) - len(reader.before) - len(targets)
        pieces.append(replace(row, targets=(*[IGNORED] * before, *targets, *[IGNORED] * after)))
    losses = []
    with torch.inference_mode():
        for batch in batches(net, pieces):
            assert batch.targets is not None
            hidden = batch.targets != IGNORED
            scores = net.backbone.vocabulary_logits(net.states(batch, frozenset({"last"}))["last"][hidden])
            losses.append(torch.nn.functional.cross_entropy(scores, batch.targets[hidden], reduction="none"))
    return float(torch.cat(losses).mean())


def batches(net: Net, pieces: Sequence[Piece]) -> Iterator[Batch]:
    for start in range(0, len(pieces), 32):
        yield collate(pieces[start : start + 32], int(net.backbone.tokenizer.pad_token_id))


def topics_and_retrieval(folder: Path, corpora: Path) -> tuple[Scores, Scores]:
    net = Net(BackboneModel.load(folder)).eval()
    english = corpora / "sib200" / "eng_Latn"
    texts, topics = sentences(english, "train")
    labels = sorted(set(topics))
    train, queries = embedded(net, texts), embedded(net, tests(corpora, "eng_Latn"))
    middle, spread = train.mean(0), train.std(0) + 1e-6
    layer = fitted((train - middle) / spread, torch.tensor([labels.index(own) for own in topics]), len(labels))
    right: Scores = {}
    hits: Scores = {}
    for language, name in {"eng": "eng_Latn", **TOPICS}.items():
        texts, topics = sentences(corpora / "sib200" / name, "test")
        states = embedded(net, texts)
        said = layer((states - middle) / spread).argmax(1)
        right[language] = 100 * float((said == torch.tensor([labels.index(own) for own in topics])).float().mean())
        one, two = (torch.nn.functional.normalize(own - own.mean(0)) for own in (queries, states))
        hits[language] = 100 * float(((one @ two.T).argmax(1) == torch.arange(len(one))).float().mean())
    return right, hits


def fitted(states: torch.Tensor, labels: torch.Tensor, kinds: int) -> torch.nn.Linear:
    """Logistic regression with a small penalty, to its optimum."""
    states = states.clone()
    layer = torch.nn.Linear(states.shape[1], kinds)
    torch.nn.init.zeros_(layer.weight)
    optim = torch.optim.LBFGS(layer.parameters(), max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optim.zero_grad()
        value = torch.nn.functional.cross_entropy(layer(states), labels) + 0.02 * layer.weight.pow(2).sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optim.step(loss)  # type: ignore[no-untyped-call]
    return layer.requires_grad_(False)


def random_like(folder: Path, out: Path, seed: int) -> Path:
    """The same shape and tokenizer, nothing learnt."""
    torch.manual_seed(seed)
    XLMRobertaForMaskedLM(AutoConfig.from_pretrained(folder)).save_pretrained(out)
    AutoTokenizer.from_pretrained(folder).save_pretrained(out)
    return out


def told(title: str, scores: Sequence[Scores]) -> None:
    """A row a backbone: means over seeds, English by itself, the mean over the others, and each of them."""
    means = {language: sum(own[language] for own in scores) / len(scores) for language in scores[0]}
    others = [value for language, value in means.items() if language != "eng"]
    averages = [sum(v for k, v in own.items() if k != "eng") / (len(own) - 1) for own in scores]
    spread = f" ({min(averages):.1f} to {max(averages):.1f})" if len(scores) > 1 else ""
    each_digits, digits = (2, 2) if title.startswith("nats") else (0, 1)
    each = " ".join(f"{language} {value:.{each_digits}f}" for language, value in means.items() if language != "eng")
    mean = f"{sum(others) / len(others):.{digits}f}{spread}"
    print(f"{title}: eng {means['eng']:.{digits}f}, others {mean}: {each}", flush=True)


def measured(name: str, folders: Sequence[Path], given: argparse.Namespace) -> Iterator[tuple[str, list[Scores]]]:
    """`folders` are one backbone, or the same at random from each seed."""
    if given.only != "tagging":
        yield from _of_states(name, folders, given)
    if given.only != "states":
        yield (
            f"parts of speech, {name}",
            [
                parts_of_speech(
                    folders[n % len(folders)], given.corpora, seed, given.sentences, given.epochs, given.test
                )
                for n, seed in enumerate(range(1, given.seeds + 1))
            ],
        )


def _of_states(name: str, folders: Sequence[Path], given: argparse.Namespace) -> Iterator[tuple[str, list[Scores]]]:
    read = [guessing(folder, given.corpora) for folder in folders]
    yield f"nats alone, {name}", [alone for alone, _ in read]
    yield f"nats beside English, {name}", [beside for _, beside in read]
    both = [topics_and_retrieval(folder, given.corpora) for folder in folders]
    yield f"topics, {name}", [right for right, _ in both]
    yield f"retrieval, {name}", [hits for _, hits in both]


def main() -> None:
    parser = argparse.ArgumentParser(description="A small backbone against random weights, English to other languages.")
    parser.add_argument("corpora", type=Path)
    parser.add_argument("backbones", type=Path, nargs="+")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sentences", type=int, default=3000, help="of English, to fine-tune on")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--only", choices=["states", "tagging"], help="what nothing, or what all is trained for")
    parser.add_argument("--test", type=int, default=300, help="sentences of a language to test on, at most")
    given = parser.parse_args()
    quiet()
    prepare(SETTINGS)
    started = time.monotonic()
    with TemporaryDirectory() as folder:
        drawn = [random_like(given.backbones[0], Path(folder) / str(n), n) for n in range(1, given.seeds + 1)]
        for name, folders in [("random weights", drawn), *((str(own), [own]) for own in given.backbones)]:
            for title, scores in measured(name, folders, given):
                told(title, scores)
    print(
        f"{given.seeds} seeds, {given.sentences} sentences, {given.epochs} epochs, {given.test} tested; "
        f"{(time.monotonic() - started) / 60:.0f} minutes"
    )


if __name__ == "__main__":
    main()
