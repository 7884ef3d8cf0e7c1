"""What guests type."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AskForm(forms.Form):
    """Who asks for a link: a reference, and a contact that only the guest should know."""

    reference = forms.CharField(
        label=_("Booking reference"),
        max_length=40,
        help_text=_("Ten letters and digits, in every mail about your booking."),
        error_messages={"required": _("Please enter your booking reference.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    contact = forms.CharField(
        label=_("Email or phone number"),
        max_length=254,
        help_text=_("The one that the booking was made with."),
        error_messages={"required": _("Please enter the email or phone number of the booking.")},
        widget=forms.TextInput(attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}),
    )


class CancelForm(forms.Form):
    """The guest's last word. Amounts are not among the fields: the quote is signed by us, and read by us."""

    reason = forms.CharField(
        label=_("Reason (optional)"),
        required=False,
        max_length=500,
        help_text=_("The hotel can read this."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    quote = forms.CharField(required=False, max_length=600, widget=forms.HiddenInput)
