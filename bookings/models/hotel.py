"""Hotels, what they sell, and who works there."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings import audit


def validate_time_zone(name: str) -> None:
    """Refuse a name that the time zone database does not know."""
    if name not in available_timezones():
        raise ValidationError(_("%(name)s is not a time zone, such as Europe/Dublin."), params={"name": name})


class BookingMode(models.TextChoices):
    """What happens once the guest has paid."""

    REQUEST = "request", gettext_lazy("On request: staff approve each booking")
    INSTANT = "instant", gettext_lazy("Instant: payment confirms the booking")


class GuestVerification(models.TextChoices):
    """What a guest has to show before cancelling by themselves."""

    LINK = "link", gettext_lazy("Link: they open a link that is mailed to them")
    MATCH = "match", gettext_lazy("Match: the booking's e-mail or phone is enough")


class ExternalRefunds(models.TextChoices):
    """What happens to a confirmed booking whose whole payment somebody refunds at Stripe itself."""

    ASK = "ask", gettext_lazy("Ask: it waits on the worklist")
    CANCEL = "cancel", gettext_lazy("Cancel the booking")
    REOPEN = "reopen", gettext_lazy("Reopen the booking for payment")


class Hotel(models.Model):
    """A property: its place, its money and its rules."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    currency = models.CharField(max_length=3, help_text=gettext_lazy("Three letters, such as EUR."))
    check_in_time = models.TimeField(default=time(15))
    check_out_time = models.TimeField(default=time(11))
    contact_email = models.EmailField(blank=True)
    notification_email = models.EmailField(
        gettext_lazy("mails to the hotel go to"),
        blank=True,
        help_text=gettext_lazy(
            "Requests that wait, cancellations, disputes. Empty: to the contact e-mail that guests see."
        ),
    )
    notify_approvals = models.BooleanField(
        gettext_lazy("a mail for each request that needs approval"),
        default=True,
    )
    notify_cancellations = models.BooleanField(
        gettext_lazy("a mail when a guest cancels"),
        default=True,
    )
    contact_phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    booking_mode = models.CharField(max_length=10, choices=BookingMode.choices, default=BookingMode.REQUEST)
    hold_hours = models.PositiveSmallIntegerField(
        default=24,
        validators=[MinValueValidator(1)],
        help_text=gettext_lazy("How long a room is kept for an unpaid booking."),
    )
    payment_attempts = models.PositiveSmallIntegerField(default=3, validators=[MinValueValidator(1)])
    allow_client_cancellation = models.BooleanField(
        gettext_lazy("guests may cancel by themselves"),
        default=True,
    )
    guest_verification = models.CharField(
        gettext_lazy("guests prove who they are by"),
        max_length=5,
        choices=GuestVerification.choices,
        default=GuestVerification.LINK,
        help_text=gettext_lazy(
            "With a match, whoever knows the reference and the e-mail or phone of a booking can cancel it."
        ),
    )
    cancellation_deadline_hours = models.PositiveSmallIntegerField(
        default=24,
        help_text=gettext_lazy(
            "Guests cannot cancel a confirmed booking later than this many hours before check-in."
        ),
    )
    cancellation_fee_policy = models.TextField(
        blank=True, help_text=gettext_lazy("Own words about cancellation fees, shown to guests.")
    )
    automatic_guest_refunds = models.BooleanField(
        gettext_lazy("guests are refunded at once when they cancel"),
        default=True,
        db_default=True,
    )
    guest_refund_days = models.PositiveSmallIntegerField(
        gettext_lazy("otherwise refunded within, in days"),
        default=14,
        db_default=14,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
    )
    send_cancellation_emails = models.BooleanField(default=True)
    require_deletion_reason = models.BooleanField(default=True)
    allow_admin_deletion = models.BooleanField(
        gettext_lazy("owners may delete for good"),
        default=False,
        help_text=gettext_lazy("Only bookings that are deleted already and for which no payment was ever begun."),
    )
    retention_months = models.PositiveSmallIntegerField(
        gettext_lazy("guests' data is kept for, in months"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(600)],
        help_text=gettext_lazy(
            "So long after check-out, names and contacts of ended bookings are erased every night; "
            "money, dates and references stay. Guests' banks can dispute a payment for about 18 months. "
            "Empty: kept for ever."
        ),
    )
    fallback_currency = models.CharField(
        max_length=3,
        blank=True,
        help_text=gettext_lazy(
            "Charged at the stored exchange rate where Stripe does not take the hotel's own currency."
        ),
    )
    rate_max_age_hours = models.PositiveSmallIntegerField(
        gettext_lazy("oldest exchange rate, in hours"),
        default=72,
        validators=[MinValueValidator(1)],
        help_text=gettext_lazy("An older rate is refused; nothing is charged at a guess."),
    )
    four_eyes_threshold = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        help_text=gettext_lazy(
            "Refunds by staff above this sum for one booking, in minor units, need a second person. Empty: never."
        ),
    )
    external_refunds = models.CharField(
        gettext_lazy("refunds made at Stripe"),
        max_length=10,
        choices=ExternalRefunds.choices,
        default=ExternalRefunds.ASK,
        help_text=gettext_lazy(
            "What happens to a confirmed booking when its whole payment is refunded in Stripe's Dashboard."
        ),
    )

    public_channel = models.BooleanField(
        gettext_lazy("tell the hotel's own website of changes"),
        default=False,
        help_text=gettext_lazy(
            "Reference and status of every booking that changes are then published on a channel that anybody "
            "can hear. Only where the hotel's own website listens."
        ),
    )
    managers_need_totp = models.BooleanField(
        gettext_lazy("managers sign in with a code"),
        default=False,
        help_text=gettext_lazy(
            "A manager without an authenticator app is asked to set one up, and can do nothing before."
        ),
    )

    history = audit.history()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The hotel's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def city(self) -> str:
        """The zone's city, as shown beside every time: "Dublin" for Europe/Dublin."""
        return self.time_zone.rsplit("/", 1)[-1].replace("_", " ")

    @property
    def desk_email(self) -> str:
        """Where the hotel itself reads mails; empty where it has no address."""
        return self.notification_email or self.contact_email

    def local(self, moment: datetime) -> datetime:
        """Return a moment in hotel-local time."""
        return moment.astimezone(self.zone)

    def today(self, now: datetime) -> date:
        """Return the hotel's own date at a moment."""
        return self.local(now).date()

    def check_in_moment(self, day: date) -> datetime:
        """Return when check-in begins on a day, as an aware hotel-local time."""
        return datetime.combine(day, self.check_in_time, tzinfo=self.zone)

    def check_out_moment(self, day: date) -> datetime:
        """Return when a stay ends on a day, as an aware hotel-local time."""
        return datetime.combine(day, self.check_out_time, tzinfo=self.zone)


