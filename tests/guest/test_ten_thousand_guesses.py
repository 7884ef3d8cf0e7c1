"""Somebody guesses ten thousand times, from many addresses; the true guest gets in all the same."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.models import Message
from cancellations import links, throttle
from cancellations.models import LinkRequest
from tests.guest.browser import link_of
from tests.stays import submitted

# One database is enough for so many.
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

GUESSES = 10_000
ADDRESSES = 200


def test_ten_thousand_guesses_get_nowhere_and_lock_nobody_out():
    booking = submitted()
    link = link_of(booking)
    attacker, answers = Client(), {303: 0, 429: 0}
    page = reverse("guest:ask")
    for number in range(GUESSES):
        guess = {"reference": booking.booking_id, "contact": f"guess{number}@guest.example"}
        answer = attacker.post(page, guess, REMOTE_ADDR=f"203.0.113.{number % ADDRESSES}")
        answers[answer.status_code] += 1
    assert answers == {303: throttle.TRIES_PER_REFERENCE, 429: GUESSES - throttle.TRIES_PER_REFERENCE}
    assert int(answer["Retry-After"]) > 0
    before = Message.objects.count()
    links.answer_requests(timezone.now())
    assert (LinkRequest.objects.count(), Message.objects.count()) == (throttle.TRIES_PER_REFERENCE, before)
    guest = Client()
    assert guest.get(link, REMOTE_ADDR="203.0.113.7", follow=True).status_code == 200
