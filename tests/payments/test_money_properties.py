"""Whatever people, Stripe, banks and networks do, in any order: the sums hold, and in the end both books agree.

A failure prints the steps that led to it. They are the same in each run; with `MONEY_EXAMPLES=1000` in the
environment there are as many other ones, drawn anew.
"""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final
from urllib.error import HTTPError

import pytest
import stripe
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bookings.models import Booking
from bookings.refusals import Refused
from cancellations import cancel, no_show
from payments import checkout, decisions, external, ledger, payouts, reconcile, reopen
from payments.gateway import Declined, OutcomeUnknown
from payments.models import ProcessingResult, StripeWebhookEvent
from payments.opening import open_operation
from tests.faults import worklist
from tests.faults.invariants import amounts_differ, unseen
from tests.faults.state import Truth
from tests.payments import moving
from tests.payments.event_table import lives
from tests.payments.event_table.stage import Json, Stage, newest
from tests.payments.one_booking import OneBooking
from tests.payments.too_much import too_much
from tests.stays import GOOD_CARD, REFUSED_CARD, by_guest, by_staff, fresh, guest_cancels, pay, submitted

pytestmark = pytest.mark.django_db

DRAWN_ANEW: Final = int(os.environ.get("MONEY_EXAMPLES", "0"))
EXAMPLES, STEPS = DRAWN_ANEW or 10, 20
HOUR: Final = 1 / 24
# After a pause the product asks Stripe again for what was refused; three times at most.
ROUNDS: Final = 5
PERCENT = st.integers(1, 100)
# Where staff see money that couldn't go back by itself.
SEEN_BY_STAFF: Final = {worklist.OWED, worklist.DISPUTES, worklist.DRIFT}
# What a person is told instead; nothing has moved then.
NOES: Final = (Refused, Declined, cancel.QuoteChanged, HTTPError)


