"""What an installation or a hotel still lacks before it can take a booking, and who can do something about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db.models import Exists, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from bookings.models import Room, RoomType, User
from cancellations.models import CancellationPolicy
from payments.models import StripeWebhookEvent
from site_config.today.scope import Scope

# Without these nobody can be offered a stay; the others are said along with them.
NEEDED: Final = ("hotel", "types", "rooms", "policy")


@dataclass(frozen=True)
class Step:
    """One thing to do. `link` is empty where the person has no right to do it."""

    key: str
    name: str
    why: str
    is_done: bool
    link: str = ""


def first_steps(scope: Scope) -> list[Step]:
    """Return the steps while one that is needed is left; nothing for a hotel that can sell."""
    steps = list(every_step(scope))
    return steps if any(not step.is_done for step in steps if step.key in NEEDED) else []


def every_step(scope: Scope) -> Iterator[Step]:
    """Yield the steps in the order in which people do them."""
    done, may = what_is_there(scope), scope.person.has_perm
    yield Step(
        "hotel",
        _("Create the hotel"),
        _("Name, time zone and currency; everything else has a default."),
        bool(scope.hotels),
        added("bookings_hotel") if may("bookings.add_hotel") else "",
    )
    yield Step(
        "types",
        _("Add room types"),
        _("What you sell, and for how much a night."),
        done["types"],
        added("bookings_roomtype") if may("bookings.add_roomtype") else "",
    )
    yield Step(
        "rooms",
        _("Add rooms"),
        _("A type is sold as often as it has rooms."),
        done["rooms"],
        added("bookings_room") if may("bookings.add_room") else "",
    )
    yield Step(
        "policy",
        _("Write the cancellation policy"),
        _("A default policy with its tiers: guests agree to it when they book."),
        done["policy"],
        added("cancellations_cancellationpolicy") if may("cancellations.add_cancellationpolicy") else "",
    )
    yield Step(
        "staff",
        _("Invite the staff"),
        _("Each person signs in with an account and a role of their own."),
        done["staff"],
        added("bookings_user") if may("bookings.add_user") else "",
    )
    yield from stripe_steps(scope, done)


def stripe_steps(scope: Scope, done: dict[str, bool]) -> Iterator[Step]:
    """Yield what is set outside, on the server and at Stripe."""
    yield Step(
        "keys",
        _("Set Stripe’s keys"),
        _("STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY, on the server. Without them guests pay on arrival only."),
        bool(settings.STRIPE_SECRET_KEY and settings.STRIPE_PUBLISHABLE_KEY),
    )
    may_look = scope.person.has_perm("payments.view_stripewebhookevent")
    yield Step(
        "webhook",
        _("Connect Stripe’s webhook"),
        _("STRIPE_WEBHOOK_SECRET on the server, and the address of this site at Stripe. The first event ticks this."),
        done["webhook"],
        reverse("admin:payments_stripewebhookevent_changelist") if may_look else "",
    )


def what_is_there(scope: Scope) -> dict[str, bool]:
    """Return what exists already, in one query."""
    policies = CancellationPolicy.objects.filter(is_default=True, tiers__isnull=False)
    colleagues = User.objects.filter(is_active=True, is_staff=True).exclude(pk=scope.person.pk)
    there: dict[str, QuerySet[Any]] = {
        "types": scope.own(RoomType.objects.all()),
        "rooms": scope.own(Room.objects.filter(is_active=True)),
        "policy": scope.own(policies),
        "staff": scope.own(colleagues, "hotels"),
        "webhook": StripeWebhookEvent.objects.all(),
    }
    columns: dict[str, Any] = {name: Exists(rows.order_by()) for name, rows in there.items()}
    found: Any = User.objects.filter(pk=scope.person.pk).values(**columns).get()
    return {name: found[name] for name in there}


def added(model: str) -> str:
    """Return the address of the form for a new row."""
    return reverse(f"admin:{model}_add")
