"""Choosing bookings in the list, and the page that says what would happen to each before anything does."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import Action, ActionLocation
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bookings import bulk, bulk_standing
from bookings.admin import bulk_dialogs as dialogs
from bookings.admin import bulk_plan
from bookings.admin.actions import BY_NAME, OFFERS
from bookings.admin.dialog import StaffDialog
from bookings.admin.scoping import HotelScopedAdmin
from bookings.models import Booking, FeeChoice


class BulkActionsAdmin(HotelScopedAdmin):
    """A list of bookings in which several can be chosen at once. What is offered depends on the person's rights."""

    actions_selection_counter = True

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """Offer what the person may do to the bookings that this list shows; a booking's page has its own buttons."""
        if action_location != ActionLocation.CHANGE_LIST:
            return {}
        deleted = request.GET.get("deleted", "")
        return {
            name: action_of(name)
            for name, offer in OFFERS.items()
            if may(request, name) and deleted in (("only", "include") if offer.of_deleted else ("", "include"))
        }

    def get_action_choices(
        self,
        request: HttpRequest,
        default_choices: list[tuple[str, str]] | None = None,
        action_location: ActionLocation = ActionLocation.CHANGE_LIST,
    ) -> list[tuple[str, str]]:
        """Return what the select offers. Unfold's own does not know where it is asked for."""
        actions = self.get_actions(request, action_location).values()
        return [("", _("Choose what to do")), *((action.name, action.description) for action in actions)]

    @admin.display(description="")
    def action_checkbox(self, booking: Booking) -> SafeString:
        """A plain box: Unfold's widget takes a third of the list's time."""
        return format_html(
            '<input type="checkbox" name="{}" value="{}" class="action-select desk-check" aria-label="{}">',
            ACTION_CHECKBOX_NAME,
            booking.pk,
            _("Choose {reference}").format(reference=booking.booking_id),
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Refuse an action that was not offered for want of a right; the stock list says that none was chosen."""
        wanted = request.POST.get("action", "")
        if wanted in OFFERS and not may(request, wanted):
            raise PermissionDenied
        return super().changelist_view(request, extra_context)


def may(request: HttpRequest, action: str, fee: str = FeeChoice.POLICY) -> bool:
    """Whether the signed-in person has the rights for a run."""
    user: Any = request.user
    return bulk_standing.may(user, action, fee)


def action_of(name: str) -> Action:
    """Describe an action to the list."""
    label, places = str(BY_NAME[name].label), [ActionLocation.CHANGE_LIST]
    return Action(func=chosen(name), name=name, description=label, plural_description=label, locations=places)


def chosen(action: str) -> Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]:
    """Return what the list calls for an action: it shows the plan."""

    def show(_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        ids = list(rows.order_by().values_list("pk", flat=True)[: bulk.MOST + 1])
        if len(ids) > bulk.MOST:
            messages.warning(request, dialogs.too_many_words(bulk.MOST))
            return None
        across = request.POST.get("select_across", "0") != "0"
        asked = len(ids) if across else len(set(request.POST.getlist(ACTION_CHECKBOX_NAME)))
        return plan_page(request, ids, action=action, missing=asked - len(ids))

    return show


def plan_page(
    request: HttpRequest,
    ids: Iterable[int],
    *,
    action: str,
    fee: str = FeeChoice.POLICY,
    missing: int = 0,
    retry_of: int | None = None,
    data: Any = None,
    reason: str = "",
) -> HttpResponse:
    """Draw what would happen to each booking. Nothing is changed; the button carries exactly what is shown."""
    user: Any = request.user
    asked = list(ids)
    rows = Booking.objects.visible_to(user).filter(pk__in=asked)
    lines = bulk_plan.lines_of(rows, BY_NAME[action], fee=fee, now=timezone.now())
    possible = [line for line in lines if not line.why_not]
    form = OFFERS[action].form(data, facts=possible, user=user)
    form.initial = dialogs.as_typed(form, reason)
    key = uuid.uuid4().hex
    sealed = bulk_plan.seal(lines, key=key, action=action, fee=fee, person=user.pk, retry_of=retry_of)
    context = {
        **admin.site.each_context(request),
        **plan_context(action, lines, possible),
        "title": _("{action}: what will happen").format(action=BY_NAME[action].label),
        "action": action,
        "form": form,
        "sealed": sealed,
        "missing": dialogs.missing_words(missing + len(asked) - len(lines)),
        "fees": fee_choices(request, action, fee),
        "back": reverse("admin:bookings_booking_changelist"),
    }
    return TemplateResponse(request, "admin/bookings/bulkrun/plan.html", context)


def plan_context(action: str, lines: Sequence[bulk_plan.Line], possible: Sequence[bulk_plan.Line]) -> dict[str, Any]:
    """Return what the page says about the bookings."""
    return {
        "offer": OFFERS[action],
        "label": BY_NAME[action].label,
        "lines": lines,
        "possible": len(possible),
        "impossible": len(lines) - len(possible),
        "asks": sum(line.asks for line in possible),
        "mails": sum(bool(line.mailed) for line in possible) if OFFERS[action].mails else 0,
        "sums": dialogs.sum_lines([line for line in possible if not line.asks]),
        "button": dialogs.button_text(OFFERS[action], possible),
    }


def fee_choices(request: HttpRequest, action: str, fee: str) -> list[tuple[str, str, bool]]:
    """Return the fees that the person may choose for a cancellation: value, words, whether it is shown now."""
    if action != "cancel" or not may(request, action, FeeChoice.WAIVE):
        return []
    return [(choice.value, str(choice.label), choice == fee) for choice in FeeChoice]


def started(request: HttpRequest) -> HttpResponse:
    """Begin what the page with the button promised, once; wrong input shows the page again."""
    user: Any = request.user
    plan = bulk_plan.unseal(request.POST.get("plan", ""), person=user.pk)
    if plan is None:
        return too_old(request)
    if not may(request, plan.action, plan.fee):
        raise PermissionDenied
    form = form_of(plan, request)
    if not plan.rows or not form.is_valid():
        return plan_page(
            request, plan.asked, action=plan.action, fee=plan.fee, retry_of=plan.retry_of, data=request.POST
        )
    run = bulk.start(
        key=plan.key, rows=plan.rows, action=plan.action, fee=plan.fee, retry_of_id=plan.retry_of, **form.decision()
    )
    return HttpResponseRedirect(reverse("admin:bookings_bulkrun_change", args=[run.pk]))


def planned_again(request: HttpRequest) -> HttpResponse:
    """Show a plan again with another fee; nothing is changed."""
    user: Any = request.user
    fee = request.POST.get("fee", "")
    plan = bulk_plan.unseal(request.POST.get("plan", ""), person=user.pk)
    if plan is None or fee not in FeeChoice.values:
        return too_old(request)
    if not may(request, plan.action, fee):
        raise PermissionDenied
    return plan_page(request, plan.asked, action=plan.action, fee=fee, retry_of=plan.retry_of)


def too_old(request: HttpRequest) -> HttpResponse:
    """Go back to the list from a page that was open for too long."""
    messages.error(request, _("This page was open for too long. Choose the bookings again; nothing was changed."))
    return HttpResponseRedirect(reverse("admin:bookings_booking_changelist"))


def form_of(plan: bulk_plan.Sealed, request: HttpRequest) -> StaffDialog:
    """Return the filled-in form of a plan."""
    ids = [row.booking_id for row in plan.rows if row.booking_id]
    bookings = Booking.objects.filter(pk__in=ids).select_related("hotel")
    lines = [bulk_plan.Line(booking) for booking in bookings]
    return OFFERS[plan.action].form(request.POST, facts=lines, user=request.user)
