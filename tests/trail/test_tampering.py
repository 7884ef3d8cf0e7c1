"""Whatever somebody does to history with the database's own tools is found, and the right place is named.

60 tamperings in each run of the suite; `TAMPERINGS=1000 ./run test tests/trail/test_tampering.py -s` for more.
"""

import json
import os
from collections import Counter
from dataclasses import asdict
from random import Random

import pytest
from django.db import transaction
from django.utils import timezone

from site_config.devtools.proof import Row
from site_config.devtools.report import FIGURE
from tests.trail import scene, tampering
from tests.unguarded import unguarded
from trail import heads, verifying

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = int(os.environ.get("TAMPERINGS", "60"))


def found_after(tamper, chance, signed):
    """Where a tampering has to be found, and what the verification finds; then it is undone again."""
    with transaction.atomic():
        wanted = tamper(chance, signed)
        findings = verifying.verify(heads=signed).findings
        transaction.set_rollback(True)
    return wanted, findings


def places(findings):
    """The places that are named: in a chain, or a row that is in none."""
    return {(each.chain, each.position) if each.position else (each.model, each.record) for each in findings}


def test_every_tampering_is_found_where_it_was_done(record_testsuite_property):
    one, _other = scene.written()
    lines = [heads.signed(timezone.now())]
    scene.moved(one)
    signed = heads.read([*lines, heads.signed(timezone.now())])
    assert verifying.verify(heads=signed).findings == []
    chance, done, missed = Random(20261122), Counter(), []
    with unguarded():
        for number in range(NUMBER):
            tamper = tampering.ALL[number % len(tampering.ALL)]
            wanted, findings = found_after(tamper, chance, signed)
            done[tamper.__name__] += 1
            if not wanted & places(findings):
                missed.append((tamper.__name__, wanted, list(map(str, findings))))
    print(f"\n{NUMBER - len(missed)} of {NUMBER} tamperings found where they were done: {dict(done)}")  # noqa: T201
    row = Row(
        goal="tampering", what="tamperings not found", ours=len(missed), at_most=0, note=f"of {NUMBER}", digits=0
    )
    record_testsuite_property(FIGURE, json.dumps(asdict(row)))
    assert missed == []
    assert verifying.verify(heads=signed).findings == []
