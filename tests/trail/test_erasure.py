"""An erased guest leaves the chain whole, and whatever else looks like an erasure is found."""

import pytest
from django.db import transaction
from django.utils import timezone

from cancellations import erasure, hard_delete
from payments import decisions
from tests.factories import BookingFactory, HotelFactory
from tests.stays import by_staff, fresh, submitted
from tests.unguarded import unguarded
from trail import canonical, verifying
from trail.models import Entry, Erasure, Salt

pytestmark = pytest.mark.django_db(transaction=True)


def erased():
    """A booking whose guest was erased after all was chained."""
    booking = submitted(payment_method="ARRIVAL", notes="Late arrival", guest_name="Canary Wharf")
    with by_staff():
        outcome = decisions.decline(booking, reason="Full, said the manager")
        erasure.erase(fresh(outcome.booking), reason="Asked for")
    return fresh(booking)


def whats():
    """What the verification finds, in words."""
    return [each.what for each in verifying.verify().findings]


def test_chain_holds_and_the_erasure_is_on_record():
    booking = erased()
    assert whats() == []
    records = Entry.objects.filter(model="trail.erasure")
    assert len(records) == Erasure.objects.count() > 0
    assert set(records.values_list("reference", "transition")) == {(booking.booking_id, "erase")}
    entries = Entry.objects.filter(model="bookings.booking", reference=booking.booking_id).order_by("position")
    first, salt = entries[0], Salt.objects.get(entry=entries[0])
    assert set(first.commitments) - set(salt.values) == {"guest_name", "guest_email", "guest_phone", "notes"}
    # What an auditor wants to know is still bound.
    declined = entries.get(transition="decline")
    assert {"decision_reason", "history_change_reason"} <= set(Salt.objects.get(entry=declined).values)


def test_what_was_erased_cannot_be_written_anew():
    row = erased().history.order_by("history_id").first()
    with unguarded():
        type(row)._base_manager.filter(pk=row.pk).update(guest_name="Somebody else")
    assert whats() == ["guest_name was changed after its erasure"]


def test_what_was_kept_cannot_be_changed():
    row = erased().history.get(transition="decline")
    with unguarded():
        type(row)._base_manager.filter(pk=row.pk).update(decision_reason="Overbooked [erased]")
    assert whats() == ["the value of decision_reason was changed"]


def test_a_secret_that_vanishes_without_an_erasure():
    BookingFactory(guest_name="Canary Wharf")
    entry = Entry.objects.get(model="bookings.booking")
    with unguarded():
        Salt.objects.filter(entry=entry).delete()
    (finding,) = verifying.verify().findings
    assert (finding.position, finding.record) == (entry.position, entry.record_id)
    assert finding.what == "the secret of guest_email is gone, and no erasure is on record"


def test_an_erasure_that_nobody_recorded():
    erased()
    with unguarded(), transaction.atomic():
        made_up = Erasure.objects.order_by("pk").last()
        made_up.pk = None
        made_up.save()
    assert whats() == ["the row has no entry: it was not written by the application"]


def test_an_erasure_that_was_made_up_excuses_nothing():
    row = BookingFactory(guest_name="Canary Wharf").history.get()
    entry = Entry.objects.get(model="bookings.booking")
    with unguarded():
        type(row)._base_manager.filter(pk=row.pk).update(guest_name="Somebody else")
        salt = Salt.objects.get(entry=entry)
        Salt.objects.filter(entry=entry).update(values={k: v for k, v in salt.values.items() if k != "guest_name"})
    left = {"guest_name": canonical.value_hash("guest_name", "Somebody else")}
    Erasure.objects.create(id=entry.pk, chain=entry.chain, history_date=timezone.now(), fields=left)
    (finding,) = verifying.verify(chains=[entry.chain]).findings
    assert (finding.position, finding.what) == (
        entry.position,
        "the secret of guest_name is gone, and no erasure is on record",
    )


def test_booking_that_is_deleted_for_good_leaves_its_chain():
    booking = BookingFactory(hotel=HotelFactory(allow_admin_deletion=True), guest_name="Canary Wharf")
    hotel = booking.hotel_id
    with by_staff():
        decisions.soft_delete(booking, reason="Typed twice")
        hard_delete.hard_delete(fresh(booking), typed=booking.booking_id, reason="Typed twice")
    last = Entry.objects.filter(model="bookings.booking").latest("position")
    assert (last.kind, last.transition, last.chain) == ("-", "hard_delete", hotel)
    assert whats() == []
