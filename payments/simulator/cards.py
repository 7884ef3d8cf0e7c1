"""The test cards (docs.stripe.com/testing)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Card:
    """A card number and what happens when it pays."""

    number: str
    label: str
    decline_code: str | None = None
    needs_authentication: bool = False
    # What happens some time after the capture: a reason of docs.stripe.com/disputes/categories.
    dispute_reason: str | None = None
    is_inquiry: bool = False
    refund_mode: str = "succeeded"
    is_common: bool = True

    @property
    def declined(self) -> bool:
        """The bank says no."""
        return self.decline_code is not None

    def details(self, amount: int) -> dict[str, Any]:
        """`payment_method_details.card` of a charge; a hold adds `capture_before`."""
        return {
            "amount_authorized": None if self.declined else amount,
            "authorization_code": None,
            "brand": "visa",
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "exp_month": 12,
            "exp_year": 2040,
            "extended_authorization": {"status": "disabled"},
            "fingerprint": hashlib.sha256(self.number.encode()).hexdigest()[:16],
            "funding": "credit",
            "incremental_authorization": {"status": "unavailable"},
            "installments": None,
            "last4": self.number[-4:],
            "mandate": None,
            "multicapture": {"status": "unavailable"},
            "network": "visa",
            "network_token": {"used": False},
            "network_transaction_id": None,
            "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
            "regulated_status": "unregulated",
            "three_d_secure": self._three_d_secure(),
            "wallet": None,
        }

    def _three_d_secure(self) -> dict[str, Any] | None:
        if not self.needs_authentication:
            return None
        return {
            "authentication_flow": "challenge",
            "electronic_commerce_indicator": "05",
            "exemption_indicator": None,
            "result": "authenticated",
            "result_reason": None,
            "transaction_id": "00000000-0000-4000-8000-000000000000",
            "version": "2.2.0",
        }

    def outcome(self) -> dict[str, Any]:
        """`outcome` of a charge."""
        return {
            "advice_code": "try_again_later" if self.declined else None,
            "network_advice_code": None,
            "network_decline_code": "01" if self.declined else None,
            "network_status": "declined_by_network" if self.declined else "approved_by_network",
            "reason": self.decline_code,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": "The bank did not return any further details with this decline."
            if self.declined
            else "Payment complete.",
            "type": "issuer_declined" if self.declined else "authorized",
        }

    @property
    def message(self) -> str:
        """What Stripe tells the customer of a declined card."""
        if self.decline_code == "insufficient_funds":
            return "Your card has insufficient funds."
        return "Your card was declined."


CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242", "Pays"),
        Card("4000000000000002", "Is declined", decline_code="generic_decline"),
        Card("4000000000009995", "Has insufficient funds", decline_code="insufficient_funds"),
        Card("4000000000003220", "Asks for 3D Secure", needs_authentication=True),
        Card("4000000000000259", "Pays, is disputed later", dispute_reason="fraudulent"),
        Card("4000000000002685", "Is disputed: not received", dispute_reason="product_not_received", is_common=False),
        Card(
            "4000000000001976",
            "The bank inquires later",
            dispute_reason="fraudulent",
            is_inquiry=True,
            is_common=False,
        ),
        Card("4000000000007726", "A refund takes its time", refund_mode="pending_then_succeeded", is_common=False),
        Card("4000000000005126", "A refund fails later", refund_mode="succeeded_then_failed", is_common=False),
    )
}


def card_numbered(typed: str) -> Card | None:
    """The test card with this number, however it was spaced."""
    return CARDS.get("".join(typed.replace("-", " ").split()))
