"""PhoneXL's released files as two folders that a run can read: python examples/phonexl_release.py CORPORA OUT

CORPORA holds `phonexl/full_updated_{udpos,panx}` and `dict/phonexl`, plain or gzip-compressed; OUT gets

- `pos/`: Japanese train and dev, Korean test, as they are released;
- `ner/`: the Chinese training file of the release can't be had from where the rest is, so its development file of
  10,000 sentences gives both: every tenth sentence is `dev`, the others are `train`; Vietnamese test as it is released;
- `jpn-kor.tsv`, `zho-vie.tsv`: the dictionaries.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

DEV_EVERY = 10


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


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
