"""Long lists of names from Stripe's reference, one text each."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """The words of `text`."""
    return tuple(text.split())


ZERO_DECIMAL = words(
    """
    bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf
    """
)

THREE_DECIMAL = words(
    """
    bhd jod kwd omr tnd
    """
)

CURRENCIES = words(
    """
    usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad
    cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel ghs gip gmd gnf gtq gyd hkd
    hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga
    mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron
    rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs
    vnd vuv wst xaf xcd xcg xof xpf yer zar zmw
    """
)

SESSION_NULLS = words(
    """
    allow_promotion_codes allowed_payment_method_types billing_address_collection client_reference_id
    client_secret collected_information consent consent_collection currency_conversion customer
    customer_account customer_email integration_identifier invoice locale origin_context payment_link
    payment_method_configuration_details permissions recovered_from setup_intent shipping_address_collection
    shipping_cost submit_type subscription after_expiration customer_details saved_payment_method_options
    wallet_options
    """
)

INTENT_NULLS = words(
    """
    application application_fee_amount canceled_at cancellation_reason customer customer_account description
    last_payment_error latest_charge next_action on_behalf_of payment_method
    payment_method_configuration_details processing receipt_email review setup_future_usage shipping
    statement_descriptor statement_descriptor_suffix transfer_data transfer_group automatic_payment_methods
    """
)

CHARGE_NULLS = words(
    """
    application application_fee application_fee_amount balance_transaction customer description
    failure_balance_transaction failure_code failure_message on_behalf_of receipt_email receipt_number
    review shipping source_transfer statement_descriptor statement_descriptor_suffix transfer_data
    transfer_group
    """
)

EVENT_KINDS = words(
    """
    charge.captured charge.dispute.closed charge.dispute.created charge.dispute.funds_reinstated
    charge.dispute.funds_withdrawn charge.dispute.updated charge.expired charge.failed charge.pending
    charge.refund.updated charge.refunded charge.succeeded charge.updated
    checkout.session.async_payment_failed checkout.session.async_payment_succeeded
    checkout.session.completed checkout.session.expired
    payment_intent.amount_capturable_updated payment_intent.canceled payment_intent.created
    payment_intent.payment_failed payment_intent.processing payment_intent.requires_action
    payment_intent.succeeded refund.created refund.failed refund.updated
    """
)

EVIDENCE = words(
    """
    access_activity_log billing_address cancellation_policy cancellation_policy_disclosure
    cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip
    customer_signature duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id
    product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation
    service_date service_documentation shipping_address shipping_carrier shipping_date
    shipping_documentation shipping_tracking_number uncategorized_file uncategorized_text
    """
)

EVIDENCE_FILES = words(
    """
    cancellation_policy customer_communication customer_signature duplicate_charge_documentation receipt
    refund_policy service_documentation shipping_documentation uncategorized_file
    """
)

LOCALES = words(
    """
    auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-
    BR ro ru sk sl sv th tr vi zh zh-HK zh-TW
    """
)

SESSION_UPDATE_REFUSED = words(
    """
    collected_information line_items payment_intent_data shipping_options
    """
)

INTENT_UPDATE_REFUSED = words(
    """
    allowed_payment_method_types amount amount_details application_fee_amount capture_method currency customer
    customer_account excluded_payment_method_types hooks payment_details payment_method
    payment_method_configuration payment_method_data payment_method_options receipt_email setup_future_usage
    shipping statement_descriptor statement_descriptor_suffix transfer_data transfer_group
    """
)

CHARGE_UPDATE_REFUSED = words(
    """
    customer fraud_details receipt_email shipping transfer_group
    """
)

SESSION_REFUSED = words(
    """
    after_expiration allow_promotion_codes automatic_tax currency custom_fields customer_update discounts
    invoice_creation managed_payments optional_items payment_method_collection payment_method_data
    permissions redirect_on_completion return_url saved_payment_method_options setup_intent_data
    shipping_address_collection shipping_options subscription_data tax_id_collection
    """
)
