"""How Russian sounds: from the spelling and the stress, with reduced vowels, soft and devoiced consonants."""

from __future__ import annotations

import re
from typing import ClassVar

from xlt_core.mini.sound.base import Sound, UnknownWord, readings

_STRESS = "\u0301"
_VOWELS = "аеёиоуыэюя"
_ENDING = re.compile("[аеиоуыюяйь]?|[аоуыияе][йямхею]|[ое]го|ью")

_CONSONANTS = {
    "б": "b", "в": "v", "г": "ɡ", "д": "d", "ж": "ʐ", "з": "z", "й": "j", "к": "k", "л": "l", "м": "m", "н": "n",
    "п": "p", "р": "r", "с": "s", "т": "t", "ф": "f", "х": "x", "ц": "ts", "ч": "tɕ", "ш": "ʂ", "щ": "ɕː",
}  # fmt: skip
# Dentals that are soft before a soft one.
_SOFT_TOGETHER = re.compile("[сз][тднсз]|н[тдсз]|[тд]н|дз")
_HARD, _UNPAIRED = "жшц", "жшцчщй"
_VOICED = dict(zip("bvɡdʐz", "pfktʂs", strict=True))
_VOICELESS = {quiet: loud for loud, quiet in _VOICED.items()} | {"ts": "dz", "tɕ": "dʑ", "x": "ɣ", "ɕː": "ʑː"}
_STRESSED = {
    "а": "a", "е": "ɛ", "ё": "o", "и": "i", "о": "o", "у": "u", "ы": "ɨ", "э": "ɛ", "ю": "u", "я": "a",
}  # fmt: skip
# Little words that lean on the next one.
_LEANING = {"в": "v", "во": "vɐ", "на": "nɐ", "из": "ɪz", "от": "ɐt", "но": "no", "и": "i", "не": "nʲɪ"}

_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu",
    "я": "ya",
}  # fmt: skip


class Russian(Sound):
    """The readings are respellings with an acute on the stressed vowel, of words or of stems ("книг-").

    A stem without a stress lays it on the ending; a word of one syllable or with ё needs no entry.
    """

    language: ClassVar[str] = "rus"

    def sounds(self, word: str) -> str:
        small = word.lower()
        return _LEANING.get(small) or "".join(_ipa(part) for part in self._stressed(small).split())

    def _stressed(self, word: str) -> str:
        listed = readings(self.language)
        said = listed.get(word) or self._from_stem(word) or word
        syllables = [letter for letter in said if letter in _VOWELS]
        known = _STRESS in said or "ё" in said or len(syllables) == 1
        if not known or not re.fullmatch(f"[а-яё{_STRESS} -]+", said):
            raise UnknownWord(f"the mini world has no reading of {word!r} in {self.language}")
        return said.replace("-", "")

    def _from_stem(self, word: str) -> str:
        listed = readings(self.language)
        for size in range(len(word), 1, -1):
            stem, ending = listed.get(f"{word[:size]}-"), word[size:]
            if stem is None or not _ENDING.fullmatch(ending):
                continue
            # The г of "нового" is said as a v.
            ending = re.sub("го$", "во", ending)
            return stem + (ending if _STRESS in stem else re.sub(f"([{_VOWELS}])", rf"\1{_STRESS}", ending, count=1))
        return ""

    def letters(self, word: str) -> str:
        spelled = re.sub("(ы|и)й$", "ы", word) if len(word) > 3 else word
        done = ""
        for at, letter in enumerate(spelled):
            latin = _LATIN.get(letter.lower(), letter.lower())
            if latin == "e" and letter in "еЕ" and (at == 0 or spelled[at - 1].lower() in _VOWELS + "ьъ-"):
                latin = "ye"
            done += latin if letter.islower() else latin.upper() if word.isupper() else latin.capitalize()
        return done


def _ipa(word: str) -> str:
    letters = [letter for letter in word if letter != _STRESS]
    marks = [at - 1 - word[:at].count(_STRESS) for at, letter in enumerate(word) if letter == _STRESS]
    vowels = [at for at, letter in enumerate(letters) if letter in _VOWELS]
    stressed = set(marks or [at for at in vowels if letters[at] == "ё"] or vowels)
    consonants = _voiced(letters)
    done = ""
    for at, letter in enumerate(letters):
        if letter in _VOWELS:
            done += _glide(letters, at) + (_STRESSED[letter] if at in stressed else _reduced(letters, at, stressed))
        elif letter in _CONSONANTS and letters[at + 1 : at + 2] != [letter]:
            # A double consonant is held after the stress only.
            held = at > 1 and letters[at - 1] == letter and at - 2 in stressed and at + 1 in vowels
            done += consonants[at] + ("ʲ" if _is_soft(letters, at) else "") + ("ː" if held else "")
    return done


def _is_soft(letters: list[str], at: int) -> bool:
    """Whether a consonant is soft (ч щ й always are): before a softening letter, or a dental before a soft one."""
    letter, after = letters[at], "".join(letters[at + 1 : at + 2])
    if letter not in _CONSONANTS or letter in _UNPAIRED or not after:
        return False
    if letter == after or _SOFT_TOGETHER.match(letter + after):
        return _is_soft(letters, at + 1)
    return after in "еёиюяь" or (letter == "н" and after in "чщ")


def _voiced(letters: list[str]) -> dict[int, str]:
    """The consonants by their places: obstruents agree with the next one and are voiceless at the end."""
    done: dict[int, str] = {}
    following = "#"
    for at in reversed(range(len(letters))):
        if letters[at] in "ьъ":
            continue
        sound = _CONSONANTS.get(letters[at], "")
        if sound in _VOICED and (following == "#" or following in _VOICELESS):
            sound = _VOICED[sound]
        elif sound in _VOICELESS and following in _VOICED and following != "v":
            sound = _VOICELESS[sound]
        done[at] = following = sound
    return done


def _glide(letters: list[str], at: int) -> str:
    before = letters[at - 1] if at else "ъ"
    glides = (letters[at] in "еёюя" and before in f"{_VOWELS}ьъ") or (letters[at] == "и" and before == "ь")
    return "j" if glides else ""


def _reduced(letters: list[str], at: int, stressed: set[int]) -> str:
    """A vowel without stress; а and о are fuller at the beginning, before another and just before the stress."""
    letter, before, rest = letters[at], "".join(letters[:at][-1:]), "".join(letters[at + 1 :])
    later = [place for place in range(at + 1, len(letters)) if letters[place] in _VOWELS]
    if letter in "ао":
        if before and before in "чщ" and rest:
            return "ɪ"
        if letter == "о" and not rest and before in _VOWELS:
            return "o"
        beside_another = before in ("а", "о") or rest[:1] in ("а", "о")
        full = not before or (beside_another and at < max(stressed)) or bool(stressed & set(later[:1]))
        return "ɐ" if full else "ə"
    if letter == "я":
        return "ə" if rest in ("", "м", "х", "ми") else "ɪ"
    if letter == "э":
        return "ɪ" if not before or before in _VOWELS else "ɛ" if later else "ə"
    if letter in "ую":
        return "ʊ"
    return "ɨ" if letter == "ы" or (before and before in _HARD) else "ɪ"


SOUND = Russian
