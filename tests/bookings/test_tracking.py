"""What became of a mail: told by its provider over HTTP, in any order, any number of times, by nobody else."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from bookings import outbox
from bookings.models import Message
from cancellations import cancel, erasure
from tests.bookings import provider
from tests.bookings.provider import Postmark, bounce, delivery, mailgun, post
from tests.factories import UserFactory
from tests.logged import logged
from tests.stays import by_staff, submitted

pytestmark = pytest.mark.django_db

UNKNOWN = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def postmark(settings: Settings) -> Iterator[Postmark]:
    """The product sends through a Postmark on this machine."""
    with provider.postmark() as running:
        settings.MAILERS = {"default": {"BACKEND": "anymail.backends.postmark.EmailBackend"}}
        settings.ANYMAIL = {
            "POSTMARK_SERVER_TOKEN": "token",
            "POSTMARK_API_URL": running.url,
            "WEBHOOK_SECRET": [provider.SECRET],
        }
        yield running


@pytest.fixture
def through_mailgun(settings: Settings) -> None:
    """The product sends through Mailgun."""
    settings.MAILERS = {"default": {"BACKEND": "anymail.backends.mailgun.EmailBackend"}}
    settings.ANYMAIL = {"MAILGUN_API_KEY": "k", "MAILGUN_WEBHOOK_SIGNING_KEY": provider.SIGNING_KEY}


@pytest.fixture
def site(live_server: Any) -> str:
    """The product behind a real socket."""
    return str(live_server.url)


def sent() -> Message:
    """A mail that has left."""
    submitted()
    assert outbox.deliver_due(timezone.now()) == 1
    return Message.objects.get()


def fresh() -> Message:
    """The mail as it is stored now."""
    return Message.objects.get()


def test_mail_is_known_by_the_provider_s_name_and_by_ours(postmark: Postmark) -> None:
    message = sent()
    assert (message.status, message.provider_id) == ("sent", "883953f4-6105-42a2-a16a-000000000001")
    assert postmark.sent[0]["Metadata"] == {"mail": f"innkeep-{message.pk}@localhost"}


@pytest.mark.django_db(transaction=True)
def test_delivered(postmark: Postmark, site: str) -> None:
    message = sent()
    with logged() as log:
        assert post("postmark", delivery(message.provider_id), site=site) == 200
    message = fresh()
    assert (message.status, message.delivered_at) == ("delivered", datetime(2026, 3, 3, 14, 5, 6, tzinfo=UTC))
    told = log.of("mail.delivered")[0]
    assert told["mail"] == message.pk


@pytest.mark.django_db(transaction=True)
def test_bounced_is_told_without_the_address(postmark: Postmark, site: str) -> None:
    message = sent()
    with logged() as log:
        assert post("postmark", bounce(message.provider_id), site=site) == 200
    message = fresh()
    assert (message.status, message.bounced_at) == ("bounced", datetime(2026, 3, 3, 15, 5, 6, tzinfo=UTC))
    assert message.last_error.startswith("bounced: The server was unable to deliver your message")
    assert message.last_error.endswith("smtp;550 5.1.1 The account of ada@guest.example does not exist.")
    assert message.is_unread
    assert log.of("mail.bounced")[0]["reason"] == "bounced"
    assert "ada@" not in log.text


def test_marked_as_spam(postmark: Postmark) -> None:
    message = sent()
    body = bounce(message.provider_id, kind="SpamComplaint", record="SpamComplaint")
    assert post("postmark", body) == 200
    assert (fresh().status, fresh().last_error[:5]) == ("complained", "spam:")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_news_in_any_order_and_twice_come_to_the_same(postmark: Postmark, order: tuple[int, ...]) -> None:
    name = sent().provider_id
    complaint = bounce(name, kind="SpamComplaint", record="SpamComplaint")
    news = [delivery(name), bounce(name), complaint]
    for number in (*order, *order):
        assert post("postmark", news[number]) == 200
    assert fresh().status == "complained"


def test_late_delivery_changes_nothing_of_a_bounce(postmark: Postmark) -> None:
    name = sent().provider_id
    post("postmark", bounce(name))
    before = Message.objects.values().get()
    assert post("postmark", delivery(name)) == 200
    assert Message.objects.values().get() == before


def test_news_that_are_quicker_than_our_own_note_find_the_mail_and_it_is_not_sent_twice(postmark: Postmark) -> None:
    submitted()
    message = fresh()
    assert post("postmark", delivery(UNKNOWN, mail=outbox.name_of(message))) == 200
    assert fresh().status == "delivered"
    assert (outbox.deliver_due(timezone.now()), postmark.sent) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_note_of_sending_does_not_lead_back_what_was_told_meanwhile(
    postmark: Postmark, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted()
    plain = Postmark.answer

    def told_at_once(self: Postmark, mail: dict[str, Any]) -> Any:
        answer = plain(self, mail)
        post("postmark", bounce(answer[1]["MessageID"], **mail["Metadata"]), site=site)
        return answer

    monkeypatch.setattr(Postmark, "answer", told_at_once)
    outbox.deliver_due(timezone.now())
    message = fresh()
    assert (message.status, message.provider_id[:8]) == ("bounced", "883953f4")
    assert message.last_error.startswith("bounced: ")


@pytest.mark.parametrize(
    "name", ["innkeep-1@other.example", "innkeep-@localhost", "innkeep-²@localhost", "1", "innkeep-999999@localhost"]
)
def test_news_of_mails_that_are_not_ours_are_taken_and_change_nothing(postmark: Postmark, name: str) -> None:
    sent()
    before = Message.objects.values().get()
    for body in (bounce(UNKNOWN, mail=name), {**bounce(UNKNOWN), "Metadata": ["x"]}, bounce("a\x00b")):
        assert post("postmark", body) in (200, 400)
    assert Message.objects.values().get() == before


@pytest.mark.parametrize("kind", ["Open", "Click", "SubscriptionChange"])
def test_reading_is_nobody_s_business(postmark: Postmark, kind: str) -> None:
    name = sent().provider_id
    body = {**delivery(name), "RecordType": kind, "ChangedAt": "2026-03-03T14:05:06Z"}
    assert (post("postmark", body), fresh().status) == (200, "sent")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("secret", ["", "postmark:wrong", "x"])
def test_unsigned_news_are_refused(postmark: Postmark, site: str, secret: str) -> None:
    name = sent().provider_id
    before = Message.objects.values().get()
    with logged() as log:
        assert post("postmark", bounce(name), secret=secret, site=site) == 403
    assert Message.objects.values().get() == before
    assert log.of("mail.webhook_refused")[0]["why"] == "AnymailWebhookValidationFailure"


def test_without_a_secret_nobody_is_believed(postmark: Postmark, settings: Settings) -> None:
    name = sent().provider_id
    settings.ANYMAIL = {name: value for name, value in settings.ANYMAIL.items() if name != "WEBHOOK_SECRET"}
    assert (post("postmark", bounce(name)), post("postmark", bounce(name), secret="")) == (403, 403)
    assert fresh().status == "sent"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[1]", b'"x"', b"\xff", b'{"RecordType": "Delivery", "Metadata": 1}']
)
def test_unreadable_news_are_refused(postmark: Postmark, body: bytes) -> None:
    sent()
    assert post("postmark", body) == 400
    assert fresh().status == "sent"


@pytest.mark.parametrize("other", ["mailgun", "smtp", "mandrill", "postmark2"])
def test_only_the_provider_that_sends_has_an_address(postmark: Postmark, other: str) -> None:
    assert post(other, {}) == 404


def test_a_plain_mail_server_tells_nothing() -> None:
    assert post("postmark", delivery("x")) == 404


@pytest.mark.django_db(transaction=True)
def test_mailgun_signs(through_mailgun: None, site: str) -> None:
    submitted()
    ours = outbox.name_of(fresh())
    assert post("mailgun", mailgun("failed", "x@y", mail=ours, key="key-of-somebody"), secret="", site=site) == 403
    assert fresh().status == "queued"
    assert post("mailgun", mailgun("delivered", "x@y", mail=ours), secret="", site=site) == 200
    assert fresh().status == "delivered"
    assert post("mailgun", mailgun("failed", "x@y", mail=ours), secret="", site=site) == 200
    assert (fresh().status, fresh().last_error) == ("bounced", "bounced: No such user: 5.1.1 no such user")
    assert post("mailgun", mailgun("complained", "x@y", mail=ours), secret="", site=site) == 200
    assert fresh().status == "complained"


def test_a_bounce_that_may_pass_is_still_on_its_way(through_mailgun: None) -> None:
    submitted()
    body = mailgun("failed", "x@y", mail=outbox.name_of(fresh()))
    body["event-data"]["severity"] = "temporary"
    assert (post("mailgun", body, secret=""), fresh().status) == (200, "queued")


def test_address_that_the_provider_refuses_for_good_is_not_tried_again(postmark: Postmark) -> None:
    submitted()
    postmark.refuses = True
    assert outbox.deliver_due(timezone.now()) == 0
    message = fresh()
    assert (message.status, message.attempts) == ("failed", 1)


def test_times_to_come_are_not_believed(postmark: Postmark) -> None:
    name = sent().provider_id
    post("postmark", {**delivery(name), "DeliveredAt": "2999-01-01T00:00:00Z"})
    delivered_at = fresh().delivered_at
    assert delivered_at is not None
    assert delivered_at <= timezone.now()


def test_late_bounce_brings_no_erased_guest_back(postmark: Postmark) -> None:
    name = sent().provider_id
    booking = fresh().booking
    with by_staff(UserFactory(role="owner")):
        cancel.cancel_booking(booking, reason="full")
        erasure.erase(booking, reason="asked")
    assert post("postmark", bounce(name)) == 200
    message = Message.objects.get(provider_id=name)
    assert (message.status, message.last_error, message.to) == ("bounced", "", "")
