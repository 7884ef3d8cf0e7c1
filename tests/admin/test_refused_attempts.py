"""What somebody tried and was refused is recorded, once, whoever refused it; nothing else moves."""

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings import happenings
from bookings.models import Booking, RefusedAttempt, Repeat, User
from payments.models import PaymentOperation, Refund
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import do, listing, page, text
from tests.factories import UserFactory
from tests.guest.browser import link_of
from tests.logged import logged

REFUND = {"amount": "500.00", "stripe_reason": "duplicate", "note": "Cold shower", "seen_left": "34000"}


def said(attempt: RefusedAttempt) -> tuple[object, ...]:
    """What a record says of what was tried."""
    return (
        *(attempt.surface, attempt.tried, attempt.model, attempt.asked, attempt.reference),
        *(attempt.amount, attempt.currency, attempt.code, attempt.words),
    )


def untouched(booking: Booking) -> None:
    """Nothing moved."""
    assert stays.fresh(booking).status == booking.status
    assert (PaymentOperation.objects.filter(kind="refund").count(), Refund.objects.count()) == (0, 0)


def test_missing_right(own, staff):
    booking = own.booking()
    browser = staff("Front desk")
    answer = browser.post(page(booking, "refund"), REFUND, headers={"User-Agent": "Desk/1"}, REMOTE_ADDR="192.0.2.9")
    assert answer.status_code == 403
    attempt = RefusedAttempt.objects.get()
    where = ("desk", "refund", "bookings.booking", str(booking.pk), booking.booking_id)
    assert said(attempt) == (*where, 50000, "EUR", "ERR_FORBIDDEN", "")
    assert (attempt.user, attempt.hotel, attempt.actor_kind) == (signed_in_of(browser), own.hotel, "staff")
    assert (attempt.actor["ip"], attempt.actor["user_agent"]) == ("192.0.2.9", "Desk/1")
    assert attempt.request_id == answer["X-Request-Id"]
    (row,) = attempt.history.all()
    assert (row.history_user, row.transition, row.ip, row.request_id) == (
        *(attempt.user, "refuse", "192.0.2.9", attempt.request_id),
    )
    untouched(booking)


def signed_in_of(browser: Client) -> User:
    """Whoever is signed in in a browser."""
    return User.objects.get(pk=browser.session["_auth_user_id"])


def test_foreign_booking_is_known_by_nothing_but_what_was_asked(own, foreign, staff):
    booking = foreign.booking()
    assert do(staff("Manager"), booking, "refund", **REFUND).status_code == 404
    attempt = RefusedAttempt.objects.get()
    asked = ("desk", "refund", "bookings.booking", str(booking.pk))
    assert said(attempt) == (*asked, "", None, "", "ERR_NOT_FOUND", "")
    assert attempt.hotel is None
    assert booking.booking_id not in str(attempt.__dict__)


def test_rule_refuses_and_its_transaction_is_rolled_back(own, manager, stripe_simulator):
    booking = stays.confirmed(stripe_simulator, own.booking())
    do(manager, booking, "refund", **REFUND)
    attempt = RefusedAttempt.objects.get()
    assert (attempt.tried, attempt.reference, attempt.amount, attempt.code) == (
        *("refund", booking.booking_id, 50000, "ERR_VALIDATION"),
    )
    assert "340" in attempt.words
    untouched(booking)


def test_stripe_refuses(own, manager, stripe_simulator):
    booking = stays.confirmed(stripe_simulator, own.booking())
    stripe_simulator.control("faults", kind="refused", match={"path_regex": "/v1/refunds"}, times=9)
    do(manager, booking, "refund", **{**REFUND, "amount": "100.00"})
    attempt = RefusedAttempt.objects.filter(code="ERR_STRIPE").get()
    assert (attempt.tried, attempt.amount, attempt.currency) == ("refund", 10000, "EUR")


def test_stale_dialog(own, manager):
    booking = own.booking()
    assert do(manager, booking, "complete").status_code == 302
    attempt = RefusedAttempt.objects.get()
    assert (attempt.tried, attempt.code, attempt.words) == ("complete", "ERR_STATE", "This booking is still a draft.")


def test_what_is_done_or_only_looked_at_is_no_attempt(own, manager):
    booking = own.booking()
    manager.get(page(booking, "refund"))
    do(manager, booking, "cancel")  # a form with nothing in it comes back
    do(manager, booking, "submit")
    do(manager, booking, "submit")
    assert RefusedAttempt.objects.count() == 0


def test_repeats_are_counted(own, staff, monkeypatch):
    booking, browser = own.booking(), staff("Front desk")
    for _ in range(5):
        do(browser, booking, "refund", **REFUND)
    do(browser, booking, "refund", **{**REFUND, "amount": "1.00"})
    assert RefusedAttempt.objects.count() == 2
    assert RefusedAttempt.history.count() == 2
    assert [row.times for row in Repeat.objects.all()] == [4]
    first = RefusedAttempt.objects.get(amount=50000)
    assert Repeat.objects.get().key == first.key


