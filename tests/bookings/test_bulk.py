"""A run over many bookings: each by itself, by the same services, in the name of whoever decided, and never twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from bookings import bulk, lifecycle
from bookings.audit import Actor, ActorKind, acting
from bookings.bulk_standing import Standing
from bookings.models import Booking, BookingStatus, BulkRow, BulkRun, FeeChoice, RowState, RunState, User
from cancellations import cancel
from payments import decisions
from payments.models import PaymentOperation, RefundRequest
from tests import stays
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory, days_ahead
from tests.simulator_process import StripeSimulator

S, R = BookingStatus, RowState
REQUEST = "bulk-request-0001"


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread would not see what the test has not committed."""
    monkeypatch.setattr(bulk, "THREADS", 1)
    monkeypatch.setattr(bulk, "THREADS_SQLITE", 1)


@pytest.fixture
def hotel(db: None) -> Any:
    """A hotel in Dublin."""
    return HotelFactory()


@pytest.fixture
def person(hotel: Any) -> User:
    """A manager of the hotel."""
    return UserFactory(role="Manager", hotels=[hotel])


def draft(hotel: Any, *, days: int = 10, **fields: Any) -> Booking:
    """A draft at the hotel, in a room of its own; ten days ahead half would be kept."""
    room = RoomFactory(room_type=RoomTypeFactory(hotel=hotel))
    return BookingFactory(room=room, check_in=days_ahead(days), **fields)


def requests(hotel: Any, number: int) -> list[Booking]:
    """Bookings to be paid on arrival that wait for an answer."""
    return [stays.submitted(draft(hotel, payment_method="ARRIVAL")) for _ in range(number)]


def promise(booking: Booking, **promised: Any) -> BulkRow:
    """A row as the plan promised it."""
    return BulkRow(
        booking=booking,
        reference=booking.booking_id,
        hotel=booking.hotel,
        currency="EUR",
        **promised,
    )


def begun(person: User, rows: list[BulkRow], *, key: str = "k1", action: str = "cancel", **facts: Any) -> BulkRun:
    """A run that a person has started; no worker has seen it."""
    with acting(Actor(ActorKind.STAFF, person.pk, "192.0.2.9", "Desk", REQUEST)):
        return bulk.start(key=key, rows=rows, action=action, **{"reason": "Hotel closed", **facts})


def carried_out(run: BulkRun) -> list[tuple[str, str]]:
    """Let the worker do what is due; return what became of the rows."""
    bulk.run_due(timezone.now())
    return results(run)


def results(run: BulkRun) -> list[tuple[str, str]]:
    """Return the rows' states and words."""
    return list(run.rows.values_list("state", "words"))


def time_passes(run: BulkRun) -> None:
    """The lease of a dead worker lapses."""
    run.rows.update(due_at=timezone.now())


def test_cancel_returns_what_was_promised(hotel: Any, person: User, stripe_simulator: StripeSimulator) -> None:
    booking = stays.confirmed(stripe_simulator, draft(hotel))
    run = begun(person, [promise(booking, move="refund", fee=17000, amount=17000)])
    assert carried_out(run) == [("done", "")]
    after = stays.fresh(booking)
    assert (after.status, after.cancellation_fee, after.refund_amount) == (S.CANCELLED, 17000, 17000)
    assert stays.at_stripe(stripe_simulator, booking).refunded == 17000
    assert (run.rows.get().moved, BulkRun.objects.get().state) == (17000, RunState.DONE)


def test_history_of_each_booking_names_person_reason_and_run(hotel: Any, person: User) -> None:
    first, second = requests(hotel, 2)
    run = begun(person, [promise(first), promise(second)], action="decline", reason="No room available")
    carried_out(run)
    for booking in (first, second):
        record = booking.history.filter(transition="decline").get()
        said = (record.history_user, record.history_change_reason, record.request_id, record.ip, record.actor_kind)
        assert said == (person, "No room available", run.request_id, "192.0.2.9", "staff")


def test_run_has_a_history_of_its_own(hotel: Any, person: User) -> None:
    run = begun(person, [promise(each) for each in requests(hotel, 2)], action="approve")
    carried_out(run)
    told = list(run.history.order_by("history_id").values_list("transition", "history_change_reason", "total"))
    assert told == [("start", "Hotel closed", 2), ("begin", None, 2), ("end", "2 done", 2)]


def test_one_row_that_cannot_stops_no_other(hotel: Any, person: User) -> None:
    first, second, third = requests(hotel, 3)
    run = begun(person, [promise(first), promise(second), promise(third)], action="approve")
    decisions.decline(second, reason="x")
    assert [state for state, _ in carried_out(run)] == [R.DONE, R.REFUSED, R.DONE]
    assert "was declined" in results(run)[1][1]


