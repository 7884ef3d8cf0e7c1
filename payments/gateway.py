"""The only place that speaks to Stripe, and the only import of its library.

Two errors come out, each with one action. `Declined`: Stripe said no, tell the person. `OutcomeUnknown`: nobody
knows yet, keep the operation open and look it up; never assume.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

import stripe
from django.conf import settings
from django.utils.translation import gettext_noop

from payments import pace, snapshot, stripe_log
from payments.snapshot import Snapshot
from payments.stripe_account import Account, Endpoint, account_of, endpoint_of

if TYPE_CHECKING:
    from stripe.params import DisputeListParams, PaymentIntentListParams, RefundListParams
    from stripe.params.checkout import SessionCreateParams

# The library's own 80 seconds would outlive a web worker.
TIMEOUT: Final = 8
MAX_RETRIES: Final = 2
SIGNATURE_TOLERANCE: Final = 300
EXPAND_CHARGE: Final = ["latest_charge.refunds"]
EXPAND_INTENT: Final = ["payment_intent.latest_charge.refunds"]
EXPAND_LISTED: Final = ["data.latest_charge.refunds"]
# As many as Stripe lists at once (docs.stripe.com/api/pagination).
PAGE_SIZE: Final = 100
# Ours: Stripe has no code for a currency that it does not take.
CURRENCY_REFUSED: Final = "currency_refused"


class Declined(Exception):
    """Stripe refused. `code` is Stripe's; `message` is in our words and safe to show to staff."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class OutcomeUnknown(Exception):
    """No usable answer. `key_is_spent` when Stripe saved a server error and would repeat it for ever."""

    def __init__(self, cause: str, *, key_is_spent: bool = False) -> None:
        super().__init__(cause)
        self.cause = cause
        self.key_is_spent = key_is_spent


class BadSignature(Exception):
    """A webhook that Stripe did not send, or not to us, or not now."""


