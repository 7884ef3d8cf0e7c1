"""Two tabs with different quotes, and a tier that moves meanwhile: one result, and both are told the truth."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from cancellations.models import ManagementToken
from tests.factories import BookingFactory, days_ahead
from tests.guest.browser import opened, quote_in, same_bytes, text_of
from tests.stays import AtStripe, at_stripe, clock_at, confirmed, fresh, mails

PAGE, RESULT = "/booking/manage/cancel/", "/booking/manage/"


def at_the_edge(simulator):
    """A booking, and the moment at which half of its price is no longer returned."""
    booking = confirmed(simulator, BookingFactory(check_in=days_ahead(10)))
    ManagementToken.objects.update(expires_at=booking.check_in_moment)
    midnight = booking.check_in_moment.replace(hour=0, minute=0)
    return booking, midnight - timedelta(days=6)


def quote_at(browser, moment):
    with clock_at(moment):
        return quote_in(browser.get(PAGE))


@pytest.mark.django_db
@pytest.mark.parametrize("first", [0, 1])
def test_each_tab_reads_the_one_result(stripe_simulator, first):
    booking, edge = at_the_edge(stripe_simulator)
    tabs = [opened(booking, hours=300), opened(booking, hours=300)]
    before, after = edge - timedelta(minutes=5), edge + timedelta(minutes=5)
    quotes = [quote_at(tabs[0], before), quote_at(tabs[1], after)]
    with clock_at(after):
        answers = [tabs[each].post(PAGE, {"quote": quotes[each]}) for each in (first, 1 - first)]
        shown = [tab.get(RESULT) for tab in tabs]
    # The older promise is the better one, and is kept; the newer one names what the policy keeps by then.
    refund = (17000, 0)[first]
    assert [answer.status_code for answer in answers] == [303, 200]
    assert same_bytes(answers[1]) == same_bytes(shown[0]) == same_bytes(shown[1])
    assert f"You get back</th><td>€{refund / 100:.2f}" in text_of(shown[0])
    assert (fresh(booking).refund_amount, fresh(booking).cancellation_fee) == (refund, 34000 - refund)
    assert at_stripe(stripe_simulator, booking).refunded == refund
    assert mails(booking).count("cancelled_by_guest") == 1


@pytest.mark.django_db
def test_when_the_tier_moves_after_the_promise_ran_out_the_new_amount_is_asked_about(stripe_simulator):
    booking, edge = at_the_edge(stripe_simulator)
    browser = opened(booking, hours=300)
    with clock_at(edge - timedelta(minutes=5)):
        assert "You get back</th><td>€170.00" in text_of(browser.get(PAGE))
    with clock_at(edge):
        answer = browser.post(PAGE)
    assert answer.status_code == 409
    for words in ("You get back</th><td>€0.00", "Nothing has been cancelled yet."):
        assert words in text_of(answer)
    assert (fresh(booking).status, at_stripe(stripe_simulator, booking)) == (
        "CONFIRMED",
        AtStripe(captured=34000, captures=1),
    )


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_cancel_once(stripe_simulator):
    booking, edge = at_the_edge(stripe_simulator)
    tabs = [opened(booking, hours=300) for _ in range(4)]
    moments = [edge - timedelta(minutes=5), edge + timedelta(minutes=5)] * 2
    quotes = [quote_at(tab, moment) for tab, moment in zip(tabs, moments, strict=True)]
    codes, together = [], Barrier(len(tabs))

    def press(number):
        together.wait()
        codes.append(tabs[number].post(PAGE, {"quote": quotes[number]}).status_code)
        connection.close()

    threads = [Thread(target=press, args=(number,)) for number in range(len(tabs))]
    with clock_at(edge + timedelta(minutes=5)):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        shown = {same_bytes(tab.get(RESULT)) for tab in tabs}
    assert codes.count(303) == 1
    # Whoever came while Stripe was asked reads "in progress", whoever came later the result.
    assert set(codes) <= {303, 200, 202}
    assert len(shown) == 1
    refund = fresh(booking).refund_amount
    assert refund in (17000, 0)
    assert at_stripe(stripe_simulator, booking).refunded == refund
    assert mails(booking).count("cancelled_by_guest") == 1
