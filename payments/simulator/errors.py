"""Stripe's error answers: one exception, and one constructor per refusal (docs.stripe.com/api/errors)."""

from __future__ import annotations

from typing import Any

DOCS = "https://stripe.com/docs/error-codes/"


class StripeRefusal(Exception):
    """A request that Stripe answers with an error.

    `stored` is False for what Stripe refuses before the endpoint starts to execute: such an answer isn't kept
    under the idempotency key (docs.stripe.com/api/idempotent_requests).
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        stored: bool = True,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.stored = stored
        self.extra = extra or {}

    def body(self, request_id: str) -> dict[str, Any]:
        """The JSON Stripe sends for this refusal."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = DOCS + self.code.replace("_", "-")
        if self.param:
            error["param"] = self.param
        error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": {**error, **self.extra}}


def invalid(
    message: str, *, param: str | None = None, code: str | None = None, stored: bool = False
) -> StripeRefusal:
    """A parameter Stripe refuses before it acts."""
    return StripeRefusal(message, param=param, code=code, stored=stored)


def unknown_parameters(names: list[str]) -> StripeRefusal:
    """Stripe refuses parameters it does not know, at every depth, and names the first one."""
    plural = "s" if len(names) > 1 else ""
    message = f"Received unknown parameter{plural}: {', '.join(names)}"
    return invalid(message, param=names[0], code="parameter_unknown")


def missing(name: str) -> StripeRefusal:
    """A required parameter is absent."""
    return invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")


def not_simulated(what: str, param: str) -> StripeRefusal:
    """Valid at Stripe, but this simulator would answer wrongly: say so instead of pretending."""
    return invalid(f"The local simulator does not implement {what}.", param=param, code="simulator_limit")


def no_such(noun: str, identifier: str, param: str, *, in_path: bool = True) -> StripeRefusal:
    """Stripe answers 404 for an unknown id in the path and 400 for one in a parameter."""
    status = 404 if in_path else 400
    message = f"No such {noun}: '{identifier}'"
    return StripeRefusal(message, status=status, code="resource_missing", param=param, stored=not in_path)


def unexpected_state(message: str, intent: dict[str, Any]) -> StripeRefusal:
    """The PaymentIntent is in a status that forbids the call; Stripe sends the object along."""
    return StripeRefusal(message, code="payment_intent_unexpected_state", extra={"payment_intent": intent})


def server_error() -> StripeRefusal:
    """Stripe's own 500."""
    return StripeRefusal(
        "An unknown error occurred. If this keeps happening, contact https://support.stripe.com/.",
        status=500,
        kind="api_error",
    )


def rate_limited() -> StripeRefusal:
    """429; never kept under an idempotency key (docs.stripe.com/rate-limits)."""
    message = "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."
    return StripeRefusal(message, status=429, code="rate_limit", stored=False)


def key_in_use(key: str) -> StripeRefusal:
    """409: the same idempotency key is being executed right now."""
    message = (
        "There is currently another in-progress request using this Idempotent Key (that probably means you "
        f"submitted twice, and the other request is still going through): {key}. Please try again later."
    )
    return StripeRefusal(message, status=409, kind="idempotency_error", code="idempotency_key_in_use", stored=False)


def key_reused(key: str, what: str) -> StripeRefusal:
    """400: the same idempotency key with another endpoint or other parameters."""
    message = (
        f"Keys for idempotent requests can only be used {what} they were first used with. Try using a key "
        f"other than '{key}' if you meant to execute a different request."
    )
    return StripeRefusal(message, kind="idempotency_error", stored=False)


def unauthorized(message: str) -> StripeRefusal:
    """401 for a missing, unknown or live key."""
    return StripeRefusal(message, status=401, stored=False)