class Money(OneBooking):
    """One booking, and everything that may happen to its money."""

    def __init__(self) -> None:
        super().__init__()
        self.stage.begin()
        self.told: set[str] = set()
        self.is_disputed = False
        self.undo = transaction.atomic()
        self.undo.__enter__()

    def teardown(self) -> None:
        """Settle everything and compare; then forget it all."""
        try:
            self.settle_everything()
            wrong = list(self.wrong_in_the_end())
            assert not wrong, "\n".join(wrong)
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    # ── The guest ──

    @initialize(
        mode=st.sampled_from(("request", "instant")),
        days=st.sampled_from((lives.FAR, lives.HALF_KEPT, 3)),
        answer=st.sampled_from(("ask", "cancel", "reopen")),
        start=st.sampled_from(("CONFIRMED", "CONFIRMED", "PENDING_APPROVAL", "")),
    )
    def begins(self, mode: str, days: int, answer: str, start: str) -> None:
        """A booking is submitted; then, mostly, paid and confirmed."""
        made = lives.draft(self.stage, "CONFIRMED", days=days, booking_mode=mode, external_refunds=answer)
        self.booking = submitted(made)
        if start:
            lives.led(self.stage, lives.paid(self.stage, self.booking), start)

    @property
    def now(self) -> Booking:
        """The booking as it is stored."""
        return fresh(self.booking)

    @precondition(lambda self: ledger.due(self.now))
    @rule(how=st.sampled_from((checkout.open_payment_page, checkout.retry_payment)))
    def asks_for_page(self, how: Callable[[Booking], Any]) -> None:
        """The guest presses "Pay", or tries again."""
        with by_guest(), suppress(*NOES):
            how(self.now)

    @precondition(lambda self: self.has_page())
    @rule(card=st.sampled_from((GOOD_CARD, GOOD_CARD, REFUSED_CARD)), returns=st.booleans())
    def pays(self, card: str, *, returns: bool) -> None:
        """The guest enters a card, and comes back to our page or closes it."""
        pay(self.stage.simulator, newest(self.booking), card)
        if returns:
            self.looks()

    @precondition(lambda self: self.has_page())
    @rule(what=st.sampled_from(("delayed", "settle")), status=st.sampled_from(("succeeded", "failed")))
    def pays_slowly(self, what: str, status: str) -> None:
        """The guest pays by a method that takes days; the bank says yes or no."""
        session = newest(self.booking).stripe_checkout_session_id
        with suppress(HTTPError):
            self.stage.simulator.control(f"pay/{session}/{what}", status=status)

    @precondition(lambda self: self.has_page())
    @rule()
    def looks(self) -> None:
        """Somebody opens the return page, which reads Stripe."""
        with suppress(Declined, OutcomeUnknown):
            lives.hear(newest(self.booking))

    @rule()
    def guest_cancels(self) -> None:
        """The guest cancels."""
        with suppress(*NOES):
            guest_cancels(self.now)

    # ── Staff ──

    @rule(what=st.sampled_from(("approve", "approve", "decline", "cancel", "reopen", "no show")))
    def staff_decide(self, what: str) -> None:
        """Staff press a button."""
        acts: dict[str, Callable[[], Any]] = {
            "approve": lambda: decisions.approve(self.now),
            "decline": lambda: decisions.decline(self.now, reason="Full."),
            "cancel": lambda: cancel.cancel_booking(self.now, reason="Full."),
            "reopen": lambda: reopen.reopen(self.now),
            "no show": lambda: no_show.mark_no_show(self.now),
        }
        self.by_staff(acts[what])

    @rule(nights=st.integers(1, 4), days=st.sampled_from((0, 0, 1, 20)))
    def staff_move(self, nights: int, days: int) -> None:
        """Staff move the booking: dearer, cheaper, or just to other days."""
        with suppress(*NOES):
            moving.move(self.now, nights=nights, days=days)

    @precondition(lambda self: ledger.resting_balance(self.now).left)
    @rule(percent=PERCENT)
    def staff_refund(self, percent: int) -> None:
        """Staff refund a part of what is left."""
        amount = part(ledger.resting_balance(self.now).left, percent)
        self.by_staff(lambda: decisions.refund(self.now, amount=amount, note="Noise."))

    @precondition(lambda self: ledger.resting_balance(self.now).left)
    @rule(percent=PERCENT)
    def staff_cancel_for_another_fee(self, percent: int) -> None:
        """Staff cancel, and keep less or more than the policy says."""
        fee = part(ledger.resting_balance(self.now).left, percent)
        self.by_staff(lambda: cancel.cancel_booking(self.now, reason="Agreed.", fee=fee))

    @precondition(lambda self: self.owed())
    @rule(what=st.sampled_from(("pay out", "send again", "send again", "write off")))
    def staff_settle_what_is_owed(self, what: str) -> None:
        """Staff pay out what could not be refunded, send it again, or write it off."""
        owed = self.owed()[0]
        acts: dict[str, Callable[[], Any]] = {
            "pay out": lambda: payouts.pay_out(owed, method="cash"),
            "send again": lambda: payouts.send_again(owed),
            "write off": lambda: payouts.write_off(owed, reason="The guest doesn't want it."),
        }
        self.by_staff(acts[what])

    @precondition(lambda self: self.refunds().filter(is_external=True, reviewed_at=None).exists())
    @rule(keeps=st.booleans())
    def staff_answer_external_refund(self, *, keeps: bool) -> None:
        """Staff say what becomes of a booking whose money was refunded at Stripe."""
        refund = self.refunds().filter(is_external=True, reviewed_at=None)[0]
        if keeps:
            self.by_staff(lambda: external.keep_booking(refund))
        else:
            self.by_staff(lambda: external.cancel_booking_too(refund, reason="Agreed."))

    # ── Stripe, banks, networks and time ──

    @precondition(lambda self: self.has_page())
    @rule(what=st.sampled_from(("refund", "capture", "cancel")), percent=PERCENT)
    def person_at_stripe(self, what: str, percent: int) -> None:
        """Somebody refunds, captures or releases in Stripe's Dashboard."""
        given = {} if what == "cancel" or percent > 50 else {"amount": part(34000, percent)}
        with suppress(HTTPError):
            self.stage.at_dashboard(newest(self.booking), what, **given)

    @precondition(lambda self: self.has_page())
    @rule(kind=st.sampled_from(("chargeback", "inquiry")))
    def bank_disputes(self, kind: str) -> None:
        """The guest's bank wants the money back, or asks."""
        with suppress(HTTPError):
            self.stage.at_dashboard(newest(self.booking), "dispute", kind=kind)
            self.is_disputed = True

    @precondition(lambda self: self.is_disputed)
    @rule(what=st.sampled_from(("review", "won", "lost", "warning_closed", "escalate")))
    def bank_decides(self, what: str) -> None:
        """The bank goes on with a dispute."""
        dispute = self.at_stripe("disputes")[0]["id"]
        with suppress(HTTPError):
            if what in ("review", "escalate"):
                self.stage.simulator.control(f"dashboard/disputes/{dispute}/{what}")
            else:
                self.stage.simulator.control(f"dashboard/disputes/{dispute}/close", status=what)

    @rule(mode=st.sampled_from(("pending", "pending_then_failed", "pending_then_succeeded", "requires_action")))
    def next_refund_is_slow(self, mode: str) -> None:
        """The next refund won't arrive at once."""
        self.stage.simulator.control("refund_outcome", mode=mode)

    @precondition(lambda self: self.refunds().filter(provider="stripe").exists())
    @rule(status=st.sampled_from(("succeeded", "failed", "canceled")), number=st.integers(0, 5))
    def bank_ends_refund(self, status: str, number: int) -> None:
        """A refund arrives, fails, or comes back."""
        refunds = self.at_stripe("refunds")
        with suppress(HTTPError):
            self.stage.simulator.control(f"refunds/{refunds[number % len(refunds)]['id']}/resolve", status=status)

    @rule(kind=st.sampled_from(("drop_before", "drop_after", "error_500", "error_500_after")))
    def answers_are_lost(self, kind: str) -> None:
        """The next wish gets no answer, nor do its repetitions; Stripe may have acted or not."""
        match = {"method": "POST", "path_regex": "^/v1/"}
        self.stage.simulator.control("faults", kind=kind, times=3, match=match)

    @rule(seed=st.integers(0, 9))
    def webhooks_arrive(self, seed: int) -> None:
        """Some of the events arrive, some twice, in any order."""
        dice = random.Random(seed)
        for event in dice.choices(self.events(), k=3) if self.events() else ():
            self.tell(event)
        self.stage.work()

    @rule()
    def janitor_comes(self) -> None:
        """The worker reconciles."""
        self.reconcile()

    @rule(days=st.sampled_from((HOUR, HOUR, 1, 3, 8)))
    def time_passes(self, days: float) -> None:
        """Hours or days pass, here and at Stripe."""
        self.stage.days_pass(days)

    # ── What has to hold ──

    @invariant()
    def quote_adds_up(self) -> None:
        """What would be kept, would go back, and is back or promised: that is what was taken."""
        if not hasattr(self, "booking"):
            return
        booking = self.now
        balance, shown = ledger.resting_balance(booking), cancel.quote(booking, at=timezone.now())
        assert shown.fee + shown.refund + balance.committed == balance.captured == shown.paid

    @invariant()
    def amounts_stay_within_each_other(self) -> None:
        """No more is back than was taken, and no more was taken than was held; nothing is promised twice."""
        for payment in self.payments():
            assert payment.amount_refunded <= payment.amount_captured <= payment.amount_authorized
            assert ledger.unpromised(payment) >= 0

    def settle_everything(self) -> None:
        """Let Stripe answer again, deliver every event, and let the worker take its turns."""
        self.stage.clear_faults()
        for _ in range(ROUNDS):
            for event in self.events():
                if event["id"] not in self.told:
                    self.tell(event)
            self.stage.days_pass(2 * HOUR)
            self.stage.work()
            self.reconcile()
            if not self.is_unsettled():
                return

    def is_unsettled(self) -> bool:
        """Whether the worker has anything left to do, or to hear."""
        return (
            open_operation(self.now) is not None
            or reconcile.strays().exists()
            or StripeWebhookEvent.objects.filter(processing_result=ProcessingResult.RECEIVED).exists()
            or any(event["id"] not in self.told for event in self.events())
        )

    def wrong_in_the_end(self) -> Iterator[str]:
        """Say where both books differ, and what is unsettled though nobody can see it."""
        booking, truth = self.now, Truth(tuple(self.stage.rows_of(self.booking)))
        payments = {payment.stripe_payment_intent_id: payment for payment in self.payments()}
        for row in truth.rows:
            yield from amounts_differ(payments.get(row["payment_intent"]), row)
        if waiting := open_operation(booking):
            yield f"{waiting} is open"
        failed = StripeWebhookEvent.objects.filter(processing_result=ProcessingResult.FAILED)
        yield from (f"{event}: {event.error_message}" for event in failed)
        shown = worklist.lists_with(booking, self.stage.owner)
        yield from unseen(booking, truth, shown)
        if not SEEN_BY_STAFF & set(shown):
            yield from (f"{each}, shown only on {shown}" for each in too_much(booking, truth))

    # ── Shortcuts ──

    def by_staff(self, act: Callable[[], Any]) -> None:
        """Act as staff; a no is an answer, too."""
        with by_staff(), suppress(*NOES):
            act()

    def reconcile(self) -> None:
        """Let the janitor come, a moment after everything."""
        reconcile.reconcile(timezone.now() + reconcile.GRACE)

    def tell(self, event: Json) -> None:
        """Deliver an event."""
        self.stage.deliver(event)
        self.told.add(event["id"])


def part(amount: int, percent: int) -> int:
    """Return a part of an amount, at least a cent."""
    return max(1, amount * percent // 100)


def test_money_adds_up_whatever_happens(stripe_simulator, monkeypatch):
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.001)
    Money.stage = Stage(stripe_simulator)
    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=not DRAWN_ANEW,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    with Money.stage.clock():
        run_state_machine_as_test(Money, settings=chosen)
