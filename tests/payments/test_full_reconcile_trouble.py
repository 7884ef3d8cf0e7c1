"""A full comparison goes on, whatever Stripe, the network, a row or somebody else does meanwhile."""

from unittest import mock

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from payments import comparison, decisions, full_reconcile, gateway
from payments.models import Drift
from tests.payments.books import by_a_person, captured_less, foreign_payment, full
from tests.stays import by_staff, confirmed, fresh, paid, pay, with_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


@pytest.fixture(autouse=True)
def _lost_webhooks(stripe_simulator, monkeypatch):
    stripe_simulator.control("deliveries", mode="drop")
    monkeypatch.setattr(full_reconcile.time, "sleep", lambda _seconds: None)


def test_payment_that_stripe_cannot_show_stops_no_other(stripe_simulator, capsys):
    broken, healed = with_page(), pay(stripe_simulator, with_page())
    path = f"sessions/{broken.stripe_checkout_session_id}"
    stripe_simulator.control("faults", match={"path_regex": path}, kind="error_500", times=9)
    assert full() == 1
    out = capsys.readouterr().out
    name = f"{broken.booking.booking_id} {broken.stripe_checkout_session_id}"
    assert f"Not compared: {name}: http_500\nNothing that was compared differs" in out
    assert fresh(healed.booking).status == "PENDING_APPROVAL"


def test_payment_that_breaks_us_stops_no_other(stripe_simulator):
    first, second = confirmed(stripe_simulator), confirmed(stripe_simulator)
    captured_less(first)
    by_a_person(stripe_simulator, second, "refund", amount=1000)
    mended = comparison.settle

    def breaks(payment, seen):
        if payment.booking == first:
            raise LookupError("makes no sense")
        return mended(payment, seen)

    with mock.patch.object(comparison, "settle", breaks):
        report = full_reconcile.full_reconcile(timezone.now())
    assert list(report.failed.values()) == ["LookupError"]
    assert second.payments.get().amount_refunded == 1000


def test_too_many_requests_are_followed_by_a_pause(stripe_simulator, monkeypatch):
    confirmed(stripe_simulator)
    pauses = []
    monkeypatch.setattr(full_reconcile.time, "sleep", pauses.append)
    stripe_simulator.control("faults", match={"path_regex": "payment_intents$"}, kind="error_429", times=2)
    assert full_reconcile.full_reconcile(timezone.now()).compared == 1
    assert [pause for pause in pauses if pause >= 1] == [1, 2]


def test_stripe_out_of_reach_is_said_at_once(stripe_simulator):
    stripe_simulator.control("faults", match={"path_regex": "payment_intents$"}, kind="drop_before", times=9)
    with pytest.raises(CommandError, match="Stripe could not be asked: connection"):
        full()


def test_stripe_that_goes_out_of_reach_is_not_asked_for_every_payment(stripe_simulator):
    pages = [with_page() for _ in range(7)]
    stripe_simulator.control("faults", match={"path_regex": "sessions/"}, kind="drop_before", times=99)
    report = full_reconcile.full_reconcile(timezone.now())
    assert (report.compared, len(report.failed)) == (0, len(pages))
    reasons = sorted(report.failed.values())
    assert reasons == ["connection"] * 5 + ["not asked: Stripe is out of reach"] * 2


def test_payment_that_moves_while_it_is_looked_at_is_looked_at_again(stripe_simulator, monkeypatch):
    booking = confirmed(stripe_simulator)
    look, looks = comparison.look, []

    def overtaken(payment):
        seen = look(payment)
        if not looks:  # a colleague refunds, and their webhook is settled, between our look and our lock
            by_a_person(stripe_simulator, booking, "refund", amount=500)
            comparison.settle(payment, look(payment))
        looks.append(seen)
        return seen

    monkeypatch.setattr(comparison, "look", overtaken)
    comparison.compare_payment(booking.payments.get())
    assert ([len(seen.refunds) for seen in looks], Drift.objects.count()) == ([0, 1], 0)
    assert booking.payments.get().amount_refunded == 500


def test_payment_that_never_stands_still_is_reported(stripe_simulator, monkeypatch):
    booking = confirmed(stripe_simulator)
    captured_less(booking)
    look = comparison.look

    def overtaken(payment):
        seen = look(payment)
        by_a_person(stripe_simulator, booking, "refund", amount=500)
        comparison.settle(payment, look(payment))
        return seen

    monkeypatch.setattr(comparison, "look", overtaken)
    report = full_reconcile.full_reconcile(timezone.now())
    assert list(report.failed.values()) == ["the payment changes while it is looked at"]
    assert Drift.objects.count() == 0


def test_payment_at_which_an_operation_is_at_work_is_reported(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("faults", match={"method": "POST", "path_regex": "refunds"}, kind="drop_before", times=9)
    with by_staff():
        assert decisions.refund(booking, amount=1000, note="x").state == "in_progress"
    report = full_reconcile.full_reconcile(timezone.now())
    assert list(report.failed.values()) == [comparison.AWAITED]
    assert Drift.objects.count() == 0


def test_every_page_of_stripes_list_is_read(stripe_simulator, monkeypatch):
    monkeypatch.setattr(gateway, "PAGE_SIZE", 2)
    oldest = foreign_payment(stripe_simulator, {"booking": "GONE", "payment": "99999"})
    for _ in range(4):
        confirmed(stripe_simulator)
    assert full() == 1
    assert Drift.objects.get().stripe_id == oldest


def test_number_of_queries_does_not_grow_with_the_payments(stripe_simulator):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert full_reconcile.full_reconcile(timezone.now()).failed == {}
        return len(captured)

    confirmed(stripe_simulator)
    with_page()
    one = queries()
    for number in range(29):
        (confirmed if number % 2 else paid)(stripe_simulator)
        with_page()
    assert (queries(), Drift.objects.count()) == (one, 0)


def test_less_than_a_day_is_refused():
    with pytest.raises(CommandError, match="at least one day"):
        full(days=0)
