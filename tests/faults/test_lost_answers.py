"""Stripe's answer is lost: the operation stays open, is looked up, and has one effect."""

from dataclasses import replace

import pytest

from tests.faults import lost
from tests.faults.flows import FLOWS, GUEST_CANCEL, NAMED
from tests.faults.lost import LOSSES

pytestmark = pytest.mark.faults
ASKED = (*NAMED, *(flow for flow in FLOWS if flow.name in ("staff cancel", "open payment page")))
FIVE_DAYS = 5 * 24 * 3600


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_lost_answer_has_one_effect(world, loss):
    flows = [flow for flow in ASKED if not (loss.forgotten and flow.name == "open payment page")]
    wrong = {flow.name: lost.lose(world, flow, loss) for flow in flows}
    assert wrong == {flow.name: [] for flow in flows}


def test_a_fee_tier_that_begins_during_the_recovery_changes_nothing(world):
    loss = replace(LOSSES[0], keys=2)  # five days later the first key is forgotten
    assert lost.lose(world, GUEST_CANCEL, loss, later=FIVE_DAYS) == []
