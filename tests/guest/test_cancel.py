"""Cancelling on the guest's page: each case answers as promised, and a refusal moves nothing."""

import re
from datetime import timedelta
from unittest import mock

import pytest
from django.core import signing
from django.utils import timezone

from bookings import lifecycle
from bookings.models import Hotel
from cancellations import cancel
from cancellations.models import ManagementToken
from payments import decisions, operations
from payments.models import Refund
from tests.factories import BookingFactory, RoomFactory, UserFactory, days_ahead
from tests.guest.browser import opened, quote_in, rows, same_bytes, text_of
from tests.stays import AtStripe, at_stripe, by_staff, clock_at, confirmed, fresh, mails, paid, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

PAGE = "/booking/manage/cancel/"


def press(browser, **fields):
    """Open the page that asks once more, and press "Cancel booking" there."""
    return browser.post(PAGE, {"quote": quote_in(browser.get(PAGE)), **fields})


def in_ten_days(simulator):
    """A confirmed booking in the tier that keeps half."""
    return confirmed(simulator, BookingFactory(check_in=days_ahead(10)))


def test_a_guest_sees_the_amounts_cancels_and_reads_the_result(stripe_simulator):
    booking = in_ten_days(stripe_simulator)
    browser = opened(booking)
    asked = text_of(browser.get(PAGE))
    for words in (
        "€340.00",
        "Visa ending in 4242",
        "You get back</th><td>€170.00",
        "Keep my booking",
        "23:59 (Dublin)",
    ):
        assert words in asked
    answer = press(browser, reason="Ill")
    assert (answer.status_code, answer["Location"]) == (303, "/booking/manage/")
    booking = fresh(booking)
    assert (booking.status, booking.cancellation_fee, booking.refund_amount) == ("CANCELLED", 17000, 17000)
    assert (booking.cancellation_reason, booking.cancelled_by_client) == ("Ill", True)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)
    done = text_of(browser.get("/booking/manage/"))
    for words in (
        "Your booking is cancelled",
        "We have sent €170.00 back to your Visa ending in 4242. It usually arrives within 5–10 business days.",
        booking.refund_reference,
        "A confirmation goes to a***@guest.example.",
    ):
        assert words in done
    token = ManagementToken.objects.get(last_action="CANCEL")
    assert (token.booking, bool(token.used_at), token.user_agent) == (booking, True, "Phone")


def test_pressing_again_reloading_and_going_back_show_the_same_result(stripe_simulator):
    booking = in_ten_days(stripe_simulator)
    browser = opened(booking)
    quote = quote_in(browser.get(PAGE))
    browser.post(PAGE, {"quote": quote})
    before = rows()
    answers = [browser.post(PAGE, {"quote": quote}), browser.get(PAGE), browser.get("/booking/manage/")]
    assert {(answer.status_code, same_bytes(answer)) for answer in answers} == {(200, same_bytes(answers[2]))}
    assert rows() == before
    assert at_stripe(stripe_simulator, booking).refunds == 1


def test_the_link_that_cancelled_shows_the_result_for_a_month_and_others_expire(stripe_simulator):
    booking = in_ten_days(stripe_simulator)
    browser, other = opened(booking), opened(booking)
    press(browser)
    shown = browser.get("/booking/manage/")
    for days, codes in ((2, (200, 403)), (29, (200, 403)), (31, (403, 403))):
        with clock_at(timezone.now() + timedelta(days=days)):
            answers = [each.get("/booking/manage/") for each in (browser, other)]
        assert tuple(answer.status_code for answer in answers) == codes
        assert (same_bytes(answers[0]) == same_bytes(shown)) is (codes[0] == 200)


def test_what_went_back_before_is_told_before_and_after_cancelling(stripe_simulator):
    booking = in_ten_days(stripe_simulator)
    with by_staff():
        decisions.refund(booking, amount=8000, note="Noise")
    browser = opened(booking)
    rows_shown = re.compile(r'<th scope="row">([^<]*).*?<td>([^<]*)</td>')
    asked = rows_shown.findall(text_of(browser.get(PAGE)).split("</table>")[0])
    assert asked == [
        ("Paid", "€340.00"),
        ("Refunded already", "€80.00"),
        ("Fee", "€170.00"),
        ("You get back", "€90.00"),
    ]
    press(browser)
    with by_staff():
        decisions.refund(fresh(booking), amount=1000, note="Goodwill")
    assert rows_shown.findall(text_of(browser.get("/booking/manage/")).split("</table>")[0]) == asked


def test_the_reason_is_optional():
    booking = submitted()
    press(opened(booking))
    assert fresh(booking).cancellation_reason == "Guest cancellation via management link"


def test_a_held_amount_is_released_without_a_fee(stripe_simulator):
    booking = paid(stripe_simulator, BookingFactory(check_in=days_ahead(3)))
    browser = opened(booking)
    assert "Released to you</th><td>€340.00" in text_of(browser.get(PAGE))
    press(browser)
    assert at_stripe(stripe_simulator, booking) == AtStripe(voids=1)
    assert "€340.00 was held on your card and has been released" in text_of(browser.get("/booking/manage/"))


