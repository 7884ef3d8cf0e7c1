"""Turns a table of staff actions into Unfold's buttons, each with a dialog that posts.

A plain action of Unfold is a link, which changes things without a CSRF token. These are links to a dialog: a GET
shows it and changes nothing, a POST does what it says. They work with and without JavaScript.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.dataclasses import UnfoldAction
from unfold.enums import ActionVariant

from bookings.admin.dialog import StaffDialog
from bookings.admin.scoping import HotelScopedAdmin
from bookings.admin.winner import with_winner
from bookings.happenings import note_refusal
from bookings.lifecycle import Outcome
from bookings.outcome import RowOutcome
from bookings.refusals import Refused
from payments.gateway import Declined
from payments.operations import PARTLY

LEVELS = {
    Outcome.DONE: messages.SUCCESS,
    Outcome.ALREADY: messages.INFO,
    Outcome.IN_PROGRESS: messages.WARNING,
    Outcome.ASKED: messages.INFO,
}


@dataclass(frozen=True, kw_only=True)
class InBulk:
    """How an action is offered for many rows at once. Right, check and service are those of the action itself.

    `move` says of a row's facts and the chosen fee what would happen to it; `decision` makes of that promise, as it
    was written down, what the service is told.
    """

    button: Any
    form: type[StaffDialog]
    move: Callable[[Any, str], Any]
    decision: Callable[[Any], Mapping[str, Any]]
    mails: bool = False
    # For rows that were deleted, and only for those.
    of_deleted: bool = False
    is_danger: bool = False


@dataclass(frozen=True, kw_only=True)
class StaffAction:
    """One thing that staff can do: who may, when, what is asked first, and which service does it.

    `run` gets the row and what the dialog's `decision()` returned; `done` is said afterwards, filled in from the
    dialog's `said()`.
    """

    name: str
    label: Any
    icon: str
    permission: str
    form: type[StaffDialog]
    why_not: Callable[[Any], str]
    run: Callable[..., Outcome | RowOutcome]
    done: Any
    variant: ActionVariant = ActionVariant.DEFAULT
    # Not possible, it is not worth a place among the buttons: it stands under "More".
    is_rare: bool = False
    in_bulk: InBulk | None = None


class StaffActionsAdmin(HotelScopedAdmin):
    """An admin whose change page offers the actions of a table."""

    staff_actions: tuple[StaffAction, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.by_name = {action.name: action for action in self.staff_actions}
        self.actions_detail = tuple(self.by_name)
        super().__init__(*args, **kwargs)

    def facts(self, row: Any) -> Any:
        """Return what the table's checks and dialogs look at."""
        return row

    def facts_for(self, request: HttpRequest, object_id: str) -> Any:
        """Return the facts of the row that a page is about, read once for its header and its buttons."""
        known = request.__dict__.setdefault("staff_facts", {})
        if object_id not in known:
            known[object_id] = self.facts(self.for_page(self.get_visible(request, object_id)))
        return known[object_id]

    def name_of(self, row: Any) -> str:
        """Return what a dialog calls the row."""
        return str(row)

    def for_page(self, row: Any) -> Any:
        """Return a row with what its page reads of it many times."""
        return row

    def permitted(self, request: HttpRequest) -> list[StaffAction]:
        """Return the actions that the person's role includes."""
        user: Any = request.user
        return [action for action in self.staff_actions if user.has_perm(action.permission)]

    def get_unfold_action(self, action: str) -> UnfoldAction:
        """Describe one action to Unfold, which makes its address and its button."""
        row = self.by_name[action]
        method: Any = StaffActionView(self, row)
        name = f"{self.opts.app_label}_{self.opts.model_name}_{action}"
        return UnfoldAction(
            action_name=name,
            method=method,
            description=row.label,
            path=action.replace("_", "-"),
            icon=row.icon,
            variant=row.variant,
            dialog={"title": row.label},
        )

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """Offer only what the person may do and the row's state allows."""
        reasons = self.reasons(request, str(object_id), self.facts_for(request, str(object_id)))
        return [self.get_unfold_action(action.name) for action, why in reasons if not why]

    def impossible(self, request: HttpRequest, object_id: str, facts: Any) -> list[tuple[StaffAction, str]]:
        """Return what the person may do but the state does not allow, with the reasons."""
        return [(action, why) for action, why in self.reasons(request, object_id, facts) if why]

    def reasons(self, request: HttpRequest, object_id: str, facts: Any) -> list[tuple[StaffAction, str]]:
        """Return every permitted action and why the state does not allow it, asked once for a page."""
        known = request.__dict__.setdefault("staff_reasons", {})
        if object_id not in known:
            known[object_id] = [(action, action.why_not(facts)) for action in self.permitted(request)]
        found: list[tuple[StaffAction, str]] = known[object_id]
        return found


