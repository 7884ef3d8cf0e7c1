"""The accepted parameters are the ones the SDK's own types list for its API version."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from stripe import params as sdk
from stripe.params import checkout

from payments.simulator import parameters
from payments.simulator.endpoints import ENDPOINTS
from payments.simulator.schema import Fields, Many

# Sent as headers or handled by the SDK, not as parameters.
OPTIONS = set(stripe.RequestOptions.__annotations__)

TABLES: list[tuple[Fields, Any]] = [
    (parameters.SESSION_CREATE, checkout.SessionCreateParams),
    (parameters.SESSION_LIST, checkout.SessionListParams),
    (parameters.ONLY_EXPAND, checkout.SessionRetrieveParams),
    (parameters.ONLY_EXPAND, checkout.SessionExpireParams),
    (parameters.ONLY_PAGE, checkout.SessionListLineItemsParams),
    (parameters.INTENT_RETRIEVE, sdk.PaymentIntentRetrieveParams),
    (parameters.INTENT_LIST, sdk.PaymentIntentListParams),
    (parameters.INTENT_CAPTURE, sdk.PaymentIntentCaptureParams),
    (parameters.INTENT_CANCEL, sdk.PaymentIntentCancelParams),
    (parameters.CHARGE_LIST, sdk.ChargeListParams),
    (parameters.ONLY_EXPAND, sdk.ChargeRetrieveParams),
    (parameters.REFUND_CREATE, sdk.RefundCreateParams),
    (parameters.REFUND_LIST, sdk.RefundListParams),
    (parameters.REFUND_UPDATE, sdk.RefundModifyParams),
    (parameters.EVENT_LIST, sdk.EventListParams),
    (parameters.DISPUTE_LIST, sdk.DisputeListParams),
    (parameters.DISPUTE_UPDATE, sdk.DisputeUpdateParams),
    (parameters.SESSION_UPDATE, checkout.SessionUpdateParams),
    (parameters.INTENT_UPDATE, sdk.PaymentIntentUpdateParams),
    (parameters.CHARGE_UPDATE, sdk.ChargeUpdateParams),
    (parameters.TRANSACTION_LIST, sdk.BalanceTransactionListParams),
]


def test_every_address_accepts_what_the_sdk_lists() -> None:
    compared = [accepted for accepted, _ in TABLES]
    assert [endpoint.pattern.pattern for endpoint in ENDPOINTS if endpoint.accepts not in compared] == []


@pytest.mark.parametrize(("accepted", "listed"), TABLES, ids=lambda value: getattr(value, "__name__", ""))
def test_parameters_are_those_of_the_sdk(accepted: Fields, listed: Any) -> None:
    assert set(accepted.known) == set(listed.__annotations__) - OPTIONS


def inner(fields: Any, *path: str) -> Fields:
    """The table inside a table."""
    for name in path:
        fields = fields.known[name]
        if isinstance(fields, Many):
            fields = fields.of
    assert isinstance(fields, Fields)
    return fields


def test_evidence_is_what_the_sdk_lists() -> None:
    evidence = inner(parameters.DISPUTE_UPDATE, "evidence")
    assert set(evidence.known) == set(sdk.DisputeUpdateParamsEvidence.__annotations__)


@pytest.mark.parametrize(
    ("path", "listed"),
    [
        (("line_items",), checkout.SessionCreateParamsLineItem),
        (("line_items", "price_data"), checkout.SessionCreateParamsLineItemPriceData),
        (
            ("line_items", "price_data", "product_data"),
            checkout.SessionCreateParamsLineItemPriceDataProductData,
        ),
        (("payment_intent_data",), checkout.SessionCreateParamsPaymentIntentData),
        (("payment_intent_data", "shipping"), checkout.SessionCreateParamsPaymentIntentDataShipping),
        (("custom_text",), checkout.SessionCreateParamsCustomText),
        (("name_collection",), checkout.SessionCreateParamsNameCollection),
    ],
)
def test_inner_session_parameters_are_those_of_the_sdk(path: tuple[str, ...], listed: Any) -> None:
    assert set(inner(parameters.SESSION_CREATE, *path).known) == set(listed.__annotations__)