def test_row_that_breaks_is_noted_and_stops_no_other(
    hotel: Any, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = requests(hotel, 2)
    run = begun(person, [promise(first), promise(second)], action="approve")
    record = lifecycle.record_approved

    def breaks(booking: Booking, **options: Any) -> None:
        if booking == first:
            raise ZeroDivisionError
        record(booking, **options)

    monkeypatch.setattr(lifecycle, "record_approved", breaks)
    assert carried_out(run) == [("failed", "Something broke here. Try this booking again."), ("done", "")]


@pytest.mark.parametrize(
    ("promised", "words"),
    [
        (
            {"move": "refund", "fee": 0, "amount": 34000},
            "The amounts have changed: €0.00 kept and €340.00 returned when it was decided, "
            "now it would be €170.00 kept and €170.00 returned.",
        ),
        (
            {},
            "The amounts have changed: €0.00 kept and €0.00 returned when it was decided, "
            "now it would be €170.00 kept and €170.00 returned.",
        ),
    ],
)
def test_other_amounts_than_promised_are_refused(
    hotel: Any, person: User, stripe_simulator: StripeSimulator, promised: dict[str, Any], words: str
) -> None:
    booking = stays.confirmed(stripe_simulator, draft(hotel))
    run = begun(person, [promise(booking, **promised)])
    assert carried_out(run) == [("refused", words)]
    assert stays.fresh(booking).status == S.CONFIRMED
    assert stays.at_stripe(stripe_simulator, booking).refunds == 0


def test_another_capture_than_promised_is_refused(
    hotel: Any, person: User, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.paid(stripe_simulator, draft(hotel))
    run = begun(person, [promise(booking, move="capture", amount=30000)], action="approve")
    assert carried_out(run) == [
        ("refused", "The amount has changed: €300.00 when it was decided, now €340.00 would be captured.")
    ]
    assert stays.at_stripe(stripe_simulator, booking).captures == 0


@pytest.mark.parametrize("lost", ["right", "hotel", "account", "fee"])
def test_whoever_lost_the_right_meanwhile_is_refused(hotel: Any, person: User, lost: str) -> None:
    booking = requests(hotel, 1)[0]
    run = begun(person, [promise(booking)], fee=FeeChoice.WAIVE if lost == "fee" else FeeChoice.POLICY)
    if lost == "right":
        person.groups.clear()
    if lost == "fee":
        person.groups.set(Group.objects.filter(name="Front desk"))
    if lost == "hotel":
        person.hotels.clear()
    if lost == "account":
        User.objects.filter(pk=person.pk).update(is_active=False)
    gone = "This booking was not found."
    assert carried_out(run) == [
        ("refused", gone if lost == "hotel" else f"{person.get_full_name()} has no right to do this any more.")
    ]
    assert stays.fresh(booking).status == S.PENDING_APPROVAL


def test_booking_done_by_somebody_else_is_told_so(hotel: Any, person: User) -> None:
    booking = requests(hotel, 1)[0]
    run = begun(person, [promise(booking)])
    with stays.by_staff(UserFactory(first_name="Ida", last_name="Lund")):
        cancel.cancel_booking(booking, reason="x")
    ((state, words),) = carried_out(run)
    assert (state, "by Ida Lund" in words) == (R.ALREADY, True)


def test_same_key_makes_one_run(hotel: Any, person: User) -> None:
    booking = requests(hotel, 1)[0]
    runs = [begun(person, [promise(booking)]), begun(person, [promise(booking)])]
    assert (runs[0], BulkRow.objects.count()) == (runs[1], 1)


def test_stop_leaves_alone_what_was_not_begun(hotel: Any, person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = requests(hotel, 3)
    run = begun(person, [promise(first), promise(second), promise(third)], action="approve")
    take = bulk.take

    def stop_after_the_first(pk: int, standing: Standing) -> None:
        take(pk, standing)
        bulk.stop(run)

    monkeypatch.setattr(bulk, "take", stop_after_the_first)
    assert [state for state, _ in carried_out(run)] == [R.DONE, R.STOPPED, R.STOPPED]
    assert BulkRun.objects.get().state == RunState.STOPPED
    assert [stays.fresh(each).status for each in (second, third)] == [S.PENDING_APPROVAL, S.PENDING_APPROVAL]
    assert not bulk.stop(run)


def test_row_of_a_dead_worker_is_done_when_its_lease_has_lapsed(hotel: Any, person: User) -> None:
    run = begun(person, [promise(requests(hotel, 1)[0])])
    assert bulk.claimed(run.rows.get().pk) is not None
    assert carried_out(run) == [("running", "")]
    time_passes(run)
    assert carried_out(run) == [("done", "")]


def test_row_that_was_done_before_the_worker_died_is_told_as_done(
    hotel: Any, person: User, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.confirmed(stripe_simulator, draft(hotel))
    run = begun(person, [promise(booking, move="refund", fee=17000, amount=17000)])
    row = bulk.claimed(run.rows.get().pk)
    with acting(Actor(**run.actor)):
        bulk.attempt(row, Standing())  # and the worker dies before it is noted
    time_passes(run)
    assert carried_out(run) == [("done", "")]
    assert stays.at_stripe(stripe_simulator, booking).refunds == 1
    assert stays.mails(booking).count("cancelled_by_hotel") == 1


def test_note_of_a_worker_that_was_too_slow_does_not_count(hotel: Any, person: User) -> None:
    run = begun(person, [promise(requests(hotel, 1)[0])])
    slow = bulk.claimed(run.rows.get().pk)
    time_passes(run)
    assert carried_out(run) == [("done", "")]
    bulk.noted(slow, state=R.FAILED, words="late")
    assert results(run) == [("done", "")]


def test_row_whose_answer_is_lost_waits_and_is_looked_up_again(
    hotel: Any, person: User, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.confirmed(stripe_simulator, draft(hotel))
    run = begun(person, [promise(booking, move="refund", fee=17000, amount=17000)])
    match = {"method": "POST", "path_regex": "^/v1/refunds$"}
    stripe_simulator.control("faults", kind="drop_after", times=3, match=match)
    ((state, words),) = carried_out(run)
    assert (state, words) == (
        "unknown",
        "We are waiting for Stripe's answer. It settles by itself, usually within a minute.",
    )
    assert BulkRun.objects.get().state == RunState.RUNNING
    time_passes(run)
    assert carried_out(run) == [("done", "")]
    assert (stays.at_stripe(stripe_simulator, booking).refunds, BulkRun.objects.get().state) == (1, RunState.DONE)


def test_refusal_of_stripe_is_a_failure(hotel: Any, person: User, stripe_simulator: StripeSimulator) -> None:
    booking = stays.confirmed(stripe_simulator, draft(hotel))
    run = begun(person, [promise(booking, move="refund", fee=17000, amount=17000)])
    stripe_simulator.control("faults", kind="refused", match={"method": "POST", "path_regex": "^/v1/refunds$"})
    assert carried_out(run) == [("failed", "The hotel's Stripe balance is too low for this refund.")]
    assert stays.fresh(booking).status == S.CONFIRMED


def test_waived_fee_beyond_the_limit_asks_a_second_person_once(
    person: User, hotel: Any, stripe_simulator: StripeSimulator
) -> None:
    hotel.four_eyes_threshold = 20000
    hotel.save()
    booking = stays.confirmed(stripe_simulator, draft(hotel))
    run = begun(person, [promise(booking, move="refund", amount=34000)], fee=FeeChoice.WAIVE)
    row = bulk.claimed(run.rows.get().pk)
    with acting(Actor(**run.actor)):
        bulk.attempt(row, Standing())  # and the worker dies before it is noted
    time_passes(run)
    assert [state for state, _ in carried_out(run)] == [R.ASKED]
    assert (RefundRequest.objects.count(), stays.fresh(booking).status) == (1, S.CONFIRMED)
    assert PaymentOperation.objects.filter(kind="refund").count() == 0


def test_delete_and_restore_work_on_many(hotel: Any, person: User) -> None:
    bookings = [draft(hotel), draft(hotel)]
    gone = begun(person, [promise(each) for each in bookings], action="soft_delete")
    assert carried_out(gone) == [("done", ""), ("done", "")]
    back = begun(person, [promise(each) for each in bookings], key="k2", action="restore")
    assert carried_out(back) == [("done", ""), ("done", "")]
    assert [stays.fresh(each).is_deleted for each in bookings] == [False, False]


def test_old_leases_are_not_taken_early(hotel: Any, person: User) -> None:
    run = begun(person, [promise(requests(hotel, 1)[0])])
    run.rows.update(state=R.RUNNING, due_at=timezone.now() + timedelta(minutes=1))
    assert bulk.run_due(timezone.now()) == 0


@pytest.mark.django_db(transaction=True)
def test_many_rows_are_done_side_by_side(monkeypatch: pytest.MonkeyPatch, stripe_simulator: StripeSimulator) -> None:
    monkeypatch.undo()
    hotel = HotelFactory()
    person = UserFactory(role="owner")
    bookings = [stays.confirmed(stripe_simulator, draft(hotel)) for _ in range(6)]
    run = begun(person, [promise(each, move="refund", fee=17000, amount=17000) for each in bookings])
    assert carried_out(run) == [("done", "")] * 6
    assert {stays.at_stripe(stripe_simulator, each).refunds for each in bookings} == {1}
    assert {each.status for each in Booking.objects.all()} == {S.CANCELLED}
