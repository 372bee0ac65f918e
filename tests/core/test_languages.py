"""Languages: every form in which one is written, and what is suggested for those that are none."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlt_core import languages
from xlt_core.languages import UnknownLanguage, all_languages, codes, language, same_language, to_iso1

ALL = all_languages()
SCRIPTS = """
Latn: eng vie tur swh mlt som lij tgl grn quy aym hau yor cni spa fra ita hun fin deu nld por ang crh eml frr
      olo nah hch shp tar oto bzd lhu
Arab: ara fas urd ary arz snd prs pbt
Cyrl: rus ukr tat
Deva: hin san
Ethi: amh
Geor: kat
Grek: ell
Hans: zho cdo wuu
Hant: lzh yue
Hebr: heb
Jpan: jpn
Khmr: khm
Knda: kan
Kore: kor
Laoo: lao
Mymr: mya
Sinh: sin
Taml: tam
Thai: tha
Tibt: bod dzo
"""
SCRIPT_OF = {
    code: script.strip()
    for script, _, used in (part.partition(":") for part in SCRIPTS.replace("\n  ", " ").strip().split("\n"))
    for code in used.split()
}
FLORES = """
ace_Arab ajp_Arab als_Latn apc_Arab arb_Arab ayr_Latn azb_Arab azj_Latn bod_Tibt ckb_Arab crh_Latn dik_Latn
ell_Grek est_Latn fuv_Latn gaz_Latn kas_Deva khk_Cyrl kmr_Latn knc_Latn lvs_Latn mni_Beng nob_Latn npi_Deva
ory_Orya pbt_Arab pes_Arab plt_Latn prs_Arab quy_Latn srp_Cyrl swh_Latn taq_Tfng uzn_Latn ydd_Hebr zho_Hans
zho_Hant zsm_Latn kor_Hang
"""


def near(text: str) -> tuple[str, ...]:
    with pytest.raises(UnknownLanguage) as caught:
        language(text)
    assert caught.value.given == text
    return caught.value.near


def test_the_table_has_the_languages_of_iso_639_3() -> None:
    assert 7_850 < len(ALL) < 8_100
    assert len({each.code for each in ALL}) == len(ALL)
    assert sum(bool(each.iso1) for each in ALL) == 183
    assert not {"mis", "mul", "und", "zxx"} & {each.code for each in ALL}


@given(st.sampled_from(ALL))
def test_a_row_is_well_formed(each: languages.Language) -> None:
    assert len(each.code) == 3 and each.code.isalpha() and each.code.islower()
    assert each.name == each.name.strip() != ""
    assert each.script == "" or (len(each.script) == 4 and each.script.istitle())
    assert each.macro == "" or language(each.macro).macro == ""


@given(st.sampled_from(ALL), st.sampled_from([str.lower, str.upper, str.title, lambda code: f" {code} "]))
def test_a_code_names_its_language(each: languages.Language, write: Callable[[str], str]) -> None:
    assert language(write(each.code)) == each


def test_every_two_letter_code_leads_there_and_back() -> None:
    short = [each for each in ALL if each.iso1]
    assert all(language(each.iso1) == each and to_iso1(each.code) == each.iso1 for each in short)
    assert len({each.iso1 for each in short}) == len(short)


@given(st.sampled_from(ALL), st.sampled_from(["Latn", "Ethi", "Hang", "Arab"]), st.sampled_from("-_"))
def test_a_script_given_stands_in_for_the_usual_one(each: languages.Language, script: str, sign: str) -> None:
    found = language(f"{each.code}{sign}{script}")
    assert (found.code, found.script, found.name) == (each.code, script, each.name)


def test_a_reference_name_names_its_language() -> None:
    long = [each for each in ALL if len(each.name) > 3]
    astray = {each.name for each in long if language(each.name).code != each.code}
    assert astray == {"Aka-Bo", "Aka-Cari"}  # Both are tags of Akan, too: in Bolivia, in Carian letters.


@given(st.text(max_size=30) | st.from_regex(r"[A-Za-z]{1,5}([-_][A-Za-z0-9]{1,8}){0,3}", fullmatch=True))
def test_any_text_is_a_language_or_has_at_most_three_near_ones(text: str) -> None:
    try:
        assert language(text).code
    except UnknownLanguage as unknown:
        assert unknown.given == text
        assert len(unknown.near) <= 3
        assert codes(unknown.near) == unknown.near


@pytest.mark.parametrize(
    ("text", "code", "script"),
    [
        ("amh", "amh", "Ethi"),
        ("am", "amh", "Ethi"),
        ("amh_Ethi", "amh", "Ethi"),
        ("am-Ethi", "amh", "Ethi"),
        ("am-latn", "amh", "Latn"),
        ("zh", "zho", "Hans"),
        ("zh-Hans", "zho", "Hans"),
        ("zho_Hant", "zho", "Hant"),
        ("zh-Hant-HK", "zho", "Hant"),
        ("zh-TW", "zho", "Hant"),
        ("zh-CN", "zho", "Hans"),
        ("zh-yue", "yue", "Hant"),
        ("zh-cmn-Hans-CN", "cmn", "Hans"),
        ("cmn-TW", "cmn", "Hant"),
        ("pa-PK", "pan", "Arab"),
        ("es-419", "spa", "Latn"),
        ("kr", "kau", "Latn"),
        ("sw", "swa", "Latn"),
        ("fa", "fas", "Arab"),
        ("tl", "tgl", "Latn"),
        ("ger", "deu", "Latn"),
        ("iw", "heb", "Hebr"),
        ("Amharic", "amh", "Ethi"),
        ("aMHARIC", "amh", "Ethi"),
        ("Khmer", "khm", "Khmr"),
        ("central khmer", "khm", "Khmr"),
        ("Greek", "ell", "Grek"),
        ("Swahili", "swa", "Latn"),
        ("nepali", "nep", "Deva"),
        ("Malay", "msa", "Latn"),
        ("guarani", "grn", "Latn"),
        ("Paraguayan Guarani", "gug", "Latn"),
        ("asháninka", "cni", "Latn"),
        ("Ashaninka", "cni", "Latn"),
        ("Farsi", "fas", "Arab"),
        ("Mandarin", "cmn", "Hans"),
        ("Nahuatl", "nah", "Latn"),
        ("Punjabi", "pan", "Guru"),
        ("War-Jaintia", "aml", ""),
        ("Aché", "guq", "Latn"),
        ("Ache", "yif", ""),
    ],
)
def test_a_language_is_known_in_many_forms(text: str, code: str, script: str) -> None:
    found = language(text)
    assert (found.code, found.script) == (code, script)


@pytest.mark.parametrize("tag", FLORES.split())
def test_flores_tags_are_known(tag: str) -> None:
    assert f"{language(tag).code}_{language(tag).script}" == tag


@pytest.mark.parametrize(("code", "script"), SCRIPT_OF.items())
def test_languages_of_the_papers_have_their_script(code: str, script: str) -> None:
    assert (language(code).code, language(code).script) == (code, script)


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("amhr", "amh"),
        ("amharik", "amh"),
        ("khme", "khm"),
        ("egn", "eng"),
        ("urdo", "urd"),
        ("thay", "tha"),
        ("japanse", "jpn"),
        ("quechwa", "que"),
        ("swahilli", "swa"),
        ("scots gaellic", "gla"),
        ("burmes", "mya"),
        ("am-Etih", "amh"),
        ("amh_Ethi_x", "amh"),
    ],
)
def test_a_slip_brings_up_what_was_meant(text: str, best: str) -> None:
    assert near(text)[0] == best


@pytest.mark.parametrize(
    ("country", "meant"),
    [("vn", "vie"), ("jp", "jpn"), ("cn", "zho"), ("ua", "ukr"), ("gr", "ell"), ("cz", "ces"), ("VN", "vie")],
)
def test_a_country_brings_up_its_language(country: str, meant: str) -> None:
    assert near(country) == (meant,)


def test_tables_by_hand_hold_codes_that_are_known_and_keys_that_are_not() -> None:
    known = {each.code for each in ALL} | {each.iso1 for each in ALL}
    meant = [code for row in languages._MEANT.values() for code in row.split()]
    assert codes(meant) == tuple(meant)
    assert codes(languages._FORMER.values()) == tuple(languages._FORMER.values())
    assert not known & (languages._MEANT.keys() | languages._FORMER.keys())
    assert not languages._MEANT.keys() & languages._FORMER.keys()
    assert not set(languages._OTHER_SCRIPTS.split()) & {each.script for each in ALL}
    there = [tag.split("-")[0] for tag in languages._SCRIPT_THERE]
    assert codes(there) == tuple(there)


@pytest.mark.parametrize("text", ["", " ", "-", "zzzzzz", "x" * 300])
def test_nothing_is_made_up_for_what_is_like_nothing(text: str) -> None:
    assert near(text) == ()


def test_what_is_said_of_an_unknown_language() -> None:
    unknown = UnknownLanguage("vn", ("vie",))
    assert str(unknown) == "no language known here goes by `vn`; did you mean `vie` (Vietnamese)?"
    assert str(UnknownLanguage("zzzzzz")) == "no language known here goes by `zzzzzz`"
    again = pickle.loads(pickle.dumps(unknown))
    assert (again.given, again.near, str(again)) == ("vn", ("vie",), str(unknown))


def test_codes_keep_order_and_repeats() -> None:
    assert codes(["sw", "Thai", "amh_Ethi", "sw"]) == ("swa", "tha", "amh", "swa")
    assert codes([]) == ()
    with pytest.raises(UnknownLanguage):
        codes(["sw", "vn"])


PAIRS = """arb-ara pes-fas swh-swa cmn-zho yue-zho quy-que ayr-aym gug-grn khk-mon npi-nep uzn-uzb zsm-msa
           ydd-yid azj-aze kmr-kur lvs-lav ekk-est ory-ori plt-mlg gaz-orm pbt-pus als-sqi ajp-ara"""


@pytest.mark.parametrize("pair", PAIRS.split())
def test_a_macrolanguage_is_the_same_as_its_members(pair: str) -> None:
    member, whole = pair.split("-")
    assert same_language(member, whole) and same_language(whole, member)
    assert to_iso1(member) == to_iso1(whole) is not None


@given(st.sampled_from(ALL), st.sampled_from(ALL))
def test_sameness_is_mutual_and_needs_a_tie(one: languages.Language, other: languages.Language) -> None:
    assert same_language(one.code, one.code)
    tied = one.code in (other.code, other.macro) or other.code == one.macro
    assert same_language(one.code, other.code) == same_language(other.code, one.code) == tied


@pytest.mark.parametrize("pair", ["arb-arz", "pes-prs", "yue-cmn", "spa-por"])
def test_members_of_a_macrolanguage_differ(pair: str) -> None:
    assert not same_language(*pair.split("-"))


def test_the_two_letter_code_is_the_macrolanguages_where_there_is_no_own() -> None:
    assert [to_iso1(code) for code in ("pes", "nob", "amh", "Thai")] == ["fa", "nb", "am", "th"]
    assert [to_iso1(code) for code in ("shp", "nah", "bos")] == [None, None, "bs"]


def test_a_near_miss_is_found_in_a_moment() -> None:
    language("Amharic")  # The table is read.
    start = time.process_time()
    for text in ("amharikk", "centrall khmerr", "xyzx"):
        near(text)
    assert time.process_time() - start < 0.3
