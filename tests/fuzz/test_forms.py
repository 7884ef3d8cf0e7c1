"""Every form of the desk and of guests, filled in oddly: no 5xx, and no write where the form is shown again.

What a post did is undone before the next, so that each finds the same bookings.
"""

import logging
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as how
from hypothesis import strategies as st

from tests.fuzz import forms
from tests.fuzz.figures import keep
from tests.matrix import cells, world
from tests.simulator_process import StripeSimulator

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

# For each case of an operation of the API so many posts.
EACH, SEED = 30, 1
BROKEN = 500


@pytest.fixture
def quiet() -> Iterator[None]:
    """Nobody reads the log of thousands of refused forms."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_no_form_breaks_it(
    quiet: None,
    stripe_simulator: StripeSimulator,
    pytestconfig: pytest.Config,
    record_testsuite_property,
    capsys: pytest.CaptureFixture[str],
):
    number, cases = pytestconfig.getoption("--fuzz-seed") or SEED, pytestconfig.getoption("--cases")
    made = world.build()
    known = forms.found(made, all_of_them=bool(cases))
    assert len(known) >= len(forms.FEW)
    statuses, findings = Counter[int](), []

    @seed(number)
    @how(
        max_examples=EACH * (cases or 1),
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def each(data):
        form = data.draw(st.sampled_from(known))
        said = forms.filled(form, data)
        with transaction.atomic(), cells.written() as tables:
            answer = forms.ask(made, form.role, "POST", form.action, said)
            transaction.set_rollback(True)
        statuses[answer.status_code] += 1
        is_refused = answer.status_code not in cells.REDIRECTS and answer.status_code != forms.SHOWN
        shown_again = not answer.streaming and answer.status_code == forms.SHOWN and b"errorlist" in answer.content
        if answer.status_code >= BROKEN or (tables and (is_refused or shown_again)):
            findings.append(f"{answer.status_code}, wrote to {sorted(tables)}: {form.action} {said!r}"[:1500])

    each()
    shown = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    with capsys.disabled():
        sys.stdout.write(f"\n  seed {number}: {statuses.total()} posts to {len(known)} forms, {shown}\n")
        sys.stdout.write("\n".join(findings[:20]))
    if cases:
        keep(record_testsuite_property, "forms", statuses.total(), len(findings))
    assert findings == []
    # Some were shown again and some were taken, or nothing was tried.
    assert statuses[forms.SHOWN] > 0
    assert set(statuses) & set(cells.REDIRECTS)
