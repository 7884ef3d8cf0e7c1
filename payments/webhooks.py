"""Stripe's webhooks: verify, store, answer; understand later, in the worker.

Events are hints. The handler re-reads the object at Stripe and settles what it finds, so that neither the order
nor the number of deliveries matters.
"""

import hashlib
import threading
import traceback
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from bookings import audit, side_by_side
from payments import gateway, operations, stripe_log
from payments.event_check import check_event
from payments.gateway import Declined, OutcomeUnknown
from payments.models import Payment, PaymentOperation, ProcessingResult, StripeWebhookEvent
from payments.pace import Pacer, keeping, paced
from payments.payloads import masked

logger = structlog.get_logger(__name__)

MAX_ATTEMPTS: Final = 8
BATCH: Final = 100
# Stripe's answers are what events wait for. With fewer events one thread is enough.
THREADS: Final = 8
FEWEST: Final = 20
CLAIM: Final = timedelta(minutes=2)
# Digits of a primary key.
LONGEST_KEY: Final = 19

# Which field of the event's object names the payment; every event of a kind is handled in the same way.
BY_SESSION, BY_INTENT = "session", "intent"
HANDLED: Final[Mapping[str, str]] = {
    "checkout.session.completed": BY_SESSION,
    "checkout.session.async_payment_succeeded": BY_SESSION,
    "checkout.session.async_payment_failed": BY_SESSION,
    "checkout.session.expired": BY_SESSION,
    "payment_intent.succeeded": BY_INTENT,
    "payment_intent.amount_capturable_updated": BY_INTENT,
    "payment_intent.payment_failed": BY_INTENT,
    "payment_intent.canceled": BY_INTENT,
    "charge.refunded": BY_INTENT,
    "charge.captured": BY_INTENT,
    "charge.expired": BY_INTENT,
    "charge.refund.updated": BY_INTENT,
    "refund.created": BY_INTENT,
    "refund.updated": BY_INTENT,
    "refund.failed": BY_INTENT,
    "charge.dispute.created": BY_INTENT,
    "charge.dispute.updated": BY_INTENT,
    "charge.dispute.closed": BY_INTENT,
    "charge.dispute.funds_withdrawn": BY_INTENT,
    "charge.dispute.funds_reinstated": BY_INTENT,
}


def receive(body: bytes, header: str) -> None:
    """Verify and store one delivery; raises BadSignature. A repeated event only counts its delivery."""
    event = check_event(gateway.verified(body, header))
    store(event, hashlib.sha256(body).hexdigest())
    with audit.acting_as(audit.ActorKind.STRIPE):
        logger.info("webhook.received", event_id=event["id"], type=event["type"])


def store(event: Mapping[str, Any], payload_hash: str) -> None:
    """Insert an event that is new, or count its delivery."""
    now = timezone.now()
    row = StripeWebhookEvent(
        event_id=event["id"],
        event_type=event["type"],
        created=datetime.fromtimestamp(event["created"], tz=UTC),
        payload=event,
        payload_hash=payload_hash,
        received_at=now,
        next_at=now,
    )
    insert_or_count(row)


def insert_or_count(row: StripeWebhookEvent) -> None:
    """Insert an event, or count the delivery of one that is stored: one statement, so nothing can come between.

    The ORM has no such statement; `bulk_create` and an update take four, and this is the address that Stripe may
    call hundreds of times a second. History begins when the event is processed.
    """
    meta = StripeWebhookEvent._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table, marks = connection.ops.quote_name(meta.db_table), ", ".join(["%s"] * len(fields))
    statement = (
        f"INSERT INTO {table} ({columns}) VALUES ({marks}) "  # noqa: S608  (names from the model, values apart)
        f"ON CONFLICT (event_id) DO UPDATE SET deliveries = {table}.deliveries + 1"
    )
    with connection.cursor() as cursor:
        values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
        cursor.execute(statement, values)


def process_due(now: datetime) -> int:
    """Process the events that wait; return how many were taken."""
    waiting = StripeWebhookEvent.objects.filter(
        processing_result=ProcessingResult.RECEIVED, next_at__lte=now
    ).order_by("next_at", "id")
    turn = Turn(waiting[:BATCH], now)
    # SQLite has one writer, and a few events are not worth threads with connections of their own.
    if len(turn.events) < FEWEST or connection.vendor == "sqlite":
        turn.work()
    else:
        pacer = Pacer()
        side_by_side.in_threads(THREADS, lambda: turn.work_at(pacer))
    return turn.taken


class Turn:
    """Events that waited together, handed out one by one to however many threads.

    All of them were here before the first was taken up, so that one look at Stripe is news enough for every event
    about the same payment.
    """

    def __init__(self, waiting: Iterable[StripeWebhookEvent], now: datetime) -> None:
        self.events, self.now = list(waiting), now
        self.paced = paced(self.events)
        self.lock = threading.Lock()
        self.looked_up: set[tuple[int, str | None]] = set()
        self.taken = 0

    def next(self) -> StripeWebhookEvent | None:
        """Return an event that no other thread got; None when all are handed out, or the turn is over."""
        with self.lock:
            return next(self.paced, None)

    def work_at(self, pacer: Pacer) -> None:
        """Process events, in all of the threads no faster than Stripe likes."""
        with keeping(pacer):
            self.work()

    def work(self) -> None:
        """Process events until none is left."""
        while (event := self.next()) is not None:
            taken = process(event, self)
            with self.lock:
                self.taken += taken

    def refresh(self, payment: Payment) -> None:
        """Re-read a payment at Stripe and settle what it says, unless that was done in this turn."""
        seen = (payment.pk, payment.stripe_checkout_session_id or payment.stripe_payment_intent_id)
        if seen not in self.looked_up:
            operations.refresh(payment)
            self.looked_up.add(seen)


