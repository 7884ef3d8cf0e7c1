"""Stripe's answer is lost: the operation stays open, is looked up, and has one effect."""

from dataclasses import replace

import pytest

from tests.faults import lost
from tests.faults.flows import ASKING, FREE_CANCEL, NAMED
from tests.faults.lost import LOSSES

pytestmark = pytest.mark.faults
FIVE_DAYS = 5 * 24 * 3600


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_lost_answer_has_one_effect(world, loss, is_quick):
    wrong = {}
    for flow in NAMED if is_quick else ASKING:
        for number, ask in enumerate(flow.asks):
            if lost.fits(loss, ask):
                wrong[f"{flow.name} {number} {ask.path}"] = lost.lose(world, flow, loss, asked=number)
    assert {name: problems for name, problems in wrong.items() if problems} == {}


def test_a_fee_tier_that_begins_during_the_recovery_changes_nothing(world):
    loss = replace(LOSSES[0], keys=2)  # five days later the first key is forgotten
    assert lost.lose(world, FREE_CANCEL, loss, later=FIVE_DAYS) == []
