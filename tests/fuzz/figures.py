"""What a run of odd requests leaves for docs/proof.md, and for the last line of `./run fuzz`."""

import json
from collections.abc import Callable
from dataclasses import asdict

from site_config.devtools.fuzz import SENT, WRONG
from site_config.devtools.proof import Row
from site_config.devtools.report import FIGURE


def keep(record: Callable[[str, object], None], what: str, sent: int, findings: int) -> None:
    """Leave how many were sent, and how many of them showed something wrong."""
    for row in (
        Row(what=SENT + what, ours=sent, digits=0),
        Row(what=WRONG + what, ours=findings, at_most=0, digits=0),
    ):
        record(FIGURE, json.dumps(asdict(row)))
