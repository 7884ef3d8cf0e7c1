"""Errors in words that help, without anything of ours in them."""

import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import Client

from cancellations import identity
from tests.guest.browser import text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (RuntimeError("secret of ours"), 500, "Something went wrong on our side"),
        (SuspiciousOperation("secret of ours"), 400, "We could not read that"),
        (PermissionError("secret of ours"), 500, "money never moves halfway"),
    ],
)
def test_an_error_shows_a_plain_page(monkeypatch, error, status, words):
    def fail(**_):
        raise error

    monkeypatch.setattr(identity, "ask_for_link", fail)
    browser = Client(raise_request_exception=False)
    answer = browser.post("/booking/", {"reference": "ABCDEFGH23", "contact": "a@b.example"})
    assert answer.status_code == status
    assert words in text_of(answer)
    assert "secret of ours" not in text_of(answer)


@pytest.mark.parametrize("address", ["/booking/%00/", "/booking/manage/%00/", "/booking/?x=%00"])
def test_a_nul_character_is_refused(address):
    assert Client().get(address).status_code == 400