def test_amounts_from_the_browser_are_never_read(stripe_simulator):
    booking = in_ten_days(stripe_simulator)
    press(opened(booking), fee="0", refund="34000", amount="34000")
    assert fresh(booking).refund_amount == 17000


@pytest.mark.parametrize(("deadline_hours", "edge_hours"), [(24, 6 * 24 + 15), (192, 192)])
def test_the_amount_shown_is_honoured_across_tiers_and_the_deadline(stripe_simulator, deadline_hours, edge_hours):
    room = RoomFactory(room_type__hotel__cancellation_deadline_hours=deadline_hours)
    booking = confirmed(stripe_simulator, BookingFactory(room=room, check_in=days_ahead(10)))
    browser = opened(booking, hours=300)
    edge = booking.check_in_moment - timedelta(hours=edge_hours)
    with clock_at(edge - timedelta(minutes=5)):
        quote = quote_in(browser.get(PAGE))
    with clock_at(edge + timedelta(minutes=5)):
        assert browser.post(PAGE, {"quote": quote}).status_code == 303
    assert fresh(booking).refund_amount == 17000


@pytest.mark.parametrize("quote", ["", "forged", signing.dumps({"refund": 34000}, salt="other")])
def test_without_a_quote_of_ours_the_page_asks_again(stripe_simulator, quote):
    booking = in_ten_days(stripe_simulator)
    browser = opened(booking)
    before = rows()
    answer = browser.post(PAGE, {"quote": quote, "reason": "Ill"})
    assert answer.status_code == 409
    assert "Nothing has been cancelled yet." in text_of(answer)
    assert "Ill</textarea>" in text_of(answer)
    assert rows() == before
    assert browser.post(PAGE, {"quote": quote_in(answer)}).status_code == 303


def test_after_15_minutes_the_page_asks_again(stripe_simulator):
    booking = in_ten_days(stripe_simulator)
    browser = opened(booking)
    with mock.patch("django.core.signing.time.time", return_value=timezone.now().timestamp() - 901):
        quote = quote_in(browser.get(PAGE))
    answer = browser.post(PAGE, {"quote": quote})
    assert answer.status_code == 409
    assert "This page was open for more than 15 minutes." in text_of(answer)
    assert fresh(booking).status == "CONFIRMED"


def test_a_quote_of_another_booking_is_worth_nothing(stripe_simulator):
    booking, other = in_ten_days(stripe_simulator), confirmed(stripe_simulator)
    quote = quote_in(opened(other).get(PAGE))
    assert opened(booking).post(PAGE, {"quote": quote}).status_code == 409
    assert fresh(booking).status == "CONFIRMED"


def test_money_returned_meanwhile_changes_the_amount_and_asks_again(stripe_simulator):
    booking = in_ten_days(stripe_simulator)
    browser = opened(booking)
    quote = quote_in(browser.get(PAGE))
    with by_staff(UserFactory(role="owner")):
        decisions.refund(booking, amount=10000, note="Noise")
    answer = browser.post(PAGE, {"quote": quote})
    assert answer.status_code == 409
    assert "The amount has changed since you opened this page." in text_of(answer)
    assert "You get back</th><td>€70.00" in text_of(answer)
    assert "Refunded already</th><td>€100.00" in text_of(answer)


def test_after_the_deadline_the_page_says_all_its_times_and_moves_nothing(stripe_simulator):
    booking = confirmed(stripe_simulator)
    browser = opened(booking)
    quote_in(browser.get(PAGE))
    late = booking.check_in_moment - timedelta(hours=23)
    ManagementToken.objects.update(expires_at=late + timedelta(days=1))
    before = rows()
    with clock_at(late):
        answers = [browser.get(PAGE), browser.post(PAGE, {}), browser.post(PAGE, {"reason": "x" * 501})]
    for answer in answers:
        assert answer.status_code == 409
        assert answer.context["is_late"]
        assert "quote" not in str(answer.context.get("form", ""))
        for words in (
            "Cancellation deadline has passed",
            "Full refund until 14 days before check-in, half until 7 days, none after.",
            f"Check-in</dt><dd>{booking.check_in:%a} {booking.check_in.day} {booking.check_in:%b}",
            ", 16:00 (Dublin)",
            "+353 1 555 0100",
        ):
            assert words in text_of(answer)
    assert rows() == before


def test_a_hotel_that_takes_no_cancellations_online_says_so_in_its_own_words(stripe_simulator):
    booking = confirmed(stripe_simulator)
    browser = opened(booking)
    quote = quote_in(browser.get(PAGE))
    Hotel.objects.update(allow_client_cancellation=False)
    before = rows()
    for answer in (browser.get(PAGE), browser.post(PAGE, {"quote": quote})):
        assert answer.status_code == 409
        assert "This hotel does not take cancellations online." in text_of(answer)
        assert "desk@hotel.example" in text_of(answer)
    assert rows() == before


