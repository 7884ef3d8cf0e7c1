"""What cardholders do at their banks, and what it does to a charge."""

from __future__ import annotations

from payments.simulator import disputes, refunds
from payments.simulator.cards import CARDS
from payments.simulator.store import Object, Tx


def contest(tx: Tx, charge: Object, reason: str, *, is_inquiry: bool = False, amount: int | None = None) -> Object:
    """Dispute a charge. Refunds that are still on their way fail, unless the bank only inquires."""
    if not is_inquiry:
        refunds.fail_pending(tx, charge)
    return disputes.open_dispute(tx, tx.take("charge", charge["id"]), reason, is_inquiry=is_inquiry, amount=amount)


def contest_as_the_card_has_it(tx: Tx, charge: Object) -> None:
    """The moment came at which a test card is disputed; a refund of everything was quicker."""
    card = CARDS[charge["_card"]]
    if charge["refunded"] or card.dispute_reason is None or disputes.open_of(tx, charge):
        charge["_due"] = None
        tx.save(charge)
    else:
        contest(tx, charge, card.dispute_reason, is_inquiry=card.is_inquiry)
