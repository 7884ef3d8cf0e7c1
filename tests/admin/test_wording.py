"""The words of mails at the desk: who may read and write them, previews, the way back, the history."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import Message, Wording
from tests.admin.conftest import House
from tests.admin.pages import listing, said, text
from tests.trail.recorded import recorded

TYPED = {"opening": "Hello {guest_name},\r\n\r\nsee you.", "closing": "Bye", "seen": "0"}
PAGES = ("edit", "preview", "default", "history")


def address(house: House, name: str = "edit", kind: str = "approved", language: str = "en") -> str:
    return reverse(f"admin:bookings_wording_{name}", args=[house.hotel.pk, kind, language])


def stored() -> list[tuple[str, str, str, str]]:
    return list(Wording.objects.values_list("kind", "language", "opening", "closing"))


def errors(answer) -> dict[str, list[str]]:
    return dict(answer.context["form"].errors)


def seen() -> str:
    return str(Wording.history.latest("history_id").history_id)


def test_a_manager_writes_own_words(own: House, manager: Client) -> None:
    answer = manager.post(address(own), TYPED)
    assert (answer.status_code, answer["Location"]) == (302, address(own))
    assert said(answer) == [("success", "Saved. Mails that are written from now on have these words.")]
    assert stored() == [("approved", "en", "Hello {guest_name},\n\nsee you.", "Bye")]
    record = Wording.history.get()
    assert (record.transition, record.actor_kind, record.hotel) == ("reword", "staff", own.hotel)
    assert record.history_user.groups.get().name == "Manager"
    assert Message.objects.count() == 0


def test_the_editor_begins_with_the_default_text_of_its_language(own: House, manager: Client) -> None:
    form = manager.get(address(own, kind="declined", language="de")).context["form"]
    assert (
        form["opening"].value()
        == "Guten Tag {guest_name},\n\nEs tut uns leid: {hotel} kann Ihre Buchung nicht annehmen."
    )
    assert form["closing"].value().startswith("Wenn Sie andere Daten oder ein anderes Zimmer möchten")


def test_saving_the_default_text_stores_nothing(own: House, manager: Client) -> None:
    form = manager.get(address(own)).context["form"]
    typed = {name: form[name].value() for name in ("opening", "closing", "seen")}
    answer = manager.post(address(own), typed)
    assert said(answer) == [("info", "This is the default text. There was nothing to save.")]
    assert stored() == []


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"opening": " \n "}, "opening", "This field is required."),
        ({"opening": "{name}"}, "opening", "There is no placeholder {name} here."),
        ({"closing": "}"}, "closing", "A brace stands alone."),
        ({"opening": "x" * 3001}, "opening", "at most 3000 characters"),
        ({"opening": "{refund}"}, "opening", "There is no placeholder {refund} here."),
    ],
)
def test_what_could_not_be_sent_is_refused_and_stays_on_the_page(own, manager, typed, field, words) -> None:
    answer = manager.post(address(own), {**TYPED, **typed})
    assert answer.status_code == 200
    assert words in errors(answer)[field][0]
    assert answer.context["form"][field].value() == typed[field]
    assert (stored(), Wording.history.count()) == ([], 0)


def test_a_preview_shows_what_is_typed_and_stores_nothing(own: House, manager: Client) -> None:
    typed = {**TYPED, "opening": "Hello {guest_name} & <script>alert(1)</script> {nobody}"}
    for answer in (
        manager.post(address(own, "preview"), typed),
        manager.post(address(own), {**typed, "_preview": "1"}),
    ):
        shown = answer.context["shown"]
        assert "Hello Kim Example & <script>alert(1)</script> {nobody}" in shown.text
        assert "Hello Kim Example &amp; &lt;script&gt;" in shown.html
        # The mail is an attribute of a frame that runs no scripts, so it is escaped once more.
        assert "&lt;p style=" in text(answer)
        assert "<script>alert" not in text(answer)
        assert 'sandbox srcdoc="' in text(answer)
        assert "There is no placeholder {nobody} here." in text(answer)
    assert (stored(), Wording.history.count(), Message.objects.count()) == ([], 0, 0)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_mail_can_be_previewed(own: House, manager: Client, language: str) -> None:
    for row in manager.get(listing(Wording)).context["rows"]:
        (slot,) = (slot for slot, _name, _is_own in row["languages"] if slot.language == language)
        shown = manager.get(slot.page()).context["shown"]
        assert own.hotel.name in shown.text
        assert "EXAMPLE234" in shown.html
        assert "{" not in shown.text
        assert ("Guten Tag Kim Example," if language == "de" else "Dear Kim Example,") in shown.html


def test_the_default_text_comes_back_and_the_history_keeps_the_words(own: House, manager: Client) -> None:
    manager.post(address(own), TYPED)
    asked = manager.get(address(own, "default"))
    assert "see you." in text(asked)
    assert stored() != []
    answer = manager.post(address(own, "default"), {"seen": seen()})
    assert said(answer)[-1] == ("success", "Guests read the default text again.")
    assert stored() == []
    manager.post(address(own), {**TYPED, "opening": "Again " + "x" * 400, "seen": seen()})
    rows = manager.get(address(own, "history")).context["rows"]
    assert [row.what for row in rows] == ["Reword", "Back to default", "Reword"]
    assert ["see you." in str(row.changes) for row in rows] == [False, False, True]
    # Whole, however long it is.
    assert "x" * 400 in str(rows[0].changes)


def test_two_managers_do_not_overwrite_each_other(own: House, staff: Callable[[str], Client]) -> None:
    first, second = staff("Manager"), staff("Manager")
    first.post(address(own), TYPED)
    late = second.post(address(own), {**TYPED, "opening": "Mine"})
    assert late.context["form"].non_field_errors()[0].endswith("changed these words meanwhile. Nothing was saved.")
    assert late.context["form"]["opening"].value() == "Mine"
    gone = second.post(address(own, "default"), {"seen": "0"})
    assert said(gone)[0][0] == "error"
    assert stored() == [("approved", "en", "Hello {guest_name},\n\nsee you.", "Bye")]
    assert Wording.history.count() == 1


def test_saving_twice_is_harmless(own: House, manager: Client) -> None:
    manager.post(address(own), TYPED)
    manager.post(address(own), {**TYPED, "seen": seen()})
    assert Wording.history.count() == 1
    manager.post(address(own, "default"), {"seen": seen()})
    answer = manager.post(address(own, "default"), {"seen": seen()})
    assert said(answer)[-1] == ("error", "There are no own words here: guests read the default text.")
    assert Wording.history.count() == 2


@pytest.mark.parametrize("role", ["Front desk", "Auditor"])
def test_others_read_and_change_nothing(own: House, staff: Callable[[str], Client], role: str) -> None:
    client = staff(role)
    assert client.get(listing(Wording)).status_code == 200
    page = client.get(address(own))
    assert page.status_code == 200
    assert "We look forward to seeing you at {hotel}" in text(page)
    assert "<textarea" not in text(page)
    assert client.get(address(own, "history")).status_code == 200
    assert client.get(address(own, "default")).status_code == 403
    for name in ("edit", "preview", "default"):
        assert client.post(address(own, name), TYPED).status_code == 403
    assert stored() == []


def test_nobody_sees_another_hotel_s_words(own: House, foreign: House, staff: Callable[[str], Client]) -> None:
    Wording.objects.create(hotel=foreign.hotel, kind="approved", language="en", opening="SECRET")
    for role in ("Manager", "Auditor", "Front desk"):
        client = staff(role)
        for name in PAGES:
            assert client.get(address(foreign, name)).status_code in (404, 405)
            # Whatever the hotel, a page that only reads takes no POST.
        assert client.post(address(foreign, name), TYPED).status_code == (405 if name == "history" else 404)
        assert client.get(listing(Wording, f"?hotel={foreign.hotel.pk}")).status_code == 404
        assert "SECRET" not in text(client.get(listing(Wording)))
        assert foreign.hotel.name not in text(client.get(listing(Wording)))
    assert [own for _k, _l, own, _c in stored()] == ["SECRET"]
    assert staff("owner").get(address(foreign)).context["shown"].text.count("SECRET") == 1


@pytest.mark.parametrize(("kind", "language"), [("nothing", "en"), ("approved", "fr")])
def test_a_mail_or_language_that_there_is_not_is_404(own: House, manager: Client, kind: str, language: str) -> None:
    assert manager.get(address(own, kind=kind, language=language)).status_code == 404
    assert manager.post(address(own, kind=kind, language=language), TYPED).status_code == 404


def test_a_stranger_is_asked_to_sign_in_and_the_stock_pages_are_gone(own: House, manager: Client) -> None:
    assert Client().get(address(own)).status_code == 302
    assert Client().post(address(own), TYPED).status_code == 302
    assert manager.get(listing(Wording) + "add/").status_code == 404
    assert manager.post(listing(Wording)).status_code == 405
    assert stored() == []


def test_the_list_costs_the_same_with_and_without_own_words(own: House, manager: Client) -> None:
    manager.get(listing(Wording))
    counted = []
    for language in ("en", "de"):
        with CaptureQueriesContext(connection) as found:
            manager.get(listing(Wording))
        counted.append(len(found))
        for kind in ("approved", "declined", "expired"):
            Wording.objects.create(hotel=own.hotel, kind=kind, language=language, opening="x")
    assert counted[0] == counted[1]


def test_the_explorer_lists_words_though_they_have_no_page_of_a_row(own: House, manager: Client) -> None:
    manager.post(address(own), TYPED)
    recorded()
    answer = manager.get("/admin/trail/entry/", {"step": "reword"})
    assert answer.status_code == 200
    assert [line.link for line in answer.context["lines"]] == [""]
