"""The form of a hotel's settings: the zone as a choice, the limit for refunds as an amount that people type."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from bookings.admin.amounts import AmountField
from bookings.models import Hotel
from payments.money import known_currencies

# What a manager has to know to decide, where the setting's name does not say it.
HELP = {
    "name": _("As guests read it, on every page and in every mail."),
    "address": _("Shown to guests in mails and on their page."),
    "contact_email": _("Guests read it, and write to it."),
    "contact_phone": _("Guests read it, and call it."),
    "time_zone": _("Every time that guests and staff read is on this clock. Deadlines are counted on it."),
    "check_in_time": _("Cancellation tiers are counted back from this moment."),
    "check_out_time": _("A guest’s personal link works until then."),
    "booking_mode": _("On request, money is only held until you approve. Instant bookings are charged at once."),
    "payment_attempts": _("How often a guest may try to pay. After that you can reopen the booking."),
    "hold_hours": _("So long a room is kept for a booking that is not paid. After that it goes back on sale."),
    "allow_client_cancellation": _("Otherwise guests read whom to ask."),
    "automatic_guest_refunds": _(
        "Off: guests can still cancel, but what the policy returns waits among the refunds to pay out by hand until "
        "a manager decides. Guests read that you send it. Money that is only held is always released at once."
    ),
    "guest_refund_days": _("Guests read this before they cancel, and their refund is due by then."),
    "send_cancellation_emails": _("Off: guests hear of a cancellation from you, not from here."),
    "notify_approvals": _(
        "At once, with a link to the booking. A reminder a day before held money ends always goes."
    ),
    "notify_cancellations": _("At once, with what is kept and what goes back."),
    "require_deletion_reason": _("Whoever deletes a booking has to say why."),
}


class HotelForm(forms.ModelForm):
    """A hotel's settings."""

    # Who edits; the admin says so.
    person: Any = None
    four_eyes_threshold = AmountField(
        label=_("One person may refund up to"),
        required=False,
        help_text=_(
            "Above this sum for one booking, in the hotel's currency, a second person has to agree. "
            "0: to every refund by staff. Empty: never. Cancelling by policy never waits."
        ),
    )

    class Meta:
        model = Hotel
        fields = ("time_zone", "currency")  # the admin asks for the rest
        help_texts = HELP
        widgets = {
            "time_zone": UnfoldAdminSelectWidget(
                choices=[(zone, zone) for zone in sorted(available_timezones()) if "/" in zone]
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        threshold: Any = self.fields.get("four_eyes_threshold")
        if threshold is not None:
            threshold.currency = self.typed_currency() or self.instance.currency

    def typed_currency(self) -> str:
        """Return the currency that an owner types together with the limit; nothing where it is fixed."""
        return str(self.data.get(self.add_prefix("currency"), "")).upper() if "currency" in self.fields else ""

    def clean_four_eyes_threshold(self) -> int | None:
        """Let managers tighten the limit, and only owners loosen it: else one person could, for a minute."""
        typed, before = self.cleaned_data["four_eyes_threshold"], self.instance.four_eyes_threshold
        is_looser = before is not None and (typed is None or typed > before)
        if is_looser and not self.person.is_superuser:
            raise forms.ValidationError(_("Only an owner may raise or lift this limit."))
        return typed

    def clean_currency(self) -> str:
        """Write currencies in capitals."""
        return currency_code(self.cleaned_data["currency"])

    def clean_fallback_currency(self) -> str:
        """Write currencies in capitals; none is fine."""
        code = self.cleaned_data["fallback_currency"]
        return currency_code(code) if code else ""

    def clean(self) -> dict[str, Any]:
        """Refuse a fallback to the very same currency."""
        cleaned = super().clean() or self.cleaned_data
        own = cleaned.get("currency") or self.instance.currency
        if cleaned.get("fallback_currency") == own:
            self.add_error("fallback_currency", _("This is the hotel's own currency. Choose another one, or none."))
        return cleaned


def currency_code(text: str) -> str:
    """Return a currency in capitals; ValidationError when it cannot be one."""
    code = str(text).upper()
    if code not in known_currencies():
        raise forms.ValidationError(_("Use the three letters of a currency, such as EUR."))
    return code
