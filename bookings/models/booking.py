"""A booking: one stay, its approval, and the rules of its own row. No outside effects."""

import secrets
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, ConcurrentTransitionMixin, FSMField, transition

from bookings import audit
from bookings.models.hotel import BookingMode, Hotel, Room, RoomType

# No 0/O, 1/I/L or U/V look-alikes. 10 of 28 characters are 48 bits.
REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXY"
REFERENCE_LENGTH = 10


def new_reference() -> str:
    """Return an unguessable public reference that can be read out on the phone."""
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))


class BookingStatus(models.TextChoices):
    """The stay and its approval; money has its own status."""

    DRAFT = "DRAFT", _("Draft")
    PENDING_PAYMENT = "PENDING_PAYMENT", _("Waiting for payment")
    PENDING_APPROVAL = "PENDING_APPROVAL", _("Needs approval")
    CONFIRMED = "CONFIRMED", _("Confirmed")
    COMPLETED = "COMPLETED", _("Completed")
    DECLINED = "DECLINED", _("Declined")
    CANCELLED = "CANCELLED", _("Cancelled")
    EXPIRED = "EXPIRED", _("Expired")
    NO_SHOW = "NO_SHOW", _("No-show")


class RecordState(models.TextChoices):
    """Whether the booking is part of the normal lists."""

    ACTIVE = "ACTIVE", _("Active")
    DELETED = "DELETED", _("Deleted")


class PaymentMethod(models.TextChoices):
    """How the guest pays."""

    ONLINE = "ONLINE", _("Online")
    ARRIVAL = "ARRIVAL", _("On arrival")


S = BookingStatus
BLOCKING = (S.PENDING_PAYMENT, S.PENDING_APPROVAL, S.CONFIRMED, S.COMPLETED, S.NO_SHOW)
# A completed stay ended today at the latest, so it takes no night from today on; without it the past is not read.
TAKING = tuple(status for status in BLOCKING if status != S.COMPLETED)
ENDED = (S.DECLINED, S.CANCELLED, S.EXPIRED, S.COMPLETED, S.NO_SHOW)
REOPENABLE = (S.EXPIRED, S.PENDING_PAYMENT, S.PENDING_APPROVAL, S.CONFIRMED)
RESCHEDULABLE = (S.PENDING_PAYMENT, S.PENDING_APPROVAL, S.CONFIRMED)
CANCELLABLE = (S.DRAFT, S.PENDING_PAYMENT, S.PENDING_APPROVAL, S.CONFIRMED)
GUEST_CANCELLABLE = (S.PENDING_PAYMENT, S.PENDING_APPROVAL, S.CONFIRMED)


class BookingQuerySet(models.QuerySet["Booking"]):
    """The lists that people ask for."""

    def active(self) -> "BookingQuerySet":
        """Leave out what was soft-deleted."""
        return self.filter(record_state=RecordState.ACTIVE)

    def blocking(self) -> "BookingQuerySet":
        """Keep the bookings that keep a room from being sold again."""
        return self.active().filter(status__in=BLOCKING)

    def visible_to(self, user: Any) -> "BookingQuerySet":
        """Keep the bookings of the person's hotels."""
        sees_all = user.is_superuser and user.only_hotel_id is None
        return self if sees_all else self.filter(hotel__in=user.visible_hotels())


