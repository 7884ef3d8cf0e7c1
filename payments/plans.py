"""What a move is asked to be, and what it comes to: the two stays, and what becomes of the money."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from bookings import lifecycle
from bookings.models import Booking, Room, RoomType
from bookings.pricing import stay_price
from bookings.stay import Move, Moved, Stay


@dataclass(frozen=True)
class Wish:
    """What staff ask for. `price` is a price of their own in minor units; without it nights × rate counts."""

    room_type: RoomType
    room: Room | None
    check_in: date
    check_out: date
    price: int | None = None
    keeps_terms: bool = True

    @property
    def standard_price(self) -> int:
        """Nights × rate, in minor units."""
        rate = self.room_type.nightly_rate
        return stay_price(nightly_rate=rate, check_in=self.check_in, check_out=self.check_out)


@dataclass(frozen=True)
class Plan:
    """What a wish comes to now: the two stays, and what becomes of the money. `amount` is in minor units."""

    booking: Booking
    old: Stay
    new: Stay
    move: Move
    amount: int
    currency: str
    # Less than the standard price goes on somebody's own account: four eyes count it.
    is_favour: bool

    @property
    def moved(self) -> Moved:
        """What the guest is told."""
        return Moved(before=self.old.total, move=self.move, amount=self.amount, currency=self.currency)

    def seen(self) -> str:
        """Return what stands for all that a person sees before they decide; anything else is another plan."""
        facts = (self.booking.status, self.old, self.new, self.move, self.amount, self.currency)
        return sha256(repr(facts).encode()).hexdigest()[:32]


def stay_of(booking: Booking, wish: Wish) -> Stay:
    """Return the stay that a wish describes, with its price and terms."""
    total = wish.standard_price if wish.price is None else wish.price
    room = wish.room.pk if wish.room else None
    bare = Stay(wish.room_type.pk, room, wish.check_in, wish.check_out, total, booking.terms)
    return Stay(**{**bare.__dict__, "terms": terms_for(booking, bare, keeps=wish.keeps_terms)})


def terms_for(booking: Booking, stay: Stay, *, keeps: bool) -> dict[str, Any]:
    """Return the terms as agreed then, with the new price and nights in them, or those of today's default policy."""
    if not keeps or booking.terms is None:
        return lifecycle.agreed_terms(stay.on(booking))
    return {**booking.terms, "price": stay.total, "nights": (stay.check_out - stay.check_in).days}
