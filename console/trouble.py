"""The world is wrong: a sentence for the operator and what he can do about it."""

from __future__ import annotations

from console.i18n import Language, translate
from console.picture import Text


class OperatorError(Exception):
    """Something outside the program stands in the way (a full disk, a busy port, a missing file).

    ``text`` says what, ``remedy`` says what to do; both are message ids with arguments.
    """

    def __init__(self, text: Text, remedy: Text) -> None:
        super().__init__(text.id)
        self.text = text
        self.remedy = remedy

    def __str__(self) -> str:
        """In English, for logs; people get ``sentence``."""
        return self.sentence("en")

    def sentence(self, language: Language) -> str:
        """Both parts as one line in that language."""
        parts = (self.text, self.remedy)
        return " ".join(translate(language, part.id, part.args) for part in parts)
