"""What the booking's page shows around its form: the header, the money, and the chosen tab."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings.admin import booking_records as records
from bookings.admin import words
from bookings.admin.agreed import agreed_terms
from bookings.admin.booking_form import GUEST as GUEST_FIELDS
from bookings.admin.calendar import LENGTHS
from bookings.admin.calendar import address as calendar_address
from bookings.admin.facts import Facts
from bookings.admin.message_filters import WAITING
from bookings.admin.money_box import money_lines
from bookings.admin.staff_actions import StaffAction
from bookings.admin.timeline_page import timeline_context
from bookings.models import Booking, PaymentMethod
from bookings.retold import retold
from bookings.spoken import lowered
from cancellations.erasure import erased_words, others_of
from payments import four_eyes, owed
from payments.models import Payment, PaymentOperation, RefundRequest

STAY, GUEST, PAYMENTS, MESSAGES, TIMELINE = "stay", "guest", "payments", "messages", "timeline"
TABS: Final = {
    STAY: _("Stay"),
    GUEST: _("Guest"),
    PAYMENTS: _("Payments"),
    MESSAGES: _("Messages"),
    TIMELINE: _("Timeline"),
}
PAYS: Final = {PaymentMethod.ONLINE: _("Pays online"), PaymentMethod.ARRIVAL: _("Pays on arrival")}
SHOWN: Final = 10


def page_context(request: HttpRequest, facts: Facts, *, impossible: list[tuple[StaffAction, str]]) -> dict[str, Any]:
    """Return everything that the page's template draws. Only the chosen tab is read."""
    booking, tab = facts.booking, tab_of(request)
    payments = sorted(booking.payments.all(), key=lambda each: each.attempt_number, reverse=True)
    return {
        **header(facts, payments),
        "impossible": impossible,
        "rare": sum(action.is_rare for action, _ in impossible),
        "tab": tab,
        "tabs": tabs(request.GET, tab),
        **CONTENTS[tab](request, facts, payments),
    }


def header(facts: Facts, payments: list[Payment]) -> dict[str, Any]:
    """Return what stands above the tabs, whichever is chosen."""
    booking = facts.booking
    disputes = [dispute for payment in payments for dispute in payment.disputes.all()]
    refunds = [refund for payment in payments for refund in payment.refunds.all()]
    return {
        "facts": facts,
        "booking": booking,
        "status": words.status_pill(booking),
        "payment_state": words.money_pill(booking, payments),
        "balance": words.balance(booking, payments, refunds),
        "stay": f"{words.dates(booking)}, {words.nights(booking)} · {words.place(booking)}",
        "pays": PAYS[PaymentMethod(booking.payment_method)],
        "guest_view": reverse("admin:bookings_booking_guest_view", args=[booking.pk]),
        "erased": erased_words(booking) if booking.is_erased else "",
        "money_lines": money_lines(facts, payments),
        "owed_page": owed_page(booking),
        "waiting": operation_words(facts.waiting) if facts.waiting else "",
        "failed": failed_words(facts.failed) if facts.failed else "",
        "wish": wish_banner(facts.wish) if facts.wish else None,
        "alarms": [records.dispute_alarm(each, facts.now) for each in disputes if each.is_open],
        "lost_mails": [records.mail_alarm(booking, each) for each in booking.messages.filter(WAITING["unread"])],
    }


def owed_page(booking: Booking) -> str:
    """Return the page of the refund that is to be paid out next; nothing where none is owed."""
    refund = owed.first_owed(booking)
    return reverse("admin:payments_refund_change", args=[refund.pk]) if refund else ""


def tab_of(request: HttpRequest) -> str:
    """Return the tab that the address names, or the first one."""
    return chosen if (chosen := request.GET.get("tab", "")) in TABS else STAY


