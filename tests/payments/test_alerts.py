"""The owner is mailed what nobody may be looking at, each cause once, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from bookings import audit
from payments import alerts, chores, decisions, webhooks
from payments.catch_up import fetch_missed_events
from payments.models import Alert, Payment, StripeWebhookEvent
from tests.factories import HotelFactory, UserFactory
from tests.stays import by_staff, clock_at, confirmed, fresh, paid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("smtp_server", "stripe_simulator")]

NOON = datetime(2027, 3, 3, 12, tzinfo=UTC)
NIGHT = datetime(2027, 3, 3, 2, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def address(settings):
    settings.ALERTS_EMAIL = "owner@example.com"


@pytest.fixture
def nora():
    return UserFactory(username="nora", first_name="Nora", last_name="Byrne")


def told(smtp_server):
    """Subject and text of each mail, the oldest first."""
    return [(mail["Subject"], mail.get_content()) for mail in smtp_server.messages]


def hear_at_once():
    """Let Stripe's events arrive by themselves, as they do."""
    fetch_missed_events(timezone.now())
    while webhooks.process_due(timezone.now()):
        pass


def came_back(simulator):
    """A refund that the guest's bank returned."""
    simulator.control("refund_outcome", mode="succeeded_then_failed", times=1, failure_reason="lost_or_stolen_card")
    booking = confirmed(simulator)
    with by_staff():
        decisions.refund(booking, amount=5000, note="The heating broke")
    simulator.control("clock", advance=60)
    hear_at_once()
    return booking


def test_refund_that_came_back_is_told_once(stripe_simulator, smtp_server):
    booking = came_back(stripe_simulator)
    now = timezone.now()
    assert (alerts.tell(now), alerts.tell(now), alerts.tell(now + timedelta(hours=2))) == (1, 0, 0)
    ((subject, text),) = told(smtp_server)
    assert subject == f"Innkeep: A refund of {booking.booking_id} came back"
    assert "/admin/payments/refund/" in text
    assert booking.guest_name not in text
    assert smtp_server.messages[0]["To"] == "owner@example.com"


def test_every_new_cause_is_in_one_mail(stripe_simulator, smtp_server):
    for _ in range(2):
        came_back(stripe_simulator)
    assert alerts.tell(timezone.now()) == 2
    ((subject, text),) = told(smtp_server)
    assert subject.endswith("came back, and 1 more")
    assert text.count("came back. The hotel owes it now.") == 2


def test_cause_is_told_again_only_if_the_mail_did_not_leave(stripe_simulator, smtp_server, monkeypatch):
    came_back(stripe_simulator)
    with monkeypatch.context() as patch:
        patch.setattr(alerts, "send", lambda _findings: (_ for _ in ()).throw(ConnectionError()))
        with pytest.raises(ConnectionError):
            alerts.tell(timezone.now())
    assert Alert.objects.get().told_at is None
    assert (alerts.tell(timezone.now()), len(told(smtp_server)), Alert.objects.count()) == (1, 1, 1)


def test_without_an_address_nothing_is_looked_for(stripe_simulator, smtp_server, settings, django_assert_num_queries):
    came_back(stripe_simulator)
    settings.ALERTS_EMAIL = ""
    with django_assert_num_queries(0):
        assert alerts.tell(timezone.now()) == 0
    assert told(smtp_server) == []


def refunds(simulator, person, number, *, at):
    """So many refunds by one person at a moment."""
    booking = confirmed(simulator, booking=None)
    with clock_at(at), by_staff(person):
        for _ in range(number):
            decisions.refund(fresh(booking), amount=100, note="Breakfast")


def test_many_refunds_by_one_person_within_an_hour_are_told_once_a_day(stripe_simulator, smtp_server, nora):
    refunds(stripe_simulator, nora, alerts.MANY_REFUNDS, at=NOON)
    assert [len(list(alerts.many_refunds(NOON + timedelta(minutes=each)))) for each in (5, 59, 61)] == [1, 1, 0]
    first, second = (next(alerts.many_refunds(NOON + timedelta(minutes=each))) for each in (5, 10))
    assert first.cause == second.cause == f"many_refunds:{nora.pk}:2027-03-03"
    assert first.says == f"{nora} has begun 10 refunds within an hour."


