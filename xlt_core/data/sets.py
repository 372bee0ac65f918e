"""The data sets that are known by name, and what each can offer; nothing is opened here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from xlt_core.data.layout import Layout
from xlt_core.facts import Fact
from xlt_core.graph.stages import Offer
from xlt_core.languages import same_language
from xlt_core.mini import LANGUAGES


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set: what it labels or holds, for which languages, under which licence, and how its files lie."""

    name: str
    hub: str
    """Its repository on the hub; empty where it isn't there, and a folder of it must be given."""
    licence: str
    gives: str
    """`labels:ner`, `text`, `parallel` or `dictionary`."""
    languages: frozenset[str] = field(default=frozenset())
    """Empty where it is all that have a page of their own."""
    revision: str = "main"
    megabytes: float = 1.0
    gated: bool = False
    manual: bool = False
    splits: tuple[str, ...] = ("train", "dev", "test")
    together: int | None = None
    """How many languages share their sentences; none where all do."""
    home: str = ""
    """Where it is published, for who fetches it by hand."""
    layouts: tuple[Layout, ...] = ()
    """How its files lie in a folder of one's own."""
    folders: tuple[str, ...] = ()
    """What such a folder is called, as patterns: `masakhaner2`, `UNER_*`."""
    rename: Mapping[str, str | None] = field(default_factory=dict)
    """Its labels that the task calls otherwise, or doesn't have."""
    quirks: str = ""
    """What is worth knowing before one scores on it."""
    sums: str = "xlt_core.data:checksums.tsv"
    """The table with the checksums of its files as they were released, `package:path`."""

    def is_called(self, folder: Path) -> bool:
        """Whether a folder, or the one that it lies in, has this set's name."""
        names = [path.name.lower() for path in (folder, folder.parent)]
        return any(fnmatch(name, pattern.lower()) for name in names for pattern in (self.name, *self.folders))

    def offer(self, fact: Fact) -> Offer | None:
        if not self.hub or not self._matches(fact):
            return None
        note = "must be fetched by hand" if self.manual else ""
        where = f"hub:{self.hub}/{'-'.join(self._languages(fact))}"
        return Offer(self.name, where, self.revision, self.megabytes, self.gated, note)

    def _matches(self, fact: Fact) -> bool:
        kind, _, task = self.gives.partition(":")
        if kind != fact.name or (kind == "labels" and fact.of[0] != task):
            return False
        if kind == "labels" and fact.of[2] not in self.splits:
            return False
        languages = self._languages(fact)
        if self.together is not None and len(languages) > self.together:
            return False
        return all(self._has(language) for language in languages)

    def _has(self, language: str) -> bool:
        return (
            not self.languages
            or language in self.languages
            or any(same_language(language, known) for known in self.languages)
        )

    def _languages(self, fact: Fact) -> list[str]:
        if fact.name == "labels":
            return [fact.of[1]]
        return fact.of[0].split("-")


@dataclass(frozen=True, slots=True)
class MiniSet:
    """The mini world: everything it has is made by rule from a seed, so nothing is ever downloaded."""

    name: str = "mini"
    tasks: tuple[str, ...] = ("ner", "pos", "topic", "nli", "absa", "roles")

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(LANGUAGES)

    def offer(self, fact: Fact) -> Offer | None:
        if fact.name == "labels" and fact.of[0] in self.tasks and fact.of[1] in self.languages:
            return Offer(self.name, "mini:labels")
        known = fact.name in ("text", "parallel", "dictionary") and self.languages.issuperset(fact.of[0].split("-"))
        return Offer(self.name, f"mini:{fact.name}") if known else None


def _iso(codes: str) -> frozenset[str]:
    return frozenset(codes.split())