def test_nobody_cannot_fill_the_table(db):
    browser = Client()
    for number in range(30):
        path = f"/api/public/hotel/none/room-bookings/R{number}/cancel/"
        browser.post(path, {}, "application/json", headers={"Authorization": "Bearer ikg_wrong"})
    assert RefusedAttempt.objects.filter(code="ERR_FORBIDDEN").count() == 1
    assert RefusedAttempt.objects.get(code="ERR_FORBIDDEN").reference == ""


def test_guest_who_comes_too_late(own, client):
    booking = own.booking(status="COMPLETED")
    link = link_of(booking, hours=48)
    client.get(link)
    answer = client.post("/booking/manage/cancel/", {"quote": "x"}, headers={"User-Agent": "Phone"})
    assert answer.status_code == 409
    attempt = RefusedAttempt.objects.get()
    assert (attempt.surface, attempt.tried, attempt.actor_kind, attempt.user) == ("guest", "cancel", "guest", None)
    assert (attempt.reference, attempt.hotel) == (booking.booking_id, own.hotel)
    assert attempt.words


def test_api_refusal_has_its_own_code_and_words(own, manager):
    booking = own.booking(status="COMPLETED")
    path = f"/api/public/hotel/{own.hotel.slug}/room-bookings/{booking.booking_id}/payment/session/"
    answer = manager.post(path, {}, "application/json")
    assert answer.status_code == 409
    attempt = RefusedAttempt.objects.get()
    assert (attempt.surface, attempt.reference, attempt.code) == ("api", booking.booking_id, answer.json()["code"])
    assert (attempt.words, attempt.user) == (answer.json()["error"], signed_in_of(manager))


@pytest.mark.parametrize(("role", "code"), [("Manager", "ERR_STATE"), ("Front desk", "ERR_FORBIDDEN")])
def test_a_program_of_the_desk(own, staff, role, code):
    booking, browser = own.booking(), staff(role)
    path = f"/api/staff/hotel/{own.hotel.slug}/room-bookings/{booking.booking_id}/refund/"
    answer = browser.post(path, {"amount": "500.00", "reason": "Noise"}, "application/json")
    attempt = RefusedAttempt.objects.get()
    assert (attempt.surface, attempt.tried, attempt.asked) == ("api", "refund", booking.booking_id)
    assert (attempt.code, attempt.words) == (answer.json()["code"], answer.json()["error"])
    assert (attempt.reference, attempt.amount, attempt.currency) == (booking.booking_id, 50000, "EUR")
    assert (attempt.user, attempt.code) == (signed_in_of(browser), code)


def test_a_record_that_breaks_reaches_nobody(own, staff, monkeypatch):
    def breaks(attempt):
        with transaction.atomic():
            raise RuntimeError(attempt.tried)

    monkeypatch.setattr(happenings, "write_attempt", breaks)
    with logged() as log:
        assert do(staff("Front desk"), own.booking(), "refund", **REFUND).status_code == 403
    assert log.events.count("attempt.not_recorded") == 1


def test_each_sees_the_attempts_of_their_hotels(own: House, foreign: House, staff):
    stranger = signed_in(UserFactory(role="Front desk", hotels=[foreign.hotel]))
    do(stranger, foreign.booking(), "refund", **REFUND)
    do(stranger, own.booking(), "refund", **REFUND)
    do(staff("Front desk"), own.booking(1), "refund", **REFUND)
    seen = {
        role: {row.pk for row in staff(role).get(listing(RefusedAttempt)).context["cl"].result_list}
        for role in ("Manager", "Auditor", "owner")
    }
    all_rows = list(RefusedAttempt.objects.order_by("pk").values_list("pk", flat=True))
    assert seen == {"Manager": {all_rows[2]}, "Auditor": {all_rows[2]}, "owner": set(all_rows)}
    assert staff("Front desk").get(listing(RefusedAttempt)).status_code == 403


LONG_AGO = "at_from=2020-01-01&at_to=2020-02-01"


@pytest.mark.parametrize("query", ["tried=refund", "tried=cancel", "person=none", LONG_AGO])
def test_filters(own, staff, query):
    do(staff("Front desk"), own.booking(), "refund", **REFUND)
    answer = staff("Auditor").get(listing(RefusedAttempt, f"?{query}"))
    assert len(answer.context["cl"].result_list) == (1 if query == "tried=refund" else 0)


def test_list_takes_as_many_queries_for_many_rows(own, staff):
    auditor, desk = staff("Auditor"), staff("Front desk")
    numbers = []
    for number in range(3):
        do(desk, own.booking(number), "refund", **REFUND)
        with CaptureQueriesContext(connection) as queries:
            auditor.get(listing(RefusedAttempt))
        numbers.append(len(queries))
    assert len(set(numbers[1:])) == 1


def test_timeline_tells_of_it(own, staff):
    booking = own.booking()
    do(staff("Front desk"), booking, "refund", **REFUND)
    html = text(staff("Manager").get(f"{page(booking)}?tab=timeline"))
    assert "Refused: Refunded, €500.00" in html
