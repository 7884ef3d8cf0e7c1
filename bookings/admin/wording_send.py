"""A sample of a mail, with the words that are being edited, to the person who edits them."""

from typing import Any, Final

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from bookings import outbox
from bookings.admin.connection_checks import Answer, too_many_tests
from bookings.admin.wording_sample import REFERENCE, preview
from bookings.admin.wording_slot import Slot
from bookings.admin.words import moment, name_of
from bookings.mail_kinds import KINDS
from bookings.models import MessageStatus, SampleMail, User

# In every language, so that nobody takes it for a guest's.
MARK: Final = "[Test] "
SHOWN: Final = 5


def send_to(person: User, slot: Slot, typed: tuple[str, str]) -> Answer:
    """Queue a sample with the typed words (opening, closing) to a person's own address; a few an hour."""
    if not person.email:
        return Answer(False, _("Your account has no e-mail address, so nothing was sent. An owner can add one."))
    if too_many := too_many_tests(person):
        return Answer(False, too_many)
    with transaction.atomic():
        outbox.queue_sample(sample_of(slot, typed, person))
    return Answer(
        True, _("A sample to %(to)s is on its way. What becomes of it stands below.") % {"to": person.email}
    )


def sample_of(slot: Slot, typed: tuple[str, str], person: User) -> SampleMail:
    """Return the mail, not stored yet. Its buttons lead to the site's own page."""
    shown = preview(slot.hotel, slot.kind, slot.language, now=timezone.now(), typed=typed, link=outbox.PERSONAL_LINK)
    with translation.override(slot.language):
        subject = MARK + KINDS[slot.kind].subject_of(REFERENCE)
    return SampleMail(
        hotel=slot.hotel,
        kind=slot.kind,
        language=slot.language,
        asked_by=person,
        to=person.email,
        subject=subject,
        text=shown.text,
        html=shown.html,
    )


def latest(slot: Slot) -> list[dict[str, Any]]:
    """Return the last samples of a mail: when, to whom, who wanted it, and what became of it. One query."""
    rows = SampleMail.objects.filter(hotel=slot.hotel, kind=slot.kind, language=slot.language)
    return [
        {"at": moment(slot.hotel, each.created_at), "to": each.to, "by": name_of(each.asked_by), "state": state(each)}
        for each in rows.select_related("asked_by", "hotel")[:SHOWN]
    ]


def state(sample: SampleMail) -> str:
    """Return in a sentence what became of a sample."""
    if sample.sent_at is not None:
        return _("The mail server took it at %(at)s.") % {"at": moment(sample.hotel, sample.sent_at)}
    values = {"error": sample.last_error, "at": moment(sample.hotel, sample.next_at)}
    if sample.status == MessageStatus.FAILED:
        return _("It did not leave. The mail server said: %(error)s") % values
    if sample.last_error:
        return _("It did not leave yet; the next try is at %(at)s. The mail server said: %(error)s") % values
    return _("It leaves within seconds.")
