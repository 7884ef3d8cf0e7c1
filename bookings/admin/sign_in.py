"""The list of sign-ins, of those that failed, and of the access tokens that were used."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bookings.admin.filters import ChoicesDropdownFilter
from bookings.admin.happening import DayFilter, HappeningAdmin, PersonFilter
from bookings.admin.words import BAD, EMPTY, GOOD, QUIET, pill
from bookings.models import SignIn, SignInKind

K = SignInKind
COLOURS = {
    K.SIGNED_IN: GOOD,
    K.TOKEN_USED: GOOD,
    K.FAILED: BAD,
    K.CODE_FAILED: BAD,
    K.LOCKED: BAD,
    K.TOKEN_REFUSED: BAD,
}


@admin.register(SignIn)
class SignInRecordAdmin(HappeningAdmin):
    """Who came in, who could not, from where. Owners see all of it, auditors what is about their hotels' staff."""

    empty_words = gettext_lazy("Every sign-in, every wrong password and every use of an access token appears here.")
    list_display = ("when", "what", "typed", "who", "address", "times")
    list_display_links = ("when",)
    list_filter = (("kind", ChoicesDropdownFilter), PersonFilter, ("at", DayFilter))
    search_fields = ("username", "token", "request_id")
    search_help_text = gettext_lazy("Name, beginning of a token or request id")
    fields = readonly_fields = ("when", "what", "typed", "who", "address", "browser", "times", "request_id")

    @display(description=gettext_lazy("What"), ordering="kind")
    def what(self, row: SignIn) -> SafeString:
        """Show what happened."""
        return pill(row.get_kind_display(), COLOURS.get(SignInKind(row.kind), QUIET))

    @display(description=gettext_lazy("Name or token"))
    def typed(self, row: SignIn) -> str:
        """Show the name as it was typed, or the beginning of the token."""
        return " · ".join(filter(None, (row.username, row.token))) or EMPTY