def tabs(query: QueryDict, tab: str) -> list[dict[str, Any]]:
    """Return the tabs with their addresses; the way back to a filtered list stays in them."""
    found = []
    for name, title in TABS.items():
        said = QueryDict(mutable=True)
        said["tab"] = name
        if kept := query.get("_changelist_filters"):
            said["_changelist_filters"] = kept
        template = f"admin/bookings/booking/tab_{name}.html"
        link = f"?{said.urlencode()}"
        found.append({"name": name, "title": title, "link": link, "template": template, "is_on": name == tab})
    return found


def stay_tab(request: HttpRequest, facts: Facts, payments: list[Payment]) -> dict[str, Any]:
    """Return the stay, how it came about, and its terms as agreed."""
    booking = facts.booking
    return {
        "story": records.story(booking),
        "terms": agreed_terms(booking) if booking.terms else None,
        "calendar": calendar_address(booking.hotel, booking.check_in, LENGTHS[0]),
    }


def guest_tab(request: HttpRequest, facts: Facts, payments: list[Payment]) -> dict[str, Any]:
    """Return the guest's other bookings at the hotels that the person may see; the form is drawn by the admin."""
    others = others_of(facts.booking, request.user).order_by("-check_in", "-pk")
    return {"others": [records.other_row(each) for each in others[:SHOWN]]}


def payments_tab(request: HttpRequest, facts: Facts, payments: list[Payment]) -> dict[str, Any]:
    """Return the attempts to pay, their refunds and disputes."""
    booking = facts.booking
    prefetch_related_objects(payments, "refunds__operation")
    return {
        "payments": [records.payment_row(booking, payment) for payment in payments],
        "refunds": [records.refund_row(booking, each) for payment in payments for each in payment.refunds.all()],
        "disputes": [records.dispute_row(each, facts.now) for payment in payments for each in payment.disputes.all()],
    }


def messages_tab(request: HttpRequest, facts: Facts, payments: list[Payment]) -> dict[str, Any]:
    """Return the mails, and the way to those of all bookings for whoever may read them."""
    user: Any = request.user
    log = reverse("admin:bookings_message_changelist") if user.has_perm("bookings.view_message") else ""
    return {
        "mails": [records.mail_row(facts.booking, mail) for mail in facts.booking.messages.all()],
        "mail_log": log,
    }


def timeline_tab(request: HttpRequest, facts: Facts, payments: list[Payment]) -> dict[str, Any]:
    """Return the line of time."""
    return timeline_context(facts, query=request.GET, user=request.user)


CONTENTS: Final[dict[str, Callable[[HttpRequest, Facts, list[Payment]], dict[str, Any]]]] = {
    STAY: stay_tab,
    GUEST: guest_tab,
    PAYMENTS: payments_tab,
    MESSAGES: messages_tab,
    TIMELINE: timeline_tab,
}


def tab_with_errors(errors: Iterable[str], context: dict[str, Any]) -> dict[str, Any]:
    """Return the page's context with the tab chosen on which a form's errors stand."""
    tab = GUEST if set(errors) <= set(GUEST_FIELDS) else STAY
    tabs = [{**each, "is_on": each["name"] == tab} for each in context["tabs"]]
    return {**context, "tab": tab, "tabs": tabs}


def operation_words(operation: PaymentOperation) -> str:
    """Return what Stripe was asked: "capture of €340.00"."""
    kind = lowered(operation.get_kind_display())
    said = {"kind": kind, "amount": words.money(operation.amount, operation.currency)}
    return gettext("%(kind)s of %(amount)s") % said if operation.amount else kind


def wish_banner(wish: RefundRequest) -> dict[str, str]:
    """Return who asked for what, and where it is decided."""
    page = reverse("admin:payments_refundrequest_change", args=[wish.pk])
    return {"words": four_eyes.asked_words(wish), "link": page}


def failed_words(operation: PaymentOperation) -> str:
    """Return what Stripe refused last, and why."""
    said = gettext("The last %(operation)s did not happen.") % {"operation": operation_words(operation)}
    return f"{said} {retold(operation.error_message)}"
