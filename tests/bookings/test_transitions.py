"""What each transition writes onto its row: every field that it touches, and no other. No database is needed."""

from datetime import UTC, date, datetime, time

import pytest

from bookings.models import Booking, Hotel, User
from bookings.models.booking import REFERENCE_ALPHABET, new_reference

AT = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 12, 2, 9, 30, tzinfo=UTC)
PAID = {"at": AT, "provider": "stripe", "reference": "pi_1"}
# A booking on which everything is set that a transition may have to take back.
USED = {
    "hold_expires_at": AT,
    "payment_authorized_at": AT,
    "paid_at": AT,
    "decision_made_at": AT,
    "decision_made_by_id": 3,
    "decision_reason": "Full",
    "payment_provider": "stripe",
    "payment_reference": "pi_0",
    "charged_currency": "USD",
}
AUTHORIZED = {"payment_authorized_at": AT, "payment_provider": "stripe", "payment_reference": "pi_1"}
CONFIRMED = {"paid_at": AT, "payment_provider": "stripe", "payment_reference": "pi_1"}


def booking(status="DRAFT", **fields):
    return Booking(status=status, booking_id="ABCDEFGHJK", currency="EUR", **fields)


def values(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def changes(row, transition, **arguments):
    """What a transition changed, by field."""
    before = values(row)
    getattr(row, transition)(**arguments)
    return {name: value for name, value in values(row).items() if value != before[name]}


@pytest.mark.parametrize(
    ("method", "mode", "status"),
    [
        ("ONLINE", "request", "PENDING_PAYMENT"),
        ("ONLINE", "instant", "PENDING_PAYMENT"),
        ("ARRIVAL", "request", "PENDING_APPROVAL"),
        ("ARRIVAL", "instant", "CONFIRMED"),
    ],
)
def test_submit_freezes_the_terms_and_waits_for_money_staff_or_nothing(method, mode, status):
    row = booking(payment_method=method, hotel=Hotel(booking_mode=mode))
    changed = changes(row, "submit", terms={"version": 1}, hold_expires_at=AT)
    assert changed == {"terms": {"version": 1}, "hold_expires_at": AT, "status": status}


@pytest.mark.parametrize(("currency", "charged"), [("EUR", ""), ("USD", "USD")])
@pytest.mark.parametrize(
    ("transition", "status", "target", "written"),
    [
        ("authorize", "PENDING_PAYMENT", "PENDING_APPROVAL", AUTHORIZED),
        ("confirm_paid", "PENDING_PAYMENT", "CONFIRMED", CONFIRMED),
        ("confirm_paid", "PENDING_APPROVAL", "CONFIRMED", CONFIRMED),
    ],
)
def test_money_is_noted_with_its_currency(transition, status, target, written, currency, charged):
    row = booking(status)
    changed = changes(row, transition, **PAID, currency=currency)
    assert changed == {"status": target, **written, **({"charged_currency": charged} if charged else {})}
    assert row.money_currency == currency


def test_money_in_the_own_currency_takes_an_earlier_other_one_back():
    row = booking("PENDING_PAYMENT", charged_currency="USD")
    assert changes(row, "authorize", **PAID, currency="EUR")["charged_currency"] == ""


@pytest.mark.parametrize(
    ("status", "transition", "arguments", "expected"),
    [
        (
            "PENDING_APPROVAL",
            "approve",
            {"at": AT, "by_id": 7, "paid_at": LATER},
            {"status": "CONFIRMED", "decision_made_at": AT, "decision_made_by_id": 7, "paid_at": LATER},
        ),
        (
            "PENDING_APPROVAL",
            "approve",
            {"at": AT, "by_id": 7, "paid_at": None},
            {"status": "CONFIRMED", "decision_made_at": AT, "decision_made_by_id": 7},
        ),
        (
            "PENDING_APPROVAL",
            "decline",
            {"at": AT, "by_id": 7, "reason": "Full"},
            {"status": "DECLINED", "decision_made_at": AT, "decision_made_by_id": 7, "decision_reason": "Full"},
        ),
        ("PENDING_PAYMENT", "expire", {}, {"status": "EXPIRED"}),
        ("PENDING_APPROVAL", "expire", {}, {"status": "EXPIRED"}),
        ("CONFIRMED", "complete", {}, {"status": "COMPLETED"}),
        (
            "COMPLETED",
            "mark_paid",
            {"at": AT, "reference": "manual:4"},
            {"paid_at": AT, "payment_provider": "manual", "payment_reference": "manual:4"},
        ),
        (
            "CONFIRMED",
            "reschedule",
            {
                "room_type_id": 5,
                "room_id": 6,
                "total": 42000,
                "terms": {"version": 2},
                "check_in": date(2026, 12, 20),
                "check_out": date(2026, 12, 23),
            },
            {
                "room_type_id": 5,
                "room_id": 6,
                "total_amount": 42000,
                "terms": {"version": 2},
                "check_in": date(2026, 12, 20),
                "check_out": date(2026, 12, 23),
            },
        ),
        (
            "CONFIRMED",
            "mark_no_show",
            {"fee": 30000, "refund": 4000},
            {"status": "NO_SHOW", "cancellation_fee": 30000, "refund_amount": 4000},
        ),
        (
            "DRAFT",
            "soft_delete",
            {"at": AT, "by_id": 7, "reason": "Entered twice"},
            {"record_state": "DELETED", "deleted_at": AT, "deleted_by_id": 7, "deletion_reason": "Entered twice"},
        ),
    ],
)
def test_transition_writes_who_when_and_why(status, transition, arguments, expected):
    assert changes(booking(status), transition, **arguments) == expected


@pytest.mark.parametrize("status", ["DRAFT", "PENDING_PAYMENT", "PENDING_APPROVAL", "CONFIRMED"])
def test_cancel_writes_the_decision(status):
    decision = {"by_id": None, "by_client": True, "reason": "Ill", "fee": 17000, "refund": 16000}
    assert changes(booking(status), "cancel", at=AT, **decision) == {
        "status": "CANCELLED",
        "cancelled_at": AT,
        "cancelled_by_client": True,
        "cancellation_reason": "Ill",
        "cancellation_fee": 17000,
        "refund_amount": 16000,
    }
    by_staff = {**decision, "by_id": 7, "by_client": False}
    assert changes(booking(status), "cancel", at=AT, **by_staff)["cancelled_by_id"] == 7


@pytest.mark.parametrize("status", ["EXPIRED", "PENDING_APPROVAL", "CONFIRMED"])
def test_reopen_takes_back_what_the_last_round_wrote(status):
    assert changes(booking(status, **USED), "reopen", hold_expires_at=LATER, first_attempt=4) == {
        "status": "PENDING_PAYMENT",
        "hold_expires_at": LATER,
        "first_attempt": 4,
        "payment_authorized_at": None,
        "paid_at": None,
        "decision_made_at": None,
        "decision_made_by_id": None,
        "decision_reason": "",
        "payment_provider": "",
        "payment_reference": "",
        "charged_currency": "",
    }


def test_restore_takes_the_deletion_back():
    row = Booking(record_state="DELETED", deleted_at=AT, deleted_by_id=7, deletion_reason="Twice", booking_id="A")
    assert row.is_deleted
    assert changes(row, "restore") == {
        "record_state": "ACTIVE",
        "deleted_at": None,
        "deleted_by_id": None,
        "deletion_reason": "",
    }
    assert not row.is_deleted


def test_a_booking_is_erased_from_the_moment_on_that_says_so():
    assert not booking().is_erased
    assert booking(guest_erased_at=AT).is_erased


def test_a_refund_is_noted_without_moving_the_status():
    row = booking("COMPLETED")
    assert changes(row, "record_refund", at=AT, reference="re_1") == {
        "refund_processed_at": AT,
        "refund_reference": "re_1",
    }


def test_a_booking_knows_its_nights_its_check_in_and_its_name():
    hotel = Hotel(time_zone="Europe/Dublin", check_in_time=time(15))
    row = booking(hotel=hotel, check_in=date(2026, 12, 30), check_out=date(2027, 1, 2))
    assert (row.nights, str(row), row.money_currency) == (3, "ABCDEFGHJK", "EUR")
    assert row.check_in_moment == datetime(2026, 12, 30, 15, tzinfo=hotel.zone)


def test_references_are_long_and_never_alike():
    references = {new_reference() for _ in range(1000)}
    assert len(references) == 1000
    assert {len(each) for each in references} == {10}
    assert {letter for each in references for letter in each} == set(REFERENCE_ALPHABET)


def test_lists_leave_out_what_they_should():
    def where(rows):
        return str(rows.query).split(" WHERE ", 1)[-1].split(" ORDER BY ")[0]

    active = '"bookings_booking"."record_state" = ACTIVE'
    assert where(Booking.objects.active()) == active
    assert where(Booking.objects.blocking()) == (
        f'({active} AND "bookings_booking"."status" IN '
        "(PENDING_PAYMENT, PENDING_APPROVAL, CONFIRMED, COMPLETED, NO_SHOW))"
    )
    everything = Booking.objects.all()
    assert everything.visible_to(User(pk=1, is_superuser=True)) is everything
    own = where(everything.visible_to(User(pk=1)))
    assert own.startswith('"bookings_booking"."hotel_id" IN (SELECT')
    assert own.endswith('."user_id" = 1)')


@pytest.mark.parametrize("status", ["PENDING_PAYMENT", "PENDING_APPROVAL", "CONFIRMED"])
def test_assign_room_changes_the_room_alone(status):
    assert changes(booking(status, room_id=3), "assign_room", room_id=7) == {"room_id": 7}
