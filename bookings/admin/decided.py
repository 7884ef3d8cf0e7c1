"""What an operation was decided with, in words: its details, as its history shows them.

The page of a payment carries the guest's address, and the actor an IP: neither is said here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from bookings.actor import ActorKind
from bookings.admin.words import STRIPE_REASONS, between, moment, money
from bookings.models import Hotel, Room, RoomType, User
from bookings.retold import retold
from bookings.spoken import text_language
from bookings.stay import Move

type Details = Mapping[str, Any]
type Name = Callable[[type[Model], Any], str]


@dataclass(frozen=True)
class About:
    """Around which details are told: whose clock, the operation's currency and that of the price, and who is who."""

    hotel: Hotel | None
    currency: str
    price_currency: str
    name: Name

    def amount(self, said: Any) -> str:
        """Return minor units of what the operation moves."""
        return money(said, self.currency)


def referred(details: Details) -> Iterator[tuple[type[Model], Any]]:
    """Yield the people and rooms that details name by their numbers."""
    stay = details.get("stay") or {}
    found = ((User, (details.get("actor") or {}).get("user_id")), (RoomType, stay.get("room_type")))
    yield from ((model, key) for model, key in (*found, (Room, stay.get("room"))) if key is not None)


def words(details: Details, about: About) -> str:
    """Return one line for each thing that was decided."""
    lines = (line for key, said in ordered(details) for line in told(key, said, about))
    return "\n".join(lines)


def ordered(details: Details) -> list[tuple[str, Any]]:
    """Return what is said in the order in which people ask; what an earlier version wrote comes last."""
    known = [(key, details[key]) for key in TOLD if key in details]
    # Most notes are the reason once more.
    known = [(key, said) for key, said in known if key != "note" or said != details.get("reason")]
    return known + [(key, said) for key, said in details.items() if key not in TOLD]


def told(key: str, said: Any, about: About) -> list[str]:
    """Return the lines about one value; none where there is nothing to say."""
    # A fee of nothing was decided, too.
    if not said and type(said) is not int:
        return []
    tell = TOLD.get(key)
    return tell(said, about) if tell else [f"{capfirst(key.replace('_', ' '))}: {said}"]


def actor(said: Any, about: About) -> list[str]:
    """Return who decided."""
    person = said.get("user_id")
    who = about.name(User, person) if person else ActorKind(said["kind"]).label
    return [_("Decided by: %(who)s") % {"who": who}]


def request(said: Any, about: About) -> list[str]:
    """Return what the payment page asks for, or which wish of a colleague is carried out."""
    if not isinstance(said, dict):
        return [_("Refund request no. %(number)s") % {"number": said}]
    price = said["line_items"][0]["price_data"]
    asked = money(price["unit_amount"], price["currency"].upper())
    closes = moment(about.hotel, datetime.fromtimestamp(said["expires_at"], tz=UTC))
    is_held = said["payment_intent_data"]["capture_method"] == "manual"
    return [
        _("Payment page for %(amount)s, open until %(moment)s") % {"amount": asked, "moment": closes},
        _("Held until the hotel approves") if is_held else _("Taken at once"),
    ]


def stay(said: Any, about: About) -> list[str]:
    """Return the stay that a booking is moved to."""
    nights = between(date.fromisoformat(said["check_in"]), date.fromisoformat(said["check_out"]), text_language())
    room = said.get("room")
    place = about.name(Room, room) if room else _("no room yet")
    where = {"stay": nights, "room_type": about.name(RoomType, said["room_type"]), "room": place}
    return [
        _("New stay: %(stay)s, %(room_type)s, %(room)s") % where,
        _("New price: %(amount)s") % {"amount": money(said["total"], about.price_currency)},
    ]


def moved(said: Any, about: About) -> list[str]:
    """Return the price before a move, and what becomes of the money."""
    shown = money(said["amount"], said["currency"])
    return [
        _("Price before: %(amount)s") % {"amount": money(said["before"], about.price_currency)},
        move_words(said["move"]) % {"amount": shown},
    ]


def move_words(move: str) -> str:
    """Return what becomes of the money of a booking that is moved."""
    return {
        Move.NOTHING: _("No money moves"),
        Move.ASK: _("The guest is asked for %(amount)s"),
        Move.AGAIN: _("The hold is released, and the guest is asked for %(amount)s"),
        Move.LESS: _("Approving captures %(amount)s"),
        Move.REFUND: _("%(amount)s is refunded"),
        Move.OWE: _("%(amount)s is owed to the guest"),
        Move.DIFFERENCE: _("The guest is asked for %(amount)s more"),
    }[Move(move)]


def stripe_reason(said: Any, about: About) -> list[str]:
    """Return why a refund was made, as Stripe was told."""
    return [_("Stripe was told: %(reason)s") % {"reason": STRIPE_REASONS.get(said, said)}]


def parts(said: Any, about: About) -> list[str]:
    """Return what the booking's other payments give back afterwards."""
    total = about.amount(sum(amount for _key, amount in said))
    return [_("Afterwards from other payments: %(amount)s") % {"amount": total}]


TOLD: Final[Mapping[str, Callable[[Any, About], list[str]]]] = {
    "actor": actor,
    "reason": lambda said, about: [_("Reason: %(reason)s") % {"reason": retold(said)}],
    "note": lambda said, about: [_("Note: %(note)s") % {"note": said}],
    "agreed": lambda said, about: [str(said)],
    "request": request,
    "fee": lambda said, about: [_("Fee: %(amount)s") % {"amount": about.amount(said)}],
    "refund": lambda said, about: [_("Refund: %(amount)s") % {"amount": about.amount(said)}],
    "beyond_policy": lambda said, about: [_("More than the cancellation policy returns")],
    "stripe_reason": stripe_reason,
    "stay": stay,
    "moved": moved,
    "done": lambda said, about: [_("Gone back before: %(amount)s") % {"amount": about.amount(said)}],
    "parts": parts,
    "owed": lambda said, about: [_("Sends what was owed by hand, refund no. %(number)s") % {"number": said}],
}
