"""What the API answers when it refuses: one shape, and the one list of codes."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, Literal

from django.http import JsonResponse
from ninja import Field, Schema

from bookings.happenings import note_refusal
from bookings.refusals import Refused


class Code(StrEnum):
    """The stable codes. Programs branch on them; the words beside them are for people and may change."""

    VALIDATION = "ERR_VALIDATION"
    NOT_FOUND = "ERR_NOT_FOUND"
    FORBIDDEN = "ERR_FORBIDDEN"
    STATE = "ERR_STATE"
    DEADLINE = "ERR_DEADLINE"
    STRIPE = "ERR_STRIPE"
    STRIPE_UNKNOWN = "ERR_STRIPE_UNKNOWN"
    WEBHOOK = "ERR_WEBHOOK"
    RATE_LIMITED = "ERR_RATE_LIMITED"
    CURRENCY = "ERR_CURRENCY"
    INTERNAL = "ERR_INTERNAL"


STATUS: Final[Mapping[Code, int]] = {
    Code.VALIDATION: 422,
    Code.NOT_FOUND: 404,
    Code.FORBIDDEN: 403,
    Code.STATE: 409,
    Code.DEADLINE: 409,
    Code.STRIPE: 502,
    Code.STRIPE_UNKNOWN: 502,
    Code.WEBHOOK: 400,
    Code.RATE_LIMITED: 429,
    Code.CURRENCY: 502,
    Code.INTERNAL: 500,
}

# Where a request's META keeps in which language its endpoint spoke.
LANGUAGE: Final = "innkeep.api_language"

# Words that never change and are not translated: older programs compare them.
BOOKING_NOT_FOUND: Final = "Booking not found"
NOT_ONLINE: Final = "Payment method must be ONLINE"
NOT_AUTHORIZED: Final = "User not authorized"
PAID_ALREADY: Final = "Payment already processed"
STRIPE_ERROR: Final = "Stripe API error"
BAD_SIGNATURE: Final = "Invalid Stripe Signature"


class ApiError(Exception):
    """An answer that is not what was asked for. `words` are for a person; `status` is the code's unless given."""

    def __init__(
        self,
        code: Code,
        words: str,
        *,
        status: int | None = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(words)
        self.code, self.words = code, words
        self.status = status or STATUS[code]
        self.extra, self.headers = dict(extra or {}), dict(headers or {})


class Problem(Schema):
    """The shape of every answer that is not what was asked for."""

    success: Literal[False] = Field(description="Always false.")
    code: Code = Field(description="Stable; see the list of codes.")
    error: str = Field(description="Words for a person.")


class WrongInput(Problem):
    """The request was not understood. Nothing was done."""

    fields: dict[str, str] = Field(default_factory=dict, description="What is wrong with which field.")


class StripeProblem(Problem):
    """Stripe refused, or cannot be reached. Nothing was done."""

    message: str = Field(description="What that means, in words for the guest.")


def answer(error: ApiError) -> JsonResponse:
    """Return the answer in the one shape."""
    said = {"success": False, "code": error.code, "error": error.words, **error.extra}
    return JsonResponse(said, status=error.status, headers=error.headers)


def of_refusal(refused: Refused) -> ApiError:
    """Return what the API answers to a refusal, in the refusal's own words: those are a receptionist's."""
    note_refusal(refused.code, refused.message)
    return ApiError(Code(refused.code), refused.message, extra=refused.extra)


def not_found() -> ApiError:
    """404: there is no such booking, or none that is any business of the caller's."""
    return ApiError(Code.NOT_FOUND, BOOKING_NOT_FOUND)


def forbidden() -> ApiError:
    """403: one answer for everything that the caller may not do or know."""
    return ApiError(Code.FORBIDDEN, NOT_AUTHORIZED)


def too_many(retry_after: int, words: str) -> ApiError:
    """429, saying when to come back, in seconds."""
    return ApiError(Code.RATE_LIMITED, words, headers={"Retry-After": str(retry_after)})