def declined(simulator):
    booking = paid(simulator)
    with by_staff(UserFactory(first_name="Nightly", last_name="Manager")):
        return decisions.decline(booking, reason="Overbooked by mistake").booking


def completed(simulator):
    booking = confirmed(simulator)
    with clock_at(timezone.now() + timedelta(days=40)):
        return lifecycle.complete(booking).booking


def expired(simulator):
    booking = submitted()
    with clock_at(timezone.now() + timedelta(days=2)):
        decisions.expire(booking)
    return booking


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (declined, "The hotel declined this booking, so there is nothing left to cancel."),
        (completed, "This stay is over, so it can no longer be cancelled."),
        (expired, "This booking has expired, so there is nothing left to cancel."),
    ],
)
def test_what_has_ended_is_refused_with_its_reason_and_without_names(stripe_simulator, end, words):
    booking = fresh(end(stripe_simulator))
    browser = opened(booking)
    before = rows()
    for answer in (browser.get(PAGE), browser.post(PAGE, {})):
        assert answer.status_code == 409
        assert words in text_of(answer)
        assert "Manager" not in text_of(answer)
        assert "Overbooked" not in text_of(answer)
    assert "Cancel booking" not in text_of(browser.get("/booking/manage/"))
    assert rows() == before


def test_when_stripe_refuses_nothing_changes_and_no_word_of_stripe_leaks(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.reset()  # Stripe knows no such payment any more
    answer = press(opened(booking))
    assert answer.status_code == 502
    assert "your booking is unchanged" in text_of(answer)
    assert not any(word in text_of(answer) for word in ("resource_", "charge_", "pi_", "Stripe "))
    assert fresh(booking).status == "CONFIRMED"
    assert mails(booking)[-1] == "approved"


@pytest.mark.parametrize("is_known", [True, False])
def test_what_a_bank_holds_is_said_honestly_before_and_after(stripe_simulator, is_known):
    booking = in_ten_days(stripe_simulator)
    payment = booking.payments.get()
    intent = payment.stripe_payment_intent_id
    name = stripe_simulator.control(f"dashboard/payment_intents/{intent}/dispute", reason="fraudulent")["id"]
    if is_known:
        operations.refresh(payment)
    browser = opened(booking)
    assert ("Your bank is looking at this payment" in text_of(browser.get(PAGE))) is is_known
    assert press(browser).status_code == 303
    done = text_of(browser.get("/booking/manage/"))
    assert "Then €170.00 comes back to you, from your bank or from us" in done
    assert not any(word in done for word in ("We have sent", "on its way", "dispute", "charge_", name))
    stripe_simulator.control(f"dashboard/disputes/{name}/close", status="lost")
    operations.refresh(payment)
    done = text_of(browser.get("/booking/manage/"))
    assert "Your bank has paid this back to you." in done
    assert name not in done


def test_when_stripe_s_answer_is_lost_the_guest_has_nothing_more_to_do(stripe_simulator):
    booking = confirmed(stripe_simulator)
    browser = opened(booking)
    stripe_simulator.control("faults", kind="drop_after", match={"path_regex": "/v1/refunds"}, times=3)
    answer = press(browser)
    assert (answer.status_code, answer["Refresh"]) == (202, "5; url=/booking/manage/")
    assert "There is nothing more for you to do." in text_of(answer)
    assert {browser.get(page).status_code for page in (PAGE, "/booking/manage/")} == {202}
    operations.resolve(booking.operations.get(status="pending"))
    assert "Your booking is cancelled" in text_of(browser.get("/booking/manage/"))
    assert at_stripe(stripe_simulator, booking).refunds == 1


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("pending", "€340.00 is on its way to your Visa ending in 4242."),
        ("failed", "Your bank did not take €340.00 back. You will not lose it: "),
    ],
)
def test_a_refund_is_called_done_only_when_it_is(stripe_simulator, status, words):
    booking = confirmed(stripe_simulator)
    browser = opened(booking)
    stripe_simulator.control("refund_outcome", mode="pending", times=1)
    press(browser)
    refund = Refund.objects.get()
    if status == "failed":
        stripe_simulator.control(f"refunds/{refund.stripe_refund_id}/resolve", status="failed")
        operations.refresh(refund.payment)
    page = text_of(browser.get("/booking/manage/"))
    assert words in page
    assert "We have sent" not in page


def test_cancelling_by_the_hotel_is_shown_without_names(stripe_simulator):
    from_hotel = submitted()
    with by_staff(UserFactory(last_name="Manager")):
        cancel.cancel_booking(from_hotel, reason="Water damage")
    page = text_of(opened(from_hotel).get("/booking/manage/"))
    assert f"{from_hotel.hotel.name} cancelled it on" in page
    assert "Manager" not in page
