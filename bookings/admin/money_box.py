"""The money box on a booking's page: what was agreed, charged, kept and returned, each in its own currency."""

from typing import Final

from django.utils.translation import gettext as _

from bookings.admin import words
from bookings.admin.facts import Facts
from bookings.admin.standing import guest_owes
from bookings.admin.timeline_words import asked_words
from payments import ledger
from payments.ledger import Balance
from payments.models import Payment
from payments.rates import rate_of

# The line's name, its amount or words, and a word that styles it.
type Line = tuple[str, str, str]
# The line that leads to the refund that is to be paid out.
OWED: Final = "desk-wait desk-owed"


def money_lines(facts: Facts, payments: list[Payment]) -> list[Line]:
    """Return the lines of the box; `payments` are the booking's attempts, the newest first."""
    balance, booking, shown = facts.balance, facts.booking, facts.balance.shown
    lines = [(_("Total"), facts.price, ""), *charged_lines(facts, payments)]
    lines += [(_("Authorized"), shown(balance.authorized), ""), (_("Captured"), shown(balance.captured), "")]
    if facts.waiting:
        lines.append((_("Waiting for Stripe"), asked_words(facts.waiting), "desk-wait"))
    due = guest_owes(booking, payments)
    if due:
        lines.append((_("Still to pay"), words.money(due, booking.currency), ""))
        if change := ledger.unpaid_change(booking):
            lines.append((_("Difference due until"), words.moment(booking.hotel, change.due_at), "desk-wait"))
    if booking.cancellation_fee is not None:
        lines.append((_("Fee"), words.money(booking.cancellation_fee, booking.money_currency), ""))
    lines.append((_("Refunded"), shown(balance.refunded), ""))
    if balance.refunding:
        lines.append((_("On its way back"), shown(balance.refunding), "desk-wait"))
    if balance.owed:
        lines.append((_("To pay out by hand"), shown(balance.owed), OWED))
    if balance.lost:
        lines.append((_("Lost in a dispute"), shown(balance.lost), ""))
    lines.append((_("Hotel keeps"), shown(kept(balance)), "desk-net"))
    return [*lines, *(line for other in facts.others for line in other_money(other))]


def kept(balance: Balance) -> int:
    """Return what stays with the hotel once everything that is promised has gone back, in minor units."""
    return balance.net - balance.refunding - balance.owed


def charged_lines(facts: Facts, payments: list[Payment]) -> list[Line]:
    """Return what Stripe charges, or shall charge, where that is in another currency, and at which rate."""
    payment = facts.payment or next(iter(payments), None)
    rate = rate_of(payment)
    if payment is None or rate is None or not ledger.is_of_this_round(facts.booking, payment):
        return []
    return [
        (
            _("Charged in %(target)s") % {"target": rate.target},
            words.money(ledger.amount_of(payment), rate.target),
            "",
        ),
        (_("Rate"), rate.words(), ""),
        (_("Rate of"), words.moment(facts.booking.hotel, rate.at), ""),
        (_("Source"), rate.source, "desk-text"),
    ]


def other_money(balance: Balance) -> list[Line]:
    """Return money in a currency that the booking does not rest on; it is never added to the rest."""
    shown, left = balance.shown, kept(balance)
    lines = [
        (_("Also held in %(currency)s") % {"currency": balance.currency}, balance.authorized, "desk-wait"),
        (_("Also taken in %(currency)s") % {"currency": balance.currency}, balance.captured, ""),
        (_("Not returned of it in %(currency)s") % {"currency": balance.currency}, left, "desk-wait"),
    ]
    return [(name, shown(amount), look) for name, amount, look in lines if amount]