def process(event: StripeWebhookEvent, turn: Turn) -> bool:
    """Process one event unless another worker has it."""
    now = turn.now
    # Claimed by a counted update: if it is not 1, another worker got there. A worker that is killed here
    # leaves the row due again after the claim.
    claim = StripeWebhookEvent.objects.filter(
        pk=event.pk, processing_result=ProcessingResult.RECEIVED, next_at=event.next_at
    )
    if claim.update(next_at=now + CLAIM, attempts=F("attempts") + 1) != 1:
        return False
    event.refresh_from_db()
    with audit.acting(audit.Actor(kind=audit.ActorKind.STRIPE, request_id=request_id_of(event))):
        try:
            event.processing_result = handle(event, turn)
            event.error_message = ""
        except (OutcomeUnknown, Declined) as error:
            postpone(event, now, str(error))
        except Exception:  # an event that we cannot handle goes onto the worklist with its traceback
            logger.exception("webhook.broken", event_id=event.event_id, type=event.event_type)
            postpone(event, now, traceback.format_exc())
        finish(event)
    return True


def request_id_of(event: StripeWebhookEvent) -> str:
    """Return the id of the request in which we asked Stripe for what an event tells of; a fresh one for all others.

    Stripe names the call that caused an event (docs.stripe.com/api/events/object, `request`).
    """
    cause = event.payload.get("request")
    key = cause.get("idempotency_key") if isinstance(cause, Mapping) else None
    if not isinstance(key, str):
        return audit.new_request_id()
    stripe_log.note(key, str(cause.get("id") or ""))
    actor = PaymentOperation.objects.filter(idempotency_key=key).values_list("details__actor", flat=True).first()
    return (actor or {}).get("request_id") or audit.new_request_id()


def handle(event: StripeWebhookEvent, turn: Turn) -> str:
    """Find the payment that an event is about, re-read it at Stripe and settle it."""
    found_by = HANDLED.get(event.event_type)
    if found_by is None:
        return ProcessingResult.IGNORED
    thing = event.payload["data"]["object"]
    payment = by_session(thing) if found_by == BY_SESSION else by_intent(thing)
    if payment is None:
        return ProcessingResult.IGNORED
    event.payment, event.booking = payment, payment.booking
    turn.refresh(payment)
    return ProcessingResult.PROCESSED


def by_session(session: Mapping[str, Any]) -> Payment | None:
    """Find the payment of a Checkout Session, by its id or by what we asked Stripe to remember."""
    rows = Payment.objects.select_related("booking")
    return rows.filter(stripe_checkout_session_id=session.get("id")).first() or adopt(
        session, session_id=str(session.get("id"))
    )


def by_intent(thing: Mapping[str, Any]) -> Payment | None:
    """Find the payment of an intent, a charge, a refund or a dispute."""
    is_intent = thing.get("object") == "payment_intent"
    intent_id = thing.get("id") if is_intent else thing.get("payment_intent")
    if not isinstance(intent_id, str):
        return None
    rows = Payment.objects.select_related("booking")
    found = rows.filter(stripe_payment_intent_id=intent_id).first()
    return found or adopt(thing, intent_id=intent_id)


def adopt(thing: Mapping[str, Any], *, session_id: str | None = None, intent_id: str | None = None) -> Payment | None:
    """Find a payment whose ids at Stripe we have not seen yet, by its metadata; the ids come with the re-read.

    The row is returned unsaved with the id, so that the snapshot is read for exactly the event's object.
    """
    metadata = thing.get("metadata") or {}
    key, reference = str(metadata.get("payment", "")), str(metadata.get("booking", ""))
    if not key.isdecimal() or len(key) > LONGEST_KEY:
        return None
    payment = Payment.objects.select_related("booking").filter(pk=int(key)).first()
    if payment is None or payment.booking.booking_id != reference:
        return None
    if payment.stripe_checkout_session_id is None:
        payment.stripe_checkout_session_id = session_id
    if payment.stripe_checkout_session_id is None:
        payment.stripe_payment_intent_id = intent_id
    return payment


def postpone(event: StripeWebhookEvent, now: datetime, why: str) -> None:
    """Try again later, after 2, 4, 8 … seconds; after eight tries it is for a person to look at."""
    event.error_message = why
    event.next_at = now + timedelta(seconds=2**event.attempts)
    if event.attempts >= MAX_ATTEMPTS:
        event.processing_result = ProcessingResult.FAILED


def finish(event: StripeWebhookEvent) -> None:
    """Store what became of an event."""
    if event.processing_result in (ProcessingResult.PROCESSED, ProcessingResult.IGNORED):
        event.processed_at = timezone.now()
    # Not the whole row: deliveries are counted on, while an event is processed.
    fields = ["processing_result", "processed_at", "error_message", "next_at", "booking", "payment"]
    if is_about_nobody(event):
        event.payload = masked(event.payload)
        fields.append("payload")
    with transaction.atomic(), audit.change("process_event"):
        event.save(update_fields=fields)


def is_about_nobody(event: StripeWebhookEvent) -> bool:
    """Whether no person has to be known from an event: it asks for nothing here, or the guest was erased."""
    is_ignored = event.processing_result == ProcessingResult.IGNORED
    return is_ignored or (event.booking is not None and event.booking.is_erased)


def replay(event: StripeWebhookEvent) -> StripeWebhookEvent:
    """Put an event back to be processed at once, with its tries counted afresh."""
    with transaction.atomic():
        event = StripeWebhookEvent.objects.select_for_update(of=("self",)).get(pk=event.pk)
        event.processing_result, event.attempts = ProcessingResult.RECEIVED, 0
        event.next_at, event.error_message = timezone.now(), ""
        with audit.change("replay_event"):
            event.save()
    return event
