"""The words of mails, hotel by hotel: which there are, an editor with a preview, and the way back to the default."""

from typing import Any, Final

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings import own_words
from bookings.admin.wording_form import WordingForm
from bookings.admin.wording_pages import FOLDER, WordingPages, must
from bookings.admin.wording_send import send_to
from bookings.admin.wording_slot import NAME, Slot, chosen, own_hotels, rows_of
from bookings.models import Wording
from bookings.refusals import Refused

PREVIEW, SEND = "_preview", "_send"
READING: Final = ("GET", "HEAD")
SLOT: Final = "<int:hotel>/<slug:kind>/<slug:language>/"


@admin.register(Wording)
class WordingAdmin(WordingPages):
    """What mails to guests say around their facts. Its pages are its own: a row may not be there yet."""

    def get_urls(self) -> list[URLPattern]:
        """Replace the stock pages."""
        views = {"edit": self.edit_view, "preview": self.preview_view, "default": self.default_view}
        of_slots = [
            path(
                SLOT + ("" if name == "edit" else f"{name}/"), self.admin_site.admin_view(view), name=f"{NAME}_{name}"
            )
            for name, view in {**views, "history": require_safe(self.history_of_words)}.items()
        ]
        return [path("", self.admin_site.admin_view(self.changelist_view), name=f"{NAME}_changelist"), *of_slots]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List every mail of a hotel, and in which languages it has own words."""
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        must(self.has_view_permission(request))
        hotels = list(own_hotels(request))
        hotel = chosen(hotels, request.GET.get("hotel"))
        context = {"hotels": hotels, "hotel": hotel, "rows": rows_of(hotel) if hotel else []}
        return self.draw(request, f"{FOLDER}/list", _("Words of mails"), context)

    def edit_view(self, request: HttpRequest, **where: Any) -> HttpResponse:
        """Show what a mail says, and store what is typed."""
        slot = self.slot(request, where)
        if request.method != "POST":
            opening, closing = slot.words
            form = WordingForm(kind=slot.kind, initial={"opening": opening, "closing": closing, "seen": slot.seen})
            return self.editor(request, slot, form, slot.words if slot.own else None)
        must(self.has_change_permission(request))
        form = WordingForm(request.POST, kind=slot.kind)
        if SEND in request.POST and form.is_valid():
            self.sent(request, slot, form)
        elif PREVIEW not in request.POST and form.is_valid() and self.stored(request, slot, form):
            return HttpResponseRedirect(slot.page())
        return self.editor(request, slot, form, form.words())

    def stored(self, request: HttpRequest, slot: Slot, form: WordingForm) -> bool:
        """Store the words, or say why not."""
        opening, closing = form.cleaned_data["opening"], form.cleaned_data["closing"]
        if slot.own is None and (opening, closing) == slot.default:
            messages.info(request, _("This is the default text. There was nothing to save."))
            return True
        try:
            own_words.save(
                slot.hotel, slot.kind, slot.language, opening=opening, closing=closing, seen=form.cleaned_data["seen"]
            )
        except Refused as refusal:
            form.add_error(None, refusal.message)
            return False
        messages.success(request, _("Saved. Mails that are written from now on have these words."))
        return True

    def sent(self, request: HttpRequest, slot: Slot, form: WordingForm) -> None:
        """Mail a sample with what is typed to whoever typed it, and say so. The words are not stored."""
        person: Any = request.user
        answer = send_to(person, slot, form.words())
        messages.add_message(request, messages.SUCCESS if answer.is_good else messages.ERROR, answer.words)

    def preview_view(self, request: HttpRequest, **where: Any) -> HttpResponse:
        """Answer with a sample mail that has the typed words; nothing is stored."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        slot = self.slot(request, where)
        must(self.has_change_permission(request))
        form = WordingForm(request.POST, kind=slot.kind)
        form.is_valid()
        return TemplateResponse(request, f"{FOLDER}/preview.html", {"form": form, "shown": slot.shown(form.words())})

    def default_view(self, request: HttpRequest, **where: Any) -> HttpResponse:
        """Ask whether the default text shall come back; on POST, bring it back."""
        slot = self.slot(request, where)
        must(self.has_change_permission(request))
        if request.method == "POST":
            return self.brought_back(request, slot)
        return self.draw(request, f"{FOLDER}/default", _("Back to the default text?"), {"slot": slot})

    def brought_back(self, request: HttpRequest, slot: Slot) -> HttpResponse:
        """Remove the own words, or say why not."""
        seen = request.POST.get("seen", "")
        known = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 18 else 0
        try:
            own_words.back_to_default(slot.hotel, slot.kind, slot.language, seen=known)
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("Guests read the default text again."))
        return HttpResponseRedirect(slot.page())
