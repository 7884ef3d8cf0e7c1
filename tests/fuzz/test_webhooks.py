"""Odd webhooks against a live server: no 5xx, no write where it refuses, and what it takes breaks no worker."""

import sys
from collections import Counter
from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from payments import webhooks
from payments.models import StripeWebhookEvent
from tests.fuzz import hooks, server
from tests.fuzz.figures import keep
from tests.fuzz.scene import written
from tests.simulator_process import StripeSimulator
from tests.stays import confirmed, paid, submitted

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

# For each case of an operation of the API so many deliveries.
EACH, SEED = 50, 1
REFUSED = 400
KINDS = st.sampled_from(["application/json"] * 4 + ["text/plain", "multipart/form-data", "a/b;c=d", ""])


def test_no_delivery_breaks_it(
    tmp_path: Path,
    database_url: str,
    stripe_simulator: StripeSimulator,
    transactional_db: None,
    pytestconfig: pytest.Config,
    record_testsuite_property,
    capsys: pytest.CaptureFixture[str],
):
    number, cases = pytestconfig.getoption("--fuzz-seed") or SEED, pytestconfig.getoption("--cases")
    bookings = [submitted(), paid(stripe_simulator), confirmed(stripe_simulator)]
    intents = [each.payment_reference or "pi_none" for each in bookings]
    statuses, findings = Counter[int](), []
    state = {"before": written()}

    @seed(number)
    @settings(
        max_examples=EACH * (cases or 1),
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(said=hooks.body(intents), how=hooks.SIGNED, kind=KINDS)
    def each(said, how, kind):
        status = hooks.deliver(live.url, said, how, kind)
        statuses[status] += 1
        now = written()
        touched = {table for table in now if now[table] != state["before"][table]}
        state["before"] = now
        if status not in (hooks.TAKEN, REFUSED) or touched - ({hooks.TABLE} if status == hooks.TAKEN else set()):
            findings.append(f"{status}, wrote to {sorted(touched)}: {how} {said[:300]!r}")

    with server.running(tmp_path, database=database_url, stripe=stripe_simulator.url) as live:
        each()
        faults = live.faults()
    shown = f"{statuses.total()} deliveries, {len(findings)} findings ({statuses[200]} × 200, {statuses[400]} × 400)"
    with capsys.disabled():
        sys.stdout.write(f"\n  seed {number}: {shown}\n" + "\n".join(findings[:20]))
    if cases:
        keep(record_testsuite_property, "webhooks", statuses.total(), len(findings) + len(faults))
    assert findings == []
    assert faults == []
    assert min(statuses[hooks.TAKEN], statuses[REFUSED]) > 0
    # The worker reads all that was taken; the payments stay as they were.
    while webhooks.process_due(timezone.now()):
        pass
    broken = StripeWebhookEvent.objects.filter(error_message__contains="Traceback").values_list("payload", flat=True)
    assert list(broken) == []
    assert StripeWebhookEvent.objects.filter(processing_result="received").count() == 0
    assert {table for table, was in state["before"].items() if written()[table] != was} <= {hooks.TABLE, *KEPT}


# The events' own history, with its place in the chain.
KEPT = {"payments_historicalstripewebhookevent", "trail_entry", "trail_chain", "trail_salt"}