class RoomType(models.Model):
    """A kind of room with one nightly rate."""

    hotel = models.ForeignKey(Hotel, on_delete=models.PROTECT, related_name="room_types")
    name = models.CharField(max_length=80)
    nightly_rate = models.PositiveBigIntegerField(help_text=gettext_lazy("In the currency's minor units."))
    capacity = models.PositiveSmallIntegerField(gettext_lazy("guests"), default=2)
    is_test_data = models.BooleanField(gettext_lazy("test data"), default=False, editable=False)

    history = audit.history()

    class Meta:
        ordering = ("hotel", "name")
        constraints = (models.UniqueConstraint(fields=("hotel", "name"), name="room_type_name_per_hotel"),)

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    """One room that a guest can be given."""

    hotel = models.ForeignKey(Hotel, on_delete=models.PROTECT, related_name="rooms")
    room_type = models.ForeignKey(RoomType, on_delete=models.PROTECT, related_name="rooms")
    number = models.CharField(max_length=20)
    is_active = models.BooleanField(default=True)
    is_test_data = models.BooleanField(gettext_lazy("test data"), default=False, editable=False)

    history = audit.history()

    class Meta:
        ordering = ("hotel", "number")
        constraints = (models.UniqueConstraint(fields=("hotel", "number"), name="room_number_per_hotel"),)

    def __str__(self) -> str:
        return self.number

    def clean(self) -> None:
        """Refuse a room whose type belongs to another hotel."""
        if self.room_type_id and self.room_type.hotel_id != self.hotel_id:
            raise ValidationError({"room_type": "This room type belongs to another hotel."})


class User(AbstractUser):
    """A member of staff, with the hotels that they work for. Owners (superusers) see every hotel."""

    hotels = models.ManyToManyField(Hotel, blank=True, related_name="staff")
    language = models.CharField(
        gettext_lazy("language of the desk"),
        max_length=10,
        choices=settings.LANGUAGES,
        default=settings.LANGUAGE_CODE,
    )
    # Since when a code from an app is asked for after the password (UTC); the app's key is django-otp's.
    totp_since = models.DateTimeField(gettext_lazy("signs in with a code since"), null=True, editable=False)
    # The one hotel to which an access token confines this person for a request; no column.
    only_hotel_id: int | None = None

    history = audit.history(m2m_fields=[hotels], excluded_fields=["password", "last_login"])

    class Meta(AbstractUser.Meta):
        swappable = "AUTH_USER_MODEL"

    def save(self, *, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Save with a history row, but for the moment of a sign-in: that has a record of its own (`SignIn`)."""
        if update_fields is not None and set(update_fields) == {"last_login"}:
            self.note_last_login()
        else:
            super().save(update_fields=update_fields, **options)

    def note_last_login(self) -> None:
        """Keep when this person signed in last, which the history leaves out."""
        User.objects.filter(pk=self.pk).update(last_login=self.last_login)

    def visible_hotels(self) -> models.QuerySet[Hotel]:
        """Return the hotels whose data this person may see."""
        rows = Hotel.objects.all() if self.is_superuser else self.hotels.all()
        return rows if self.only_hotel_id is None else rows.filter(pk=self.only_hotel_id)
