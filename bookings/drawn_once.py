"""What is drawn again and again and says the same each time in a language: drawn once, and remembered."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import get_language

MEMORIES: Final[list[Callable[[], None]]] = []


def drawn_once[**P](most: int) -> Callable[[Callable[P, SafeString]], Callable[P, SafeString]]:
    """Remember up to so many drawings, each for its arguments and the active language."""

    def remembering(draw: Callable[P, SafeString]) -> Callable[P, SafeString]:
        @lru_cache(maxsize=most)
        def remembered(language: str | None, *args: P.args, **kwargs: P.kwargs) -> SafeString:
            return draw(*args, **kwargs)

        MEMORIES.append(remembered.cache_clear)

        @wraps(draw)
        def drawn(*args: P.args, **kwargs: P.kwargs) -> SafeString:
            return remembered(get_language(), *args, **kwargs)  # type: ignore[arg-type]  # all of them are hashable

        return drawn

    return remembering


def forget() -> None:
    """Draw everything anew from now on."""
    for clear in MEMORIES:
        clear()
