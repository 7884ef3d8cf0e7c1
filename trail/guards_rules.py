"""What may be done to the rows of a guarded table, whichever the database."""

from dataclasses import dataclass
from enum import Enum


class Rule(Enum):
    """What may happen to a row once it is written."""

    HISTORY = "its values change while a guest is erased"
    ERASABLE = "it changes or goes while a guest is erased"
    STAYS = "nothing"
    GROWS = "its length grows"


@dataclass(frozen=True)
class Guarded:
    """A table, and by which sets of columns a row is told from any other."""

    name: str
    rule: Rule
    keys: tuple[tuple[str, ...], ...]

    def refusal(self, what: str) -> str:
        """Return what the database says about an attempt."""
        return f"{self.name} is kept as it was written: no {what}"
