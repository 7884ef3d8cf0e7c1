"""What staff read about mails to guests: their names, when they are sent, and what each placeholder stands for."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

# In the order in which a stay meets them: the mail's name, and when it is sent.
MAILS: Final[dict[str, tuple[Any, Any]]] = {
    "pay_link": (_("Request to pay"), _("A booking was submitted and waits for the guest's payment.")),
    "authorized": (_("Payment held"), _("The guest has paid; the money is held until the hotel decides.")),
    "approved": (_("Confirmation"), _("The booking is confirmed.")),
    "declined": (_("Refusal"), _("The hotel cannot take the booking.")),
    "expired": (_("Expired"), _("A booking was not paid or approved in time.")),
    "rescheduled": (_("Changed stay"), _("The hotel moved the stay.")),
    "difference_due": (_("Difference to pay"), _("A moved stay costs more than was paid.")),
    "difference_paid": (_("Difference paid"), _("The guest has paid what a moved stay costs more.")),
    "move_undone": (_("Change undone"), _("The difference was not paid in time, so the stay is as it was before.")),
    "cancelled_by_guest": (_("Cancelled by the guest"), _("The guest has cancelled.")),
    "cancelled_by_hotel": (_("Cancelled by the hotel"), _("Staff have cancelled.")),
    "no_show": (_("No-show"), _("Nobody arrived.")),
    "refund_sent": (_("Refund sent"), _("Staff have sent money back.")),
    "refund_failed": (_("Refund came back"), _("The guest's bank did not take a refund.")),
    "refund_paid_out": (_("Refund paid by hand"), _("The hotel has paid a refund out itself.")),
    "management_link": (_("Link asked for"), _("Somebody who knows the booking has asked for its link.")),
    "fresh_link": (_("New link"), _("Staff have replaced the guest's link.")),
}
PLACEHOLDERS: Final[dict[str, Any]] = {
    "guest_name": _("the guest's name"),
    "hotel": _("your hotel's name"),
    "booking_id": _("the booking's reference"),
    "check_in": _("day of arrival"),
    "check_in_time": _("when check-in begins"),
    "check_out": _("day of departure"),
    "check_out_time": _("until when to check out"),
    "nights": _("how many nights"),
    "room": _("the room type"),
    "total": _("the price of the stay"),
    "city": _("your city, as in the time zone"),
    "phone": _("your phone number"),
    "email": _("your e-mail address"),
    "fee": _("what is kept"),
    "refund": _("what goes back"),
    "difference": _("what the moved stay costs more"),
    "pay_by": _("until when to pay"),
    "cancel_by": _("until when the guest may cancel"),
}
