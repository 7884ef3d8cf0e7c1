"""The second person's desk: asking, the worklist, its dialogs, and who gets to see and press what."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, Hotel, User
from payments.models import PaymentOperation, Refund, RefundRequest
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import do, listing, page, said, text
from tests.factories import UserFactory, days_ahead
from tests.simulator_process import StripeSimulator
from tests.stays import AtStripe, at_stripe

PAID = AtStripe(captured=34000, captures=1)
TYPED = {"amount": "300.00", "stripe_reason": "duplicate", "note": "Broken shower", "seen_left": "34000"}


@pytest.fixture
def guarded(own: House) -> House:
    """The own hotel, where more than 200.00 takes two people."""
    own.hotel.four_eyes_threshold = 20000
    own.hotel.save()
    return own


@pytest.fixture
def booking(guarded: House, stripe_simulator: StripeSimulator) -> Booking:
    """A paid booking of that hotel; the policy keeps half."""
    return stays.confirmed(
        stripe_simulator, guarded.booking(check_in=days_ahead(10), check_out=days_ahead(12), hotel=guarded.hotel)
    )


def colleague(booking: Booking, first_name: str, role: str = "Manager") -> User:
    """Somebody of the booking's hotel."""
    return UserFactory(role=role, hotels=[booking.hotel], first_name=first_name, last_name="Byrne")


@pytest.fixture
def nora(booking: Booking) -> Client:
    """The browser of who asks."""
    return signed_in(colleague(booking, "Nora"))


@pytest.fixture
def ciara(booking: Booking) -> Client:
    """The browser of who decides."""
    return signed_in(colleague(booking, "Ciara"))


@pytest.fixture
def wish(booking: Booking, nora: Client) -> RefundRequest:
    """Nora's request."""
    do(nora, booking, "refund", **TYPED)
    return RefundRequest.objects.get()


def snapshot() -> list[object]:
    """Everything that a decision could have changed."""
    return [
        *RefundRequest.objects.order_by("pk").values_list("pk", "status", "decided_by", "decision_note"),
        RefundRequest.history.count(),
        PaymentOperation.objects.count(),
        Refund.objects.count(),
    ]


def test_refund_dialog_says_beforehand_that_a_second_person_is_needed(booking: Booking, nora: Client) -> None:
    shown = text(nora.get(page(booking, "refund")))
    assert "Above €200.00 for one booking a second person has to agree." in shown
    assert "Refund €170.00" in shown  # as the policy proposes
    assert "&quot;alone&quot;: 200.0" in shown


def test_refund_dialog_says_what_is_still_free(booking: Booking, nora: Client) -> None:
    do(nora, booking, "refund", **{**TYPED, "amount": "150.00"})
    shown = text(nora.get(page(booking, "refund")))
    assert "You can return €50.00 alone." in shown


