"""The branches of the rule modules that no test takes, each with the reason."""

from typing import Final

# The module, a piece of the line where the branch begins, and why no test takes it.
KNOWN: Final[tuple[tuple[str, str, str], ...]] = ()


def why_untested(module: str, code: str) -> str:
    """Return why no test takes a branch; nothing for one that nobody has looked at."""
    return next((why for where, piece, why in KNOWN if where == module and piece in code), "")