class Booking(ConcurrentTransitionMixin, models.Model):
    """One stay of one guest. Amounts are integers in the currency's minor units, moments are UTC."""

    booking_id = models.CharField(_("reference"), max_length=16, unique=True, default=new_reference, editable=False)
    hotel = models.ForeignKey(Hotel, on_delete=models.PROTECT, related_name="bookings")
    room_type = models.ForeignKey(RoomType, on_delete=models.PROTECT, related_name="bookings")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="bookings", null=True, blank=True)
    check_in = models.DateField()
    check_out = models.DateField()

    guest_name = models.CharField(max_length=120)
    guest_email = models.EmailField()
    guest_phone = models.CharField(max_length=40, blank=True)
    guest_language = models.CharField(max_length=10, default="en")
    notes = models.TextField(blank=True)

    payment_method = models.CharField(max_length=10, choices=PaymentMethod.choices, default=PaymentMethod.ONLINE)
    total_amount = models.PositiveBigIntegerField(help_text=_("In the currency's minor units."))
    currency = models.CharField(max_length=3)
    terms = models.JSONField(null=True, editable=False)

    status = FSMField(default=S.DRAFT, choices=S.choices, protected=True, db_index=True)
    record_state = FSMField(default=RecordState.ACTIVE, choices=RecordState.choices, protected=True)

    hold_expires_at = models.DateTimeField(null=True, editable=False)
    # Reopening a booking begins a new round: attempts to pay are counted from here on.
    first_attempt = models.PositiveSmallIntegerField(default=1, editable=False)
    # Which currency the money moved in, where Stripe did not take the booking's own.
    charged_currency = models.CharField(max_length=3, blank=True, editable=False)
    payment_authorized_at = models.DateTimeField(null=True, editable=False)
    paid_at = models.DateTimeField(null=True, editable=False)
    decision_made_at = models.DateTimeField(null=True, editable=False)
    decision_made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    decision_reason = models.TextField(blank=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, editable=False)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    cancelled_by_client = models.BooleanField(default=False, editable=False)
    cancellation_reason = models.TextField(blank=True, editable=False)
    cancellation_fee = models.PositiveBigIntegerField(null=True, editable=False)
    refund_amount = models.PositiveBigIntegerField(null=True, editable=False)
    payment_provider = models.CharField(max_length=20, blank=True, editable=False)
    payment_reference = models.CharField(max_length=80, blank=True, editable=False, db_index=True)
    refund_processed_at = models.DateTimeField(null=True, editable=False)
    refund_reference = models.CharField(max_length=80, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    deletion_reason = models.TextField(blank=True, editable=False)
    # What the hotel's former system called it; the same booking is imported once.
    former_reference = models.CharField(_("former reference"), max_length=60, blank=True, editable=False)
    is_test_data = models.BooleanField(_("test data"), default=False, editable=False)
    guest_erased_at = models.DateTimeField(_("guest's data erased"), null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = BookingQuerySet.as_manager()
    history = audit.history()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(check_out__gt=F("check_in")), name="booking_has_a_night"),
            models.CheckConstraint(condition=Q(status__in=S.values), name="booking_status_known"),
            models.UniqueConstraint(
                fields=("hotel", "former_reference"),
                condition=~Q(former_reference=""),
                name="booking_imported_once",
            ),
        )
        indexes = (
            models.Index(fields=("hotel", "status", "check_in"), name="booking_worklist"),
            # Who takes which nights: all that is asked about them, so that no row is read. The day of leaving comes
            # first, since there are few stays to come and very many that are over.
            models.Index(
                fields=("room_type", "check_out", "check_in", "room", "id"),
                condition=Q(record_state=RecordState.ACTIVE, status__in=BLOCKING),
                name="booking_nights",
            ),
            models.Index(fields=("hold_expires_at",), condition=Q(status=S.PENDING_PAYMENT), name="booking_holds"),
            # The desk's lists: what a tab counts and shows, of all hotels and of one, without reading the rows.
            models.Index(fields=("record_state", "status", "id"), name="booking_tab"),
            models.Index(fields=("hotel", "record_state", "id"), name="booking_of_hotel"),
            models.Index(fields=("check_in", "id"), name="booking_arrival"),
            # The few that are deleted, and the stays that have not ended: who leaves today, how full the house is.
            models.Index(fields=("id",), condition=Q(record_state="DELETED"), name="booking_deleted"),
            models.Index(fields=("hotel", "check_out"), condition=Q(status__in=TAKING), name="booking_leaving"),
            # The charts of the start page.
            models.Index(fields=("created_at",), name="booking_made"),
            models.Index(fields=("cancelled_at",), condition=Q(cancelled_at__isnull=False), name="booking_cancelled"),
        )
        permissions = (
            ("approve_booking", "Can approve or decline bookings"),
            ("cancel_booking", "Can cancel bookings by policy"),
            ("soft_delete_booking", "Can delete and restore bookings"),
            ("hard_delete_booking", "Can delete bookings for good"),
            ("anonymise_guest", "Can erase guests' data"),
            ("export_guest", "Can download guests' data"),
            ("view_reports", "Can see reports"),
            ("export_booking", "Can export lists and reports"),
            ("import_booking", "Can import bookings from a file"),
        )

    def __str__(self) -> str:
        return self.booking_id

    @property
    def is_deleted(self) -> bool:
        """Whether the booking was soft-deleted."""
        return bool(self.record_state == RecordState.DELETED)

    @property
    def is_erased(self) -> bool:
        """Whether nothing about the guest is left; money, dates and references are."""
        return self.guest_erased_at is not None

    @property
    def nights(self) -> int:
        """How many nights the stay has; check-out day excluded."""
        return (self.check_out - self.check_in).days

    @property
    def money_currency(self) -> str:
        """The currency of what was paid, kept and returned; the price's own unless Stripe did not take it."""
        return self.charged_currency or self.currency

    @property
    def check_in_moment(self) -> datetime:
        """When check-in begins, hotel-local."""
        return self.hotel.check_in_moment(self.check_in)

    @transition(field=status, source=S.DRAFT, target=RETURN_VALUE(S.PENDING_PAYMENT, S.PENDING_APPROVAL, S.CONFIRMED))
    def submit(self, *, terms: dict[str, Any], hold_expires_at: datetime | None) -> str:
        """Freeze the terms and start waiting: for money, for staff, or for nothing (on arrival, instant)."""
        self.terms = terms
        self.hold_expires_at = hold_expires_at
        if self.payment_method == PaymentMethod.ONLINE:
            return S.PENDING_PAYMENT
        return S.CONFIRMED if self.hotel.booking_mode == BookingMode.INSTANT else S.PENDING_APPROVAL

    @transition(field=status, source=S.PENDING_PAYMENT, target=S.PENDING_APPROVAL)
    def authorize(self, *, at: datetime, provider: str, reference: str, currency: str) -> None:
        """The guest's funds are held; staff decide next."""
        self.payment_authorized_at = at
        self.note_currency(currency)
        self.payment_provider, self.payment_reference = provider, reference

    @transition(field=status, source=(S.PENDING_PAYMENT, S.PENDING_APPROVAL), target=S.CONFIRMED)
    def confirm_paid(self, *, at: datetime, provider: str, reference: str, currency: str) -> None:
        """The money was captured, so the stay is agreed."""
        self.paid_at = at
        self.note_currency(currency)
        self.payment_provider, self.payment_reference = provider, reference

    @transition(field=status, source=S.PENDING_APPROVAL, target=S.CONFIRMED)
    def approve(self, *, at: datetime, by_id: int | None, paid_at: datetime | None) -> None:
        """Staff agree. `paid_at` stays empty for a booking that is paid on arrival."""
        self.decision_made_at, self.decision_made_by_id = at, by_id
        self.paid_at = paid_at

    @transition(field=status, source=S.PENDING_APPROVAL, target=S.DECLINED)
    def decline(self, *, at: datetime, by_id: int | None, reason: str) -> None:
        """Staff refuse, with a reason."""
        self.decision_made_at, self.decision_made_by_id = at, by_id
        self.decision_reason = reason

    @transition(field=status, source=CANCELLABLE, target=S.CANCELLED)
    def cancel(self, *, at: datetime, by_id: int | None, by_client: bool, reason: str, fee: int, refund: int) -> None:
        """Guest or staff end the stay; fee and refund are the decision, in minor units."""
        self.cancelled_at, self.cancelled_by_id = at, by_id
        self.cancelled_by_client = by_client
        self.cancellation_reason = reason
        self.cancellation_fee, self.refund_amount = fee, refund

    @transition(field=status, source=(S.PENDING_PAYMENT, S.PENDING_APPROVAL), target=S.EXPIRED)
    def expire(self) -> None:
        """The hold or the authorization ran out; the room is free again."""

    @transition(field=status, source=REOPENABLE, target=S.PENDING_PAYMENT)
    def reopen(self, *, hold_expires_at: datetime, first_attempt: int) -> None:
        """Ask the guest for the money again, as if it had never been asked for. Who may and when: `decisions`."""
        self.hold_expires_at, self.first_attempt = hold_expires_at, first_attempt
        self.payment_authorized_at = self.paid_at = None
        self.decision_made_at, self.decision_made_by_id, self.decision_reason = None, None, ""
        self.payment_provider = self.payment_reference = self.charged_currency = ""

    @transition(field=status, source=RESCHEDULABLE, target=None)
    def reschedule(
        self,
        *,
        room_type_id: int,
        room_id: int | None,
        check_in: date,
        check_out: date,
        total: int,
        terms: dict[str, Any] | None,
    ) -> None:
        """Move to other nights or another room, at a price in minor units. What becomes of the money: `payments`."""
        self.room_type_id, self.room_id = room_type_id, room_id
        self.check_in, self.check_out = check_in, check_out
        self.total_amount, self.terms = total, terms

    @transition(field=status, source=RESCHEDULABLE, target=None)
    def assign_room(self, *, room_id: int) -> None:
        """Give the guest a room of the type that was agreed; nights and price stay."""
        self.room_id = room_id

    @transition(field=status, source=S.CONFIRMED, target=S.COMPLETED)
    def complete(self) -> None:
        """The guest has left."""

    @transition(field=status, source=S.CONFIRMED, target=S.NO_SHOW)
    def mark_no_show(self, *, fee: int, refund: int) -> None:
        """Nobody came; fee and refund are the decision, in minor units."""
        self.cancellation_fee, self.refund_amount = fee, refund

    @transition(field=status, source=(S.CONFIRMED, S.COMPLETED, S.NO_SHOW), target=None)
    def mark_paid(self, *, at: datetime, reference: str) -> None:
        """The hotel took the money itself."""
        self.paid_at = at
        self.payment_provider, self.payment_reference = "manual", reference

    @transition(field=record_state, source=RecordState.ACTIVE, target=RecordState.DELETED)
    def soft_delete(self, *, at: datetime, by_id: int | None, reason: str) -> None:
        """Hide the booking; its status stays."""
        self.deleted_at, self.deleted_by_id, self.deletion_reason = at, by_id, reason

    @transition(field=record_state, source=RecordState.DELETED, target=RecordState.ACTIVE)
    def restore(self) -> None:
        """Show the booking again, as it was."""
        self.deleted_at, self.deleted_by_id, self.deletion_reason = None, None, ""

    def note_currency(self, currency: str) -> None:
        """Note which currency Stripe charged, where it is not the booking's own."""
        self.charged_currency = "" if currency == self.currency else currency

    def record_refund(self, *, at: datetime, reference: str) -> None:
        """Note the newest refund that the guest can ask their bank about."""
        self.refund_processed_at, self.refund_reference = at, reference