def test_refund_dialog_without_threshold_says_nothing_of_it(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    shown = text(manager.get(page(stays.confirmed(stripe_simulator, own.booking()), "refund")))
    assert ("second person" in shown, "Refund €340.00" in shown) == (False, True)


def test_asking_says_what_happens_next_and_moves_nothing(
    booking: Booking, nora: Client, stripe_simulator: StripeSimulator
) -> None:
    assert said(do(nora, booking, "refund", **TYPED)) == [
        (
            "info",
            "You asked for a refund of €300.00. Nothing has moved yet: another person has to approve it, "
            "and finds it under “Refund requests”.",
        )
    ]
    assert (RefundRequest.objects.count(), at_stripe(stripe_simulator, booking)) == (1, PAID)


def test_booking_page_shows_the_request_and_leads_to_it(booking: Booking, wish: RefundRequest, ciara: Client) -> None:
    answer = ciara.get(page(booking))
    shown = text(answer)
    assert "Nora Byrne asked for a refund of €300.00 on " in shown
    assert f'href="{page(wish)}"' in shown
    why = {action.name: reason for action, reason in answer.context["impossible"]}
    assert why["refund"].endswith("Another person has to approve or reject that first.")
    assert "cancel" not in why


def test_cancel_dialog_says_what_becomes_of_the_request(booking: Booking, wish: RefundRequest, ciara: Client) -> None:
    assert "Cancelling by policy may withdraw it." in text(ciara.get(page(booking, "cancel")))


def test_cancel_with_waived_fee_is_asked_for_and_then_done_exactly(
    booking: Booking, nora: Client, ciara: Client, stripe_simulator: StripeSimulator
) -> None:
    typed = {"reason": "Hotel closed", "note": "", "fee": "waive", "custom_fee": "", "seen": "17000-17000-0"}
    assert said(do(nora, booking, "cancel", **typed))[0][1].startswith(
        "You asked to cancel this booking and return €340.00. Nothing has moved yet"
    )
    wish = RefundRequest.objects.get()
    assert "Cancel and return €340.00" in text(ciara.get(page(wish, "approve")))
    assert said(do(ciara, wish, "approve")) == [
        (
            "success",
            "The booking is cancelled. €340.00 is on its way back. Banks take 5 to 10 days to show it.",
        )
    ]
    booking = stays.fresh(booking)
    assert (booking.status, booking.cancellation_fee, booking.refund_amount) == ("CANCELLED", 0, 34000)
    assert at_stripe(stripe_simulator, booking).refunded == 34000


def test_another_person_approves_once(
    booking: Booking, wish: RefundRequest, ciara: Client, stripe_simulator: StripeSimulator
) -> None:
    shown = text(ciara.get(page(wish, "approve")))
    assert ("Refund €300.00" in shown, "€300.00 of €340.00 left" in shown) == (True, True)
    assert said(do(ciara, wish, "approve")) == [
        ("success", "€300.00 is on its way back. Banks take 5 to 10 days to show it.")
    ]
    level, words = said(do(ciara, wish, "approve"))[-1]
    assert (level, "by Ciara Byrne. Stripe has carried it out." in words) == ("info", True)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1, refunded=30000, refunds=1)


def test_own_request_shows_why_approving_is_not_possible(
    booking: Booking, wish: RefundRequest, nora: Client, stripe_simulator: StripeSimulator
) -> None:
    words = "You asked for this yourself, so another person has to decide about it."
    answer = nora.get(page(wish))
    assert [action["title"] for action in answer.context["actions_detail"]] == ["Withdraw"]
    assert [(action.name, why) for action, why in answer.context["impossible"]] == [
        ("approve", words),
        ("reject", words),
    ]
    assert words in text(answer)
    before = snapshot()
    assert said(do(nora, wish, "approve")) == [("error", words)]
    assert (snapshot(), at_stripe(stripe_simulator, booking)) == (before, PAID)


def test_owner_does_not_approve_their_own_request(booking: Booking, stripe_simulator: StripeSimulator) -> None:
    owner = signed_in(UserFactory(role="owner"))
    do(owner, booking, "refund", **TYPED)
    assert said(do(owner, RefundRequest.objects.get(), "approve"))[-1][0] == "error"
    assert at_stripe(stripe_simulator, booking) == PAID


def test_other_person_is_offered_both_answers(wish: RefundRequest, ciara: Client) -> None:
    answer = ciara.get(page(wish))
    assert [action["title"] for action in answer.context["actions_detail"]] == ["Approve", "Reject"]
    assert answer.context["impossible"] == []


@pytest.mark.parametrize("name", ["approve", "reject", "withdraw"])
def test_colleague_of_another_hotel_does_not_find_it(foreign: House, wish: RefundRequest, name: str) -> None:
    stranger = signed_in(UserFactory(role="Manager", hotels=[foreign.hotel]))
    before = snapshot()
    addresses = [page(wish), page(wish, "history"), page(wish, name)]
    assert {stranger.get(address).status_code for address in addresses} == {404}
    assert (do(stranger, wish, name, note="x").status_code, snapshot()) == (404, before)
    assert stranger.get(listing(wish)).context["cl"].result_count == 0