class StaffActionView:
    """The dialog of one action and what its button does, as a view of the admin."""

    def __init__(self, admin: StaffActionsAdmin, action: StaffAction) -> None:
        self.admin, self.action = admin, action
        self.__name__ = action.name
        self.attrs: dict[str, Any] = {}
        self.extra_options: dict[str, Any] = {}
        self.original_function_name = action.name

    def __call__(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the dialog (GET) or do it (POST). Other hotels' rows are 404, missing rights 403."""
        row = self.admin.get_visible(request, object_id)
        user: Any = request.user
        if not user.has_perm(self.action.permission):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        facts = self.admin.facts(row)
        data = request.POST if request.method == "POST" else None
        form = self.action.form(data, facts=facts, user=user)
        if data is not None and form.is_valid():
            return self.carry_out(request, row, form)
        why_not = self.action.why_not(facts)
        if data is not None and why_not:
            note_refusal("ERR_STATE", why_not)
        return self.show(request, row, form, why_not=self.told(request, row, why_not) if why_not else "")

    def carry_out(self, request: HttpRequest, row: Any, form: StaffDialog) -> HttpResponse:
        """Call the service and say what came of it. Wrong input keeps the dialog open."""
        try:
            outcome = self.action.run(row, **form.decision())
        except Refused as refused:
            note_refusal(refused.code, refused.message)
            if refused.code == "ERR_VALIDATION":
                form.add_error(None, refused.message)
                return self.show(request, row, form, why_not="")
            self.say(request, messages.ERROR, self.told(request, row, refused.message))
        except Declined as declined:
            note_refusal("ERR_STRIPE", declined.message)
            unchanged = "" if declined.code == PARTLY else f"{_('Nothing was changed.')} "
            self.say(request, messages.ERROR, f"{unchanged}{declined.message}")
        else:
            done = outcome.state == Outcome.DONE
            # What only the service knows, as what a comparison has mended, is said in its own words.
            is_told = outcome.message or not done
            words = outcome.message if is_told else self.action.done.format(**form.said())
            if outcome.state == Outcome.ALREADY:
                words = self.told(request, row, words)
            self.say(request, LEVELS[outcome.state], words.strip())
            if is_gone(outcome):
                return self.leave(request, self.list_page())
        return self.leave(request, self.row_page(row))

    def told(self, request: HttpRequest, row: Any, words: str) -> str:
        """Return why nothing was done, and who had got there first."""
        return with_winner(words, row, user=request.user, now=timezone.now())

    def say(self, request: HttpRequest, level: int, words: str) -> None:
        """Leave a message for the next page."""
        messages.add_message(request, level, words)

    def leave(self, request: HttpRequest, page: str) -> HttpResponse:
        """Go back to the row's page, or to the list; a dialog asks its page to do that."""
        if "HX-Request" in request.headers:
            return HttpResponse(headers={"HX-Redirect": f"{page}{tab_of(request)}"})
        return HttpResponseRedirect(page)

    def row_page(self, row: Any) -> str:
        """Return the address of the row's change page."""
        opts = self.admin.opts
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[quote(row.pk)])

    def list_page(self) -> str:
        """Return the address of the list, for when there is no row any more."""
        opts = self.admin.opts
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")

    def show(self, request: HttpRequest, row: Any, form: StaffDialog, *, why_not: str) -> HttpResponse:
        """Draw the dialog: by itself for the button, as a page of its own without JavaScript."""
        partial_page = "HX-Request" in request.headers
        context = {
            **({} if partial_page else self.admin.admin_site.each_context(request)),
            "action": self.action,
            "form": form,
            "live": json.dumps(form.live()),
            "why_not": why_not,
            "row": row,
            "row_page": self.row_page(row),
            "name": self.admin.name_of(row),
            "title": f"{self.action.label}: {self.admin.name_of(row)}",
        }
        template = "admin/desk/dialog.html" if partial_page else "admin/desk/dialog_page.html"
        return TemplateResponse(request, template, context)


def tab_of(request: HttpRequest) -> str:
    """Return which tab of its page a dialog was opened from, as the end of an address; nothing where none was."""
    chosen = parse_qs(urlsplit(request.headers.get("HX-Current-URL", "")).query).get("tab", [""])[0]
    return f"?{urlencode({'tab': chosen})}" if chosen else ""


def is_gone(outcome: Outcome | RowOutcome) -> bool:
    """Whether the action has removed the row itself."""
    return outcome.is_gone if isinstance(outcome, RowOutcome) else outcome.booking.pk is None