def test_a_few_refunds_and_those_of_two_people_are_nothing(stripe_simulator, nora):
    refunds(stripe_simulator, nora, alerts.MANY_REFUNDS - 1, at=NOON)
    refunds(stripe_simulator, UserFactory(), 1, at=NOON)
    assert list(alerts.many_refunds(NOON + timedelta(minutes=5))) == []


@pytest.mark.parametrize(("at", "number"), [(NIGHT, 1), (NOON, 0), (NIGHT + timedelta(hours=2, minutes=30), 0)])
def test_refund_at_night_by_the_hotels_clock(stripe_simulator, nora, at, number):
    refunds(stripe_simulator, nora, 2, at=at)
    found = list(alerts.at_night(at + timedelta(hours=1)))
    assert len({each.cause for each in found}) == number
    assert all(each.says.startswith(f"{nora} began a refund at night, at 02:30") for each in found)


def test_settings_and_rights_changed_at_night_are_told_by_kind(nora):
    hotel, colleague = HotelFactory(time_zone="Europe/Dublin"), UserFactory()
    with clock_at(NIGHT), by_staff(nora), audit.change("settings"):
        hotel.save()
        colleague.save()
        nora.save()  # her own language
    assert sorted(each.cause for each in alerts.at_night(NIGHT + timedelta(hours=5))) == [
        f"at_night:{nora.pk}:changed a colleague's account:2027-03-03",
        f"at_night:{nora.pk}:changed a hotel's settings:2027-03-03",
    ]
    assert list(alerts.at_night(NIGHT + timedelta(days=1, minutes=1))) == []


def aged(hours):
    """Let all that Stripe told and all that moved be so many hours older."""
    by = timedelta(hours=hours)
    for event in StripeWebhookEvent.objects.all():
        StripeWebhookEvent.objects.filter(pk=event.pk).update(
            created=event.created - by, received_at=event.received_at - by
        )


def test_webhook_that_is_silent_while_payments_move_is_told_once(stripe_simulator, smtp_server):
    paid(stripe_simulator)
    hear_at_once()
    aged(7)
    assert list(alerts.silent_webhook(timezone.now())) == []  # the payment is of this minute
    later = timezone.now() + timedelta(minutes=20)
    assert (alerts.tell(later), alerts.tell(later + timedelta(minutes=5))) == (1, 0)
    ((subject, text),) = told(smtp_server)
    assert subject == "Innkeep: Stripe's webhook is silent"
    assert "/admin/bookings/hotel/connections/" in text


def test_events_that_had_to_be_fetched_do_not_break_the_silence(stripe_simulator):
    paid(stripe_simulator)
    hear_at_once()
    for event in StripeWebhookEvent.objects.all():
        StripeWebhookEvent.objects.filter(pk=event.pk).update(received_at=event.created + timedelta(minutes=14))
    (found,) = alerts.silent_webhook(timezone.now() + timedelta(minutes=20))
    assert found.cause == "webhook_silent:never"


def test_quiet_hotel_and_a_webhook_that_works_are_nothing(stripe_simulator):
    assert list(alerts.silent_webhook(timezone.now())) == []
    paid(stripe_simulator)
    hear_at_once()
    assert list(alerts.silent_webhook(timezone.now() + timedelta(hours=5))) == []
    Payment.objects.update(authorized_at=timezone.now() - timedelta(days=3))
    assert list(alerts.silent_webhook(timezone.now() + timedelta(days=2))) == []


def test_worker_looks_every_five_minutes(stripe_simulator, smtp_server, monkeypatch):
    monkeypatch.setattr(chores, "PLANS", tuple(plan for plan in chores.PLANS if plan.name == "alert"))
    came_back(stripe_simulator)
    now = timezone.now()
    done = [chores.do_due(now + timedelta(minutes=each)) for each in (0, 4, 5, 9, 10)]
    assert (done, len(told(smtp_server))) == ([0, 0, 1, 0, 1], 1)
