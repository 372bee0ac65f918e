"""English as it sounds in the United States."""

from __future__ import annotations

from xlt_core.mini.sound.base import Sound


class English(Sound):
    """The readings are IPA: English spelling doesn't tell the sounds."""

    language = "eng"

    def sounds(self, word: str) -> str:
        return self.reading(word)


SOUND = English
