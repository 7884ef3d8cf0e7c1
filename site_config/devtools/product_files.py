"""The product's own files, for the lints that read them: without migrations, the simulator and these tools."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[2]
FOLDERS: Final = ("bookings", "payments", "cancellations", "trail", "site_config")
APART: Final = ("migrations", "simulator", "devtools")


def sources(root: Path) -> Iterator[Path]:
    """Yield the product's files of Python below a folder, wherever that folder is itself."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if not set(APART) & set(path.relative_to(root).parts):
                yield path
