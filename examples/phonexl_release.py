"""PhoneXL's released files as two folders that a run can read: python examples/phonexl_release.py CORPORA OUT

CORPORA holds `phonexl/full_updated_{udpos,panx}` and `dict/phonexl`, plain or gzip-compressed; OUT gets

- `pos/`: Japanese train and dev, Korean test, as they are released;
- `ner/`: the Chinese training file of the release can't be had from where the rest is, so its development file of
  10,000 sentences gives both: every tenth sentence is `dev`, the others are `train`; Vietnamese test as it is released;
- `jpn-kor.tsv`, `zho-vie.tsv`: the dictionaries;
- `lookup-CODE.tsv`: every word's released IPA, of the files, then of the dictionary, as `xlt data harvest` does it.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

from xlt_core.rewriting.columns import Harvest
from xlt_core.rewriting.stream import Lines

DEV_EVERY = 10
SPELT_AND_SPOKEN = {
    "jpn": {"pos/train-ja.tsv": (1, 3), "pos/dev-ja.tsv": (1, 3), "jpn-kor.tsv": (1, 2)},
    "kor": {"pos/test-ko.tsv": (1, 3), "jpn-kor.tsv": (3, 4)},
    "zho": {"ner/train-zh.tsv": (1, 3), "ner/dev-zh.tsv": (1, 3), "zho-vie.tsv": (1, 2)},
    "vie": {"ner/test-vi.tsv": (1, 3), "zho-vie.tsv": (3, 4)},
}
"""For each language the columns of its words and of their IPA."""


def text(file: Path) -> str:
    """A file's text, plain or as FILE.gz."""
    packed = file.with_name(file.name + ".gz")
    return gzip.decompress(packed.read_bytes()).decode() if packed.is_file() else file.read_text(encoding="utf-8")


def sentences(text: str) -> list[str]:
    return [block for block in text.split("\n\n") if block.strip("\n")]


def main(corpora: Path, out: Path) -> None:
    pos, ner = (corpora / "phonexl" / f"full_updated_{name}" for name in ("udpos", "panx"))
    found = {
        "pos/train-ja.tsv": text(pos / "train-ja.tsv"),
        "pos/dev-ja.tsv": text(pos / "dev-ja.tsv"),
        "pos/test-ko.tsv": text(pos / "test-ko.tsv"),
        "ner/test-vi.tsv": text(ner / "test-vi.tsv"),
        "jpn-kor.tsv": text(corpora / "dict" / "phonexl" / "ja-ko-dict.txt"),
        "zho-vie.tsv": text(corpora / "dict" / "phonexl" / "zh-vi-dict.txt"),
    }
    chinese = sentences(text(ner / "dev-zh.tsv"))
    parts = {"dev": chinese[::DEV_EVERY], "train": [own for n, own in enumerate(chinese) if n % DEV_EVERY]}
    found |= {f"ner/{part}-zh.tsv": "\n\n".join(own).strip("\n") + "\n" for part, own in parts.items()}
    for name, content in found.items():
        file = out / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    for language, files in SPELT_AND_SPOKEN.items():
        gathered = Harvest()
        for name, columns in files.items():
            with Lines.open(out / name) as source:
                gathered.read(source, columns)
        (out / f"lookup-{language}.tsv").write_text("".join(gathered.lines()), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
