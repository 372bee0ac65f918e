"""The mini world: a small multilingual laboratory with known answers, inside the package."""

SEEN: tuple[str, ...] = (
    "eng", "zho", "rus", "ara", "jpn", "vie", "kor", "tur", "ell", "heb", "fas", "hin", "urd", "swh",
)  # fmt: skip
"""Languages whose sentences the small backbones were pretrained on; the first five are the usual sources."""

UNSEEN: tuple[str, ...] = ("amh", "khm", "mya", "tam")
"""Languages in scripts that the small backbones have never met."""

LANGUAGES = SEEN + UNSEEN
