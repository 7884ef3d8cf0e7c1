"""Deliveries that a receiver has to refuse, each wrong in one way."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from payments.simulator.forgeries import FORGERIES
from tests.simulator.world import SECRETS, Receiver, Simulator, eventually


class Mailbox(Receiver):
    """Takes everything, unread."""

    def __init__(self) -> None:
        super().__init__()
        self.raw: queue.Queue[tuple[str, str]] = queue.Queue()

    def take(self, payload: str, header: str) -> int:
        """Keep body and header."""
        self.raw.put((payload, header or ""))
        return 200


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A receiver that refuses nothing."""
    box = Mailbox()
    yield box
    box.close()


@pytest.fixture
def telling(tmp_path: Path, mailbox: Mailbox) -> Iterator[Simulator]:
    """A simulator that tells the mailbox."""
    simulator = Simulator(tmp_path / "state.sqlite3", webhook=mailbox.url)
    yield simulator
    simulator.stop()


def forged(simulator: Simulator, mailbox: Mailbox, how: str) -> tuple[str, str]:
    """Body and header of a forged delivery of a true event."""
    simulator.stripe.checkout.sessions.expire(simulator.checkout().id)
    mailbox.raw.get(timeout=8)
    event = simulator.stripe.events.list().data[0]
    simulator.control("POST", "deliveries/forge", {"event_id": event.id, "how": how})
    return mailbox.raw.get(timeout=8)


def is_signed(payload: str, header: str) -> bool:
    """Whether the library takes it as Stripe's."""
    try:
        return bool(stripe.WebhookSignature.verify_header(payload, header, SECRETS[0], tolerance=300))
    except stripe.SignatureVerificationError:
        return False


@pytest.mark.parametrize("how", ["wrong_secret", "unsigned", "stale", "tampered"])
def test_forgeries_are_no_signature_of_stripes(telling: Simulator, mailbox: Mailbox, how: str) -> None:
    assert not is_signed(*forged(telling, mailbox, how))


def test_future_signature_passes_the_librarys_own_check(telling: Simulator, mailbox: Mailbox) -> None:
    assert is_signed(*forged(telling, mailbox, "future"))


@pytest.mark.parametrize(
    ("how", "field", "value"), [("other_account", "account", "acct_1SomebodyElse00"), ("livemode", "livemode", True)]
)
def test_events_of_others_are_signed_rightly(
    telling: Simulator, mailbox: Mailbox, how: str, field: str, value: object
) -> None:
    payload, header = forged(telling, mailbox, how)
    assert (is_signed(payload, header), json.loads(payload)[field]) == (True, value)


@pytest.mark.parametrize(
    ("how", "body"), [("not_an_event", '{"id": "re_1", "object": "refund"}'), ("not_json", "not json")]
)
def test_other_bodies_are_signed_rightly(telling: Simulator, mailbox: Mailbox, how: str, body: str) -> None:
    payload, header = forged(telling, mailbox, how)
    assert (is_signed(payload, header), payload) == (True, body)


def test_large_event_is_larger_than_anyone_should_read(telling: Simulator, mailbox: Mailbox) -> None:
    assert len(forged(telling, mailbox, "too_large")[0]) > 256 * 1024


def test_forged_delivery_is_tried_once_and_is_no_delivery_of_the_event(told: Simulator, receiver: Receiver) -> None:
    told.stripe.checkout.sessions.expire(told.checkout().id)
    eventually(lambda: len(receiver.seen) == 1)
    event = receiver.seen[0].id
    receiver.delay = 0.5
    told.control("POST", "deliveries/forge", {"event_id": event, "how": "stale"})
    assert told.stripe.events.retrieve(event).pending_webhooks == 0
    eventually(lambda: told.control("GET", "deliveries")[-1]["state"] == "failed")
    row = told.control("GET", "deliveries")[-1]
    assert (row["forgery"], row["attempts"], row["answer"]) == ("stale", 1, 400)
    assert (len(receiver.seen), told.stripe.events.retrieve(event).pending_webhooks) == (1, 0)
    assert told.stripe.events.list({"delivery_success": False}).data == []


def test_unknown_forgery_is_refused(told: Simulator) -> None:
    told.stripe.checkout.sessions.expire(told.checkout().id)
    event = told.stripe.events.list().data[0].id
    assert told.refused("POST", "deliveries/forge", {"event_id": event, "how": "politely"}) == 400
    assert set(FORGERIES) == {
        "wrong_secret",
        "unsigned",
        "stale",
        "future",
        "tampered",
        "other_account",
        "livemode",
        "not_an_event",
        "not_json",
        "too_large",
    }