@pytest.mark.parametrize("role", ["Front desk", "Auditor"])
@pytest.mark.parametrize("name", ["approve", "reject"])
def test_role_without_the_right_may_only_look(booking: Booking, wish: RefundRequest, role: str, name: str) -> None:
    client = signed_in(colleague(booking, "Alan", role))
    before = snapshot()
    assert (client.get(page(wish)).status_code, do(client, wish, name, note="x").status_code) == (200, 403)
    assert (snapshot(), client.get(page(wish)).context["actions_detail"]) == (before, [])


def test_auditor_cannot_withdraw(booking: Booking, wish: RefundRequest) -> None:
    auditor = signed_in(colleague(booking, "Alan", "Auditor"))
    assert (do(auditor, wish, "withdraw").status_code, snapshot()[0][1]) == (403, "pending")


@pytest.mark.parametrize("name", ["approve", "reject", "withdraw"])
def test_looking_changes_nothing_and_posting_needs_a_token(wish: RefundRequest, name: str) -> None:
    owner, before = UserFactory(role="owner"), snapshot()
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert (client.get(page(wish, name)).status_code, do(client, wish, name).status_code) == (200, 403)
    assert snapshot() == before


def test_reject_needs_a_reason(wish: RefundRequest, ciara: Client) -> None:
    assert do(ciara, wish, "reject", note="").status_code == 200
    assert said(do(ciara, wish, "reject", note="Too much")) == [
        ("success", "The request is rejected. Nothing has moved.")
    ]
    wish.refresh_from_db()
    assert (wish.status, wish.decision_note) == ("rejected", "Too much")
    assert "This was rejected on " in text(ciara.get(page(wish)))


def test_who_asked_withdraws(wish: RefundRequest, nora: Client) -> None:
    assert said(do(nora, wish, "withdraw"))[-1] == ("success", "Your request is withdrawn. Nothing has moved.")
    wish.refresh_from_db()
    assert wish.status == "withdrawn"


def test_refusal_by_stripe_is_shown_on_the_request(
    booking: Booking, wish: RefundRequest, ciara: Client, stripe_simulator: StripeSimulator
) -> None:
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=10000)
    assert said(do(ciara, wish, "approve"))[-1][0] == "error"
    wish.refresh_from_db()
    assert wish.status == "approved"
    assert "Stripe refused it: " in text(ciara.get(page(wish)))


def shown_in(client: Client, query: str) -> set[int]:
    """The requests of a list."""
    rows = client.get(listing(RefundRequest, query)).context["cl"].queryset
    return set(rows.values_list("pk", flat=True))


def test_list_shows_what_waits_unless_asked_otherwise(wish: RefundRequest, nora: Client, ciara: Client) -> None:
    assert [shown_in(nora, query) for query in ("", "?state=for_me", "?state=all")] == [{wish.pk}, set(), {wish.pk}]
    assert shown_in(ciara, "?state=for_me") == {wish.pk}
    do(ciara, wish, "reject", note="No")
    queries = ("", "?state=for_me", "?state=rejected", "?state=approved", "?state=all", "?state=nonsense")
    assert [shown_in(ciara, query) for query in queries] == [set(), set(), {wish.pk}, set(), {wish.pk}, set()]


def worry(client: Client) -> Any:
    """The number of the start page, or nothing."""
    numbers = client.get(reverse("admin:index")).context["numbers"]
    return next((each for each in numbers if each["name"] == "Refunds to approve"), None)


def test_today_counts_what_the_person_may_decide(
    booking: Booking, foreign: House, wish: RefundRequest, nora: Client, ciara: Client
) -> None:
    stranger = signed_in(UserFactory(role="Manager", hotels=[foreign.hotel]))
    counts = [worry(client)["count"] for client in (ciara, nora, stranger, signed_in(UserFactory(role="owner")))]
    assert counts == [1, 0, 0, 1]
    assert worry(signed_in(colleague(booking, "Alan", "Front desk"))) is None
    assert ciara.get(worry(ciara)["link"]).context["cl"].result_count == 1


