"""PhoneXL: what it registers."""

from __future__ import annotations

from collections.abc import Iterable

from xlt_core.hooks import Card, hookimpl

XLT_API = 1
CITE = "Nguyen et al. 2023, Phonemic transcription integration (Findings of ACL)"


@hookimpl
def xlt_representations() -> Iterable[Card]:
    yield Card(
        "phonexl.phonemic",
        "Words, each the sum of its spelling, its phonemes and its language.",
        "xlt_phonexl.representation:Phonemic",
        "xlt_core.data.streams:StreamReader",
        cite=CITE,
    )


@hookimpl
def xlt_rewriters() -> Iterable[Card]:
    yield Card(
        "phonexl.transcriber",
        "IPA or romanised words of Chinese, Vietnamese, Japanese, Korean, and what Epitran knows.",
        "xlt_phonexl.transcription:Transcriber",
        "xlt_phonexl.chains:tool",
        cite=CITE,
    )
    at = "xlt_phonexl.transcription"
    yield Card("phonexl.espeak", "IPA by espeak's voices (GPL, an extra).", f"{at}:Espeak", "xlt_phonexl.espeak:tool")


@hookimpl
def xlt_data() -> Iterable[Card]:
    at, work = "xlt_phonexl.readers", "xlt_phonexl.reading"
    for name, declared, summary in (
        ("phonetic_tsv", "PhoneticTsv", "Words with label, IPA and Latin form."),
        ("bidict4", "Bidict4", "Word pairs with their IPA."),
    ):
        yield Card(f"phonexl.{name}", summary, f"{at}:{declared}", f"{work}:{name}", "reading")
    at = "xlt_phonexl.releases"
    yield Card("phonexl.panx", "The release's named entities, with IPA.", f"{at}:PANX", slot="data")
    yield Card("phonexl.udpos", "The release's parts of speech, with IPA.", f"{at}:UDPOS", slot="data")
    yield Card("phonexl.dictionaries", "The release's dictionaries, with IPA.", f"{at}:DICTIONARIES", slot="data")


@hookimpl
def xlt_initialisers() -> Iterable[Card]:
    yield Card(
        "phonexl.extend_ipa",
        "The backbone's tokenizer with the IPA symbols it lacks.",
        "xlt_phonexl.vocabulary:ExtendIpa",
        "xlt_phonexl.extending:extend",
        slot="vocabulary",
        cite=CITE,
    )


@hookimpl
def xlt_losses() -> Iterable[Card]:
    at, work = "xlt_phonexl.losses", "xlt_phonexl.minimising"
    yield Card(
        "phonexl.align",
        "A word's spelling and phonemes find each other in its sentence.",
        f"{at}:Align",
        f"{work}:Aligning",
    )
    yield Card(
        "phonexl.mlm", "Masked words are predicted from context and phonemes.", f"{at}:WordMlm", f"{work}:Predicting"
    )
    yield Card("phonexl.xmlm", "The same, on a code-switched copy.", f"{at}:SwitchedMlm", f"{work}:Predicting")
    yield Card(
        "phonexl.switched_task", "The task, on a code-switched copy.", f"{at}:SwitchedTask", f"{work}:switched_task"
    )


@hookimpl
def xlt_methods() -> Iterable[Card]:
    yield Card(
        "phonexl@1",
        "Phonemes as a second input channel, three losses.",
        "xlt_phonexl:methods/phonexl@1.yaml",
        cite=CITE,
    )