WIKIANN = DataSet(
    "wikiann",
    "unimelb-nlp/wikiann",
    "ODC-BY 1.0",
    "labels:ner",
    _iso(
        "ace afr als amh ang ara arg arc arz asm ast aym aze bak bar bel ben bod bos bre bul cat cbk cdo ceb "
        "ces che chv ckb cos crh csb cym dan deu diq div ell eml eng epo est eus ext fao fas fin fra frr fry fur "
        "gan gla gle glg grn guj hak heb hin hrv hsb hun hye ibo ido ilo ina ind isl ita jav jbo jpn kan kat kaz "
        "khm kir kor ksh kur lat lav lij lim lin lit lmo ltz mal mar mhr min mkd mlg mlt mon mri msa mwl mya mzn "
        "nap nds nep nld nno nor nov oci ori oss pan pbt pdc pms pnb pol por pus que roh ron rue rus sah san scn "
        "sco sgs sin slk slv snd som spa sqi srp sun swa swe szl tam tat tel tgk tgl tha tuk tur uig ukr urd uzb "
        "vec vep vie vls vol war wuu xmf yid yor yue zea zho nan lzh"
    ),
    megabytes=1.5,
    folders=("wikiann*", "panx*", "pan-x*"),
    layouts=(
        Layout("{lang}/{split}", reading={"use": "prefixed"}),
        Layout("{split}-{lang}.tsv", reading={"use": "prefixed"}),
    ),
)
UD = DataSet(
    "universal_dependencies",
    "commul/universal_dependencies",
    "by treebank",
    "labels:pos",
    _iso(
        "afr amh ara bel ben bul cat ces cym dan deu ell eng est eus fas fin fra gle glg heb hin hrv hun hye ind "
        "isl ita jpn kaz kir kor lat lav lij lit mlt nld nor olo pol por ron rus san sin slk slv snd som spa srp "
        "swe tam tat tel tgl tha tur uig ukr urd vie wol yor yue zho lzh"
    ),
    revision="2.17",
    megabytes=5.0,
    home="https://universaldependencies.org",
    folders=("ud", "UD_*", "ud-treebanks*"),
    layouts=tuple(
        Layout(f"{folder}{name}-ud-{{split}}.conllu", reading={"use": "conllu"})
        for folder in ("", "*/")
        for name in ("{lang}_*", "{lang}")
    ),
    rename={"CONJ": "CCONJ"},
    quirks="CONJ is what version 1 calls CCONJ. A folder with several treebanks of one language needs one named.",
)
XNLI = DataSet(
    "xnli",
    "facebook/xnli",
    "CC BY-NC 4.0",
    "labels:nli",
    _iso("ara bul deu ell eng spa fra hin rus swa tha tur urd vie zho"),
    revision="b8dd5d7af51114dbda02c0e3f6133f332186418e",
    megabytes=60.0,
    folders=("xnli*",),
    layouts=(
        Layout("xnli.{split}.tsv", language="many", reading={"use": "table", "where": {"language": "{iso1}"}}),
        Layout("{split}-{lang}.tsv", reading={"use": "table"}),
    ),
    rename={"contradictory": "contradiction", "-": None},
)
AMERICAS_NLI = DataSet(
    "americas_nli",
    "nala-cub/americas_nli",
    "CC BY-SA 4.0",
    "labels:nli",
    _iso("aym bzd cni grn hch nah oto quy shp tar"),
    megabytes=0.3,
    splits=("dev", "test"),
    folders=("americasnli", "anli_final"),
    layouts=(Layout("{split}/{lang}.tsv", reading={"use": "table"}),),
)
SIB200 = DataSet(
    "sib200",
    "Davlan/sib200",
    "CC BY-SA 4.0",
    "labels:topic",
    revision="38977a667f6fc264d5c26ec57a01e16db040b358",
    megabytes=0.1,
    home="https://github.com/dadelani/sib-200",
    folders=("sib-200", "annotated"),
    layouts=(
        Layout("{lang}/{split}.tsv", reading={"use": "table"}),
        Layout("{lang}/train.tsv", "parallel", {"use": "by_id", "id": "index_id", "text": "text"}),
    ),
    quirks="One number is one sentence in every language: the train part serves as parallel text, too.",
)
WIKIPEDIA = DataSet(
    "wikipedia",
    "wikimedia/wikipedia",
    "CC BY-SA 3.0",
    "text",
    revision="b04c8d1ceb2f5cd4588862100d08de323dccfbaa",
    megabytes=120.0,
    quirks="The dump of 1 November 2023.",
)
TATOEBA = DataSet(
    "tatoeba",
    "mteb/tatoeba-bitext-mining",
    "CC BY 2.0",
    "parallel",
    revision="69e8f12da6e31d59addadda9a9c8a2e601a0e282",
    megabytes=0.5,
    together=2,
    home="https://github.com/facebookresearch/LASER",
    layouts=(Layout("tatoeba.{a}-{b}.{lang}", "parallel", {"use": "sides"}),),
)
FLORES = DataSet(
    "flores_plus",
    "openlanguagedata/flores_plus",
    "CC BY-SA 4.0",
    "parallel",
    megabytes=0.5,
    gated=True,
    folders=("flores200*", "flores_plus*"),
    layouts=(
        Layout("{split}/{lang}.{split}", "parallel", {"use": "sides"}),
        Layout("{split}/{lang}.{ext}", "parallel", {"use": "by_id"}),
    ),
)
PROPOSITIONS = DataSet(
    "universal_propositions",
    "universal_propositions",
    "by treebank",
    "labels:roles",
    _iso("eng fra spa deu ita por fin zho"),
    manual=True,
    home="https://universalpropositions.github.io",
    folders=("srl", "UP_*", "UP-1.0"),
    layouts=tuple(
        Layout(f"{folder}{name}-up-{{split}}.conllu", reading={"use": "propositions"})
        for folder in ("", "*/")
        for name in ("{lang}_*", "{lang}")
    ),
    quirks="ARG0 and ARGM-TMP are read as A0 and AM-TMP, so that all languages have one set of names.",
)
SEMEVAL16 = DataSet(
    "semeval16",
    "semeval16",
    "research only",
    "labels:absa",
    _iso("eng fra spa tur nld rus"),
    manual=True,
    home="https://alt.qcri.org/semeval2016/task5",
    folders=("semeval16*", "semeval2016*"),
    layouts=(Layout("{lang}/{split}.xml", reading={"use": "opinions_xml"}),),
    rename={"CONFLICT": "O"},
)
MINI = MiniSet()