class _Http(stripe.RequestsClient):
    """The library's way out, with a log line for each request; retries and further pages are requests, too."""

    def request(  # type: ignore[override]  # as in the library, whose base class declares another return
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        pace.wait_for_turn()
        with stripe_log.calling(method, url, headers) as call:
            body, status, answered = super().request(method, url, headers, post_data)
            call.answered(status, answered, body)
        return body, status, answered


@cache
def _client(key: str, base: str) -> stripe.StripeClient:
    stripe.enable_telemetry = False
    return stripe.StripeClient(
        key,
        base_addresses={"api": base} if base else {},
        max_network_retries=MAX_RETRIES,  # a StripeClient without it retries nothing
        http_client=_Http(timeout=TIMEOUT),
    )


def client() -> stripe.StripeClient:
    """Return the process's client for the configured key and address."""
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except stripe.APIConnectionError as error:
        raise OutcomeUnknown("connection") from error
    except stripe.RateLimitError as error:
        raise OutcomeUnknown("rate_limit") from error
    except stripe.IdempotencyError as error:
        # The key belongs to another request, as after restoring a backup: only a look-up can tell.
        raise OutcomeUnknown("idempotency", key_is_spent=True) from error
    except stripe.APIError as error:
        server_error = (error.http_status or 0) >= 500
        raise OutcomeUnknown(f"http_{error.http_status}", key_is_spent=server_error) from error
    except stripe.StripeError as error:
        code = _code_of(error)
        raise Declined(code, _in_our_words(code)) from error


def _code_of(error: stripe.StripeError) -> str:
    """Return Stripe's code, or our own where Stripe gives none."""
    code = (error.error.code if error.error else None) or error.code or ""
    # A currency that the account cannot charge is told by the parameter's name alone: its code is empty
    # (docs.stripe.com/currencies#presentment-currencies). A code of this family means that our request is broken.
    param = getattr(error, "param", None) or ""
    if re.search(r"(^|\[)currency]?$", param) and not code.startswith("parameter_"):
        return CURRENCY_REFUSED
    return code or type(error).__name__


OUR_WORDS: Final = {
    "charge_already_refunded": gettext_noop("Stripe says that this payment is refunded already."),
    "charge_disputed": gettext_noop("The guest's bank disputes this payment, so Stripe does not refund it."),
    "payment_intent_unexpected_state": gettext_noop("The payment has changed at Stripe in the meantime."),
    "charge_expired_for_capture": gettext_noop("The authorization has expired; the money is no longer held."),
    "amount_too_large": gettext_noop("Stripe does not take an amount this large."),
    "amount_too_small": gettext_noop("Stripe does not take an amount this small."),
    CURRENCY_REFUSED: gettext_noop("Stripe refused the currency."),
    "balance_insufficient": gettext_noop("The hotel's Stripe balance is too low for this refund."),
    "resource_missing": gettext_noop("Stripe does not know this payment."),
    "AuthenticationError": gettext_noop("Stripe refused the hotel's key. Whoever runs this site must correct it."),
}


def _in_our_words(code: str) -> str:
    return OUR_WORDS.get(code) or gettext_noop("Stripe refused (%(code)s).") % {"code": code}


def read(*, session_id: str | None, intent_id: str | None) -> Snapshot:
    """Return what Stripe says about a payment now."""
    with _translated():
        if session_id:
            found = client().v1.checkout.sessions.retrieve(session_id, {"expand": EXPAND_INTENT})
            return _complete(snapshot.of_session(found.to_dict()), found.payment_intent)
        intent = client().v1.payment_intents.retrieve(str(intent_id), {"expand": EXPAND_CHARGE})
        return _complete(snapshot.of_intent(intent.to_dict()), intent)


def _complete(seen: Snapshot, intent: Any) -> Snapshot:
    # Money may have moved already: without the rest of the picture nobody knows, and a refusal of it is no "no".
    try:
        with _translated():
            return _with_disputes(_with_every_refund(seen, intent))
    except (Declined, OutcomeUnknown) as error:
        raise OutcomeUnknown(f"incomplete: {error}") from error


def _with_disputes(seen: Snapshot) -> Snapshot:
    # `charge.disputed` stays true for ever; what became of it is told by a list of its own
    # (docs.stripe.com/api/disputes/list).
    if not seen.is_disputed:
        return seen
    asked_at = datetime.now(UTC)
    every = client().v1.disputes.list({"payment_intent": seen.intent_id, "limit": 100}).auto_paging_iter()
    return replace(seen, disputes=tuple(snapshot.of_dispute(each.to_dict(), read_at=asked_at) for each in every))


def _with_every_refund(seen: Snapshot, intent: Any) -> Snapshot:
    # An expanded list holds ten refunds at most; the rest is fetched page by page.
    refunds = getattr(getattr(intent, "latest_charge", None), "refunds", None)
    if not getattr(refunds, "has_more", False):
        return seen
    every = client().v1.refunds.list({"payment_intent": seen.intent_id, "limit": 100}).auto_paging_iter()
    charge = {**intent.latest_charge.to_dict(), "refunds": {"data": [each.to_dict() for each in every]}}
    found = snapshot.of_intent({"latest_charge": charge}).refunds
    return replace(seen, refunds=found)


def find_session(*, operation: str, since: int) -> Snapshot | None:
    """Look up the session that an operation made, among those created since a moment (Unix seconds)."""
    with _translated():
        sessions = client().v1.checkout.sessions.list({"created": {"gte": since}, "limit": 100})
        for session in sessions.auto_paging_iter():
            if (session.to_dict().get("metadata") or {}).get("operation") == operation:
                return read(session_id=session.id, intent_id=None)
    return None


def create_session(request: Mapping[str, Any], *, key: str) -> Snapshot:
    """Open a hosted payment page; `request` is the operation's frozen one."""
    with _translated():
        params = cast("SessionCreateParams", {**request, "expand": EXPAND_INTENT})
        made = client().v1.checkout.sessions.create(params, {"idempotency_key": key})
        return _complete(snapshot.of_session(made.to_dict()), made.payment_intent)


def expire_session(session_id: str, *, key: str) -> Snapshot:
    """Close a payment page, so that nobody can pay on it any more."""
    with _translated():
        closed = client().v1.checkout.sessions.expire(session_id, {"expand": EXPAND_INTENT}, {"idempotency_key": key})
        return _complete(snapshot.of_session(closed.to_dict()), closed.payment_intent)


def capture(intent_id: str, *, amount: int, operation: str, key: str) -> Snapshot:
    """Take held money, in minor units."""
    with _translated():
        intent = client().v1.payment_intents.capture(
            intent_id,
            {"amount_to_capture": amount, "metadata": {"operation": operation}, "expand": EXPAND_CHARGE},
            {"idempotency_key": key},
        )
        return _complete(snapshot.of_intent(intent.to_dict()), intent)


def void(intent_id: str, *, key: str) -> Snapshot:
    """Release held money."""
    with _translated():
        intent = client().v1.payment_intents.cancel(
            intent_id,
            {"cancellation_reason": "requested_by_customer", "expand": EXPAND_CHARGE},
            {"idempotency_key": key},
        )
        return _complete(snapshot.of_intent(intent.to_dict()), intent)


def refund(intent_id: str, *, amount: int, reason: str, metadata: Mapping[str, str], key: str) -> Snapshot:
    """Return captured money, in minor units; `reason` is one of Stripe's three."""
    with _translated():
        made = client().v1.refunds.create(
            {
                "payment_intent": intent_id,
                "amount": amount,
                "reason": reason,
                "metadata": dict(metadata),
                "expand": EXPAND_INTENT,
            },
            {"idempotency_key": key},
        )
        return _complete(snapshot.of_refund(made.to_dict()), made.payment_intent)


def events_since(moment: int) -> Iterator[dict[str, Any]]:
    """Yield the events that Stripe made since a moment (Unix seconds), the newest first."""
    with _translated():
        for event in client().v1.events.list({"created": {"gte": moment}, "limit": 100}).auto_paging_iter():
            yield event.to_dict()


@dataclass(frozen=True)
class Listed:
    """A PaymentIntent from a list, and what whoever made it noted on it."""

    seen: Snapshot
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class Page:
    """One page of a list; `after` asks for the next one and is empty on the last."""

    rows: tuple[Listed, ...]
    after: str


def payments_page(*, since: int, after: str = "") -> Page:
    """Return up to a hundred PaymentIntents made since a moment (Unix seconds), the newest first."""
    with _translated():
        params: PaymentIntentListParams = {"created": {"gte": since}, "limit": PAGE_SIZE, "expand": EXPAND_LISTED}
        if after:
            params["starting_after"] = after
        found = client().v1.payment_intents.list(params)
        rows = tuple(_listed(intent) for intent in found.data)
        return Page(rows, found.data[-1].id if found.has_more and found.data else "")


def _listed(intent: Any) -> Listed:
    plain = intent.to_dict()
    return Listed(_complete(snapshot.of_intent(plain), intent), plain.get("metadata") or {})


def touched_since(moment: int) -> Iterator[str]:
    """Yield the PaymentIntents that were refunded or disputed since a moment (Unix seconds), however old they are."""
    with _translated():
        created = {"created": {"gte": moment}, "limit": PAGE_SIZE}
        for refund in client().v1.refunds.list(cast("RefundListParams", created)).auto_paging_iter():
            yield _id_of(refund.payment_intent)
        for dispute in client().v1.disputes.list(cast("DisputeListParams", created)).auto_paging_iter():
            yield _id_of(dispute.payment_intent)


def _id_of(reference: Any) -> str:
    return str(getattr(reference, "id", reference) or "")


def account() -> Account:
    """Return whose account the key belongs to."""
    with _translated():
        return account_of(client().v1.accounts.retrieve_current().to_dict())


def webhook_endpoints() -> list[Endpoint]:
    """Return the addresses to which Stripe sends this account's events."""
    with _translated():
        found = client().v1.webhook_endpoints.list({"limit": PAGE_SIZE}).auto_paging_iter()
        return [endpoint_of(each.to_dict()) for each in found]


def verified(body: bytes, header: str) -> Any:
    """Return the parsed body of a webhook that Stripe signed within five minutes of now, or raise BadSignature.

    The library's own check (docs.stripe.com/webhooks/signature) takes times in the future; they are refused here.
    """
    if not header.isascii():
        raise BadSignature("header")
    try:
        payload = body.decode()
        _verify_with_any_secret(payload, header)
        event = json.loads(payload, parse_constant=_refuse_constant)
    except (ValueError, RecursionError, stripe.SignatureVerificationError) as error:
        raise BadSignature("signature") from error
    _refuse_future(header)
    return event


def _refuse_constant(name: str) -> NoReturn:
    # Python reads NaN and Infinity, which are no JSON and which PostgreSQL refuses.
    raise ValueError(name)


def _verify_with_any_secret(payload: str, header: str) -> None:
    # During a rotation Stripe signs with the old and the new secret for a day.
    *others, last = settings.STRIPE_WEBHOOK_SECRETS or [""]
    for secret in others:
        try:
            stripe.WebhookSignature.verify_header(payload, header, secret, SIGNATURE_TOLERANCE)
        except stripe.SignatureVerificationError:
            continue
        return
    stripe.WebhookSignature.verify_header(payload, header, last, SIGNATURE_TOLERANCE)


def _refuse_future(header: str) -> None:
    times = [part[2:] for part in header.split(",") if part.startswith("t=")]
    if not times or int(times[0]) > time.time() + SIGNATURE_TOLERANCE:
        raise BadSignature("future")
