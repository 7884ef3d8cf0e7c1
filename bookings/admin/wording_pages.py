"""How the pages about the words of mails are found and drawn."""

from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from bookings import own_words
from bookings.admin.history import PER_PAGE
from bookings.admin.history_rows import Reader
from bookings.admin.scoping import HotelScopedAdmin
from bookings.admin.wording_form import WordingForm
from bookings.admin.wording_send import latest
from bookings.admin.wording_slot import Slot, own_hotels
from bookings.admin.wording_words import MAILS, PLACEHOLDERS
from bookings.mail_kinds import KINDS
from bookings.models import Wording

FOLDER: Final = "admin/bookings/wording"


class WordingPages(HotelScopedAdmin):
    """The pages that change nothing, and what all of them share."""

    class Media:
        css = {"all": ("bookings/wording.css",)}
        js = ("bookings/wording.js",)

    def history_of_words(self, request: HttpRequest, **where: Any) -> HttpResponse:
        """List who wrote which words, and when there was the default again."""
        slot = self.slot(request, where)
        records = own_words.records(slot.hotel, slot.kind, slot.language)
        page = Paginator(records, PER_PAGE).get_page(request.GET.get("p"))
        # The oldest of a page is compared with the one before it.
        shown = list(records[max(page.start_index() - 1, 0) : page.end_index() + 1])
        reader = Reader(Wording.history.model, hotel=slot.hotel, currency=slot.hotel.currency)
        rows = reader.rows(shown, subject=lambda record: slot.spoken)[: len(page.object_list)]
        context = {"page_obj": page, "rows": rows, "object": slot.row, "change_url": slot.page()}
        return self.draw(request, "admin/desk/history", _("History: %(mail)s") % {"mail": slot.title}, context)

    def slot(self, request: HttpRequest, where: dict[str, Any]) -> Slot:
        """Return what an address names, for people who may see it; else 404 or 403."""
        hotel = own_hotels(request).filter(pk=where["hotel"]).first()
        if hotel is None or where["kind"] not in KINDS or where["language"] not in dict(settings.LANGUAGES):
            raise Http404
        must(self.has_view_permission(request))
        return Slot(hotel, where["kind"], where["language"])

    def editor(
        self, request: HttpRequest, slot: Slot, form: WordingForm, typed: tuple[str, str] | None
    ) -> HttpResponse:
        """Draw the editor; for readers, the same without a form."""
        shown = slot.shown(typed)
        known = [(f"{{{name}}}", PLACEHOLDERS[name], shown.values[name]) for name in KINDS[slot.kind].placeholders]
        others = [(Slot(slot.hotel, slot.kind, code), name) for code, name in settings.LANGUAGES]
        context = {
            "slot": slot,
            "form": form,
            "shown": shown,
            "placeholders": known,
            "languages": others,
            "may_change": self.has_change_permission(request),
            "when": MAILS[slot.kind][1],
            "samples": latest(slot),
        }
        return self.draw(request, f"{FOLDER}/edit", slot.title, context)

    def draw(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        """Draw one of the pages."""
        request.current_app = self.admin_site.name
        around = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "media": self.media}
        return TemplateResponse(request, f"{template}.html", {**around, **context})


def must(may: bool) -> None:
    """Answer 403 to whoever may not."""
    if not may:
        raise PermissionDenied
