"""Words in a text that also holds random characters."""

import re


def has_word(text: str, word: str) -> bool:
    """Whether the word stands in the text by itself; the same letters inside an id or a token do not count."""
    return re.search(rf"(?<![A-Za-z0-9_-]){re.escape(word)}(?![A-Za-z0-9_-])", text) is not None
