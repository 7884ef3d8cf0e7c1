"""The valid default of everything; a test says only what it is about."""

from datetime import UTC, date, datetime, timedelta

import factory
from django.contrib.auth.models import Group
from factory.django import DjangoModelFactory

from bookings.models import Booking, Hotel, Room, RoomType, User
from cancellations.models import CancellationPolicy, CancellationTier, FeeKind, TierUnit

FOURTEEN_SEVEN = ((14, 0), (7, 50), (0, 100))


class HotelFactory(DjangoModelFactory[Hotel]):
    """A hotel in Dublin that asks before it confirms, with a 14/7 policy."""

    class Meta:
        model = Hotel
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"hotel-{n}")
    name = factory.Sequence(lambda n: f"Hotel {n}")
    time_zone = "Europe/Dublin"
    currency = "EUR"
    contact_email = "desk@hotel.example"
    contact_phone = "+353 1 555 0100"
    policy = factory.RelatedFactory("tests.factories.PolicyFactory", factory_related_name="hotel")


class PolicyFactory(DjangoModelFactory[CancellationPolicy]):
    """14/7: free until 14 days before, half until 7 days, nothing back after."""

    class Meta:
        model = CancellationPolicy
        skip_postgeneration_save = True

    hotel = factory.SubFactory(HotelFactory, policy=None)
    name = "14/7"
    description = "Full refund until 14 days before check-in, half until 7 days, none after."
    is_default = True

    @factory.post_generation
    def tiers(self, create: bool, extracted: object) -> None:
        """Make the three tiers."""
        for days, percent in FOURTEEN_SEVEN:
            CancellationTier.objects.create(
                policy=self,
                at_least=days,
                unit=TierUnit.DAYS,
                fee_kind=FeeKind.PERCENT,
                fee_value=percent,
            )


class RoomTypeFactory(DjangoModelFactory[RoomType]):
    """A double at 170.00 a night."""

    class Meta:
        model = RoomType

    hotel = factory.SubFactory(HotelFactory)
    name = factory.Sequence(lambda n: f"Double {n}")
    nightly_rate = 17000


class RoomFactory(DjangoModelFactory[Room]):
    """A room of a new type in a new hotel."""

    class Meta:
        model = Room

    hotel = factory.SelfAttribute("room_type.hotel")
    room_type = factory.SubFactory(RoomTypeFactory)
    number = factory.Sequence(lambda n: str(100 + n))


def days_ahead(days: int) -> date:
    """Return a date counted from today in UTC."""
    return datetime.now(UTC).date() + timedelta(days=days)


class BookingFactory(DjangoModelFactory[Booking]):
    """A draft for two nights in 30 days, 340.00, paid online."""

    class Meta:
        model = Booking

    room = factory.SubFactory(RoomFactory)
    room_type = factory.SelfAttribute("room.room_type")
    hotel = factory.SelfAttribute("room.hotel")
    check_in = factory.LazyFunction(lambda: days_ahead(30))
    check_out = factory.LazyAttribute(lambda booking: booking.check_in + timedelta(days=2))
    guest_name = "Ada Guest"
    guest_email = "ada@guest.example"
    guest_phone = "+353 86 555 0123"
    total_amount = 34000
    currency = factory.SelfAttribute("hotel.currency")


class UserFactory(DjangoModelFactory[User]):
    """A member of staff; `role` names a group, or "owner"."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        role = "Front desk"

    username = factory.Sequence(lambda n: f"staff{n}")
    first_name = "Nora"
    last_name = factory.Sequence(lambda n: f"Byrne {n}")
    is_staff = True
    is_superuser = factory.LazyAttribute(lambda user: user.role == "owner")

    @classmethod
    def _create(cls, model_class: type[User], *args: object, **kwargs: object) -> User:
        hotels = kwargs.pop("hotels", ())
        role = kwargs.pop("group", None)
        user = super()._create(model_class, *args, **kwargs)
        user.set_password("innkeep-test")
        user.save()
        user.hotels.set(hotels)
        if role:
            user.groups.add(Group.objects.get(name=role))
        return user

    @classmethod
    def _adjust_kwargs(cls, **kwargs: object) -> dict[str, object]:
        return kwargs

    group = factory.LazyAttribute(lambda user: None if user.role == "owner" else user.role)
