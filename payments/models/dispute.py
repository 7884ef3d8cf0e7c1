"""Disputes: a guest's bank takes a payment back and asks the hotel why it should not."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings import audit
from payments.models.payment import Payment


class DisputeStatus(models.TextChoices):
    """Stripe's own words (docs.stripe.com/api/disputes/object); the first six of them wait for somebody."""

    NEEDS_RESPONSE = "needs_response", _("Evidence needed")
    WARNING_NEEDS_RESPONSE = "warning_needs_response", _("Inquiry: answer needed")
    APPEAL_NEEDS_RESPONSE = "appeal_needs_response", _("Appeal: evidence needed")
    UNDER_REVIEW = "under_review", _("The bank decides")
    WARNING_UNDER_REVIEW = "warning_under_review", _("Inquiry: the bank looks at it")
    APPEAL_UNDER_REVIEW = "appeal_under_review", _("Appeal: the bank decides")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    WARNING_CLOSED = "warning_closed", _("Inquiry closed")
    PREVENTED = "prevented", _("Prevented")


class DisputeReason(models.TextChoices):
    """Why the guest's bank asks, in Stripe's words (docs.stripe.com/disputes/categories) and in ours."""

    BANK_CANNOT_PROCESS = "bank_cannot_process", _("The bank could not process it")
    CHECK_RETURNED = "check_returned", _("A cheque was returned")
    CREDIT_NOT_PROCESSED = "credit_not_processed", _("The guest says a refund never came")
    CUSTOMER_INITIATED = "customer_initiated", _("The guest asked their bank for the money")
    DEBIT_NOT_AUTHORIZED = "debit_not_authorized", _("The guest says they did not agree to the debit")
    DUPLICATE = "duplicate", _("The guest says they were charged twice")
    FRAUDULENT = "fraudulent", _("The cardholder says it was not them")
    GENERAL = "general", _("No reason given")
    INCORRECT_ACCOUNT_DETAILS = "incorrect_account_details", _("Wrong account details")
    INSUFFICIENT_FUNDS = "insufficient_funds", _("Not enough money in the account")
    NONCOMPLIANT = "noncompliant", _("The card network says a rule was broken")
    PRODUCT_NOT_RECEIVED = "product_not_received", _("The guest says they did not get the stay")
    PRODUCT_UNACCEPTABLE = "product_unacceptable", _("The guest says the stay was not as described")
    SUBSCRIPTION_CANCELED = "subscription_canceled", _("The guest says they had cancelled")
    UNRECOGNIZED = "unrecognized", _("The cardholder does not recognise the payment")


D = DisputeStatus
CLOSED_DISPUTES = (D.WON, D.LOST, D.WARNING_CLOSED, D.PREVENTED)
# A bank asks before it disputes: no money has moved, and the payment can still be refunded
# (docs.stripe.com/disputes/how-disputes-work).
INQUIRIES = (D.WARNING_NEEDS_RESPONSE, D.WARNING_UNDER_REVIEW)
# Somebody has to answer before `evidence_due_by`.
UNANSWERED = (D.NEEDS_RESPONSE, D.WARNING_NEEDS_RESPONSE, D.APPEAL_NEEDS_RESPONSE)


class Dispute(audit.Kept):
    """One dispute as Stripe shows it. The amount is in minor units, moments are UTC."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    stripe_dispute_id = models.CharField(_("id at Stripe"), max_length=80, unique=True)
    status = models.CharField(max_length=30, choices=D.choices)
    reason = models.CharField(max_length=60, choices=DisputeReason.choices)
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    # Whether the bank has the money: from the beginning of a dispute, and for good once it is lost.
    is_withdrawn = models.BooleanField(_("the bank took the money"), default=False)
    evidence_due_by = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    # When Stripe was asked: an answer that is older than this one must not lead the row back.
    seen_at = models.DateTimeField(_("Stripe was asked"))
    created_at = models.DateTimeField(auto_now_add=True)

    history = audit.history()

    class Meta:
        ordering = ("-id",)
        permissions = (("export_evidence", "Can download the evidence for a dispute"),)

    def __str__(self) -> str:
        return self.stripe_dispute_id

    @property
    def is_open(self) -> bool:
        """Whether the bank has not decided yet."""
        return self.status not in CLOSED_DISPUTES

    @property
    def is_inquiry(self) -> bool:
        """Whether the bank only asks: no money has moved, and a refund is still possible."""
        return self.status in INQUIRIES

    @property
    def is_lost(self) -> bool:
        """Whether the guest keeps what the bank took."""
        return not self.is_open and self.is_withdrawn

    @property
    def needs_answer(self) -> bool:
        """Whether the hotel has to send evidence."""
        return self.status in UNANSWERED