def test_history_of_a_request_shows_amounts_as_money(wish: RefundRequest, ciara: Client) -> None:
    shown = text(ciara.get(page(wish, "history")))
    assert ("€300.00" in shown, "€340.00" in shown, "Ask" in shown) == (True, True, True)


def settings_of(client: Client, hotel: Hotel, **typed: str) -> Any:
    """Save a hotel's settings with a few of them changed."""
    form = client.get(page(hotel)).context["adminform"].form
    fields = {name: form[name].value() for name in form.fields}
    filled = {name: value for name, value in {**fields, **typed}.items() if value not in (None, False)}
    return client.post(page(hotel), filled)


@pytest.mark.parametrize(("typed", "stored"), [("200.50", 20050), ("0", 0), ("", None)])
def test_hotel_form_takes_the_threshold_as_an_amount(
    own: House, manager: Client, typed: str, stored: int | None
) -> None:
    assert settings_of(manager, own.hotel, four_eyes_threshold=typed).status_code == 302
    own.hotel.refresh_from_db()
    assert own.hotel.four_eyes_threshold == stored


def test_hotel_form_shows_the_threshold_as_an_amount(guarded: House, manager: Client) -> None:
    assert manager.get(page(guarded.hotel)).context["adminform"].form["four_eyes_threshold"].value() == "200.00"
    assert settings_of(manager, guarded.hotel).status_code == 302
    guarded.hotel.refresh_from_db()
    assert guarded.hotel.four_eyes_threshold == 20000


def test_hotel_form_counts_in_the_hotels_currency(own: House, manager: Client) -> None:
    own.hotel.currency = "JPY"
    own.hotel.save()
    assert "Write the amount in digits, such as 120." in text(
        settings_of(manager, own.hotel, four_eyes_threshold="a")
    )
    settings_of(manager, own.hotel, four_eyes_threshold="30000")
    own.hotel.refresh_from_db()
    assert own.hotel.four_eyes_threshold == 30000


@pytest.mark.parametrize(("typed", "stored"), [("199.99", 19999), ("200.01", 20000), ("", 20000)])
def test_manager_tightens_the_threshold_and_never_loosens_it(
    guarded: House, manager: Client, typed: str, stored: int
) -> None:
    settings_of(manager, guarded.hotel, four_eyes_threshold=typed)
    guarded.hotel.refresh_from_db()
    assert guarded.hotel.four_eyes_threshold == stored


def test_owner_lifts_the_threshold(guarded: House, staff: Callable[[str], Client]) -> None:
    settings_of(staff("owner"), guarded.hotel, four_eyes_threshold="")
    guarded.hotel.refresh_from_db()
    assert guarded.hotel.four_eyes_threshold is None


def test_readers_see_the_threshold_as_money(guarded: House, staff: Callable[[str], Client]) -> None:
    shown = text(staff("Auditor").get(page(guarded.hotel)))
    assert ("€200.00" in shown, "20000" in shown) == (True, False)


@pytest.mark.parametrize(
    ("typed", "stored", "words"),
    [("usd", "USD", ""), ("EUR", "", "This is the hotel&#x27;s own currency."), ("US", "", "Use the three letters")],
)
def test_hotel_form_checks_the_fallback_currency(
    own: House, manager: Client, typed: str, stored: str, words: str
) -> None:
    answer = settings_of(
        manager, own.hotel, fallback_currency=typed, rate_max_age_hours="24", external_refunds="cancel"
    )
    own.hotel.refresh_from_db()
    assert (own.hotel.fallback_currency, words in text(answer)) == (stored, True)
    if stored:
        assert (own.hotel.rate_max_age_hours, own.hotel.external_refunds) == (24, "cancel")


def test_history_of_a_request_says_the_reason_in_words(wish: RefundRequest, ciara: Client) -> None:
    shown = text(ciara.get(page(wish, "history")))
    assert ("Paid twice" in shown, "duplicate" in shown) == (True, False)
