"""The one action on a webhook event: process it again."""

from bookings.admin.dialog import StaffDialog
from bookings.admin.staff_actions import StaffAction
from bookings.lifecycle import Outcome
from payments import webhooks
from payments.models import ProcessingResult, StripeWebhookEvent


class ReplayDialog(StaffDialog):
    """Put an event back into the queue."""

    intro = "The worker looks at the event again and re-reads its payment at Stripe. This never pays twice."
    button = "Replay the event"


def why_not_replay(event: StripeWebhookEvent) -> str:
    """An event that waits already is not put back."""
    waits = event.processing_result == ProcessingResult.RECEIVED
    return "This event is waiting to be processed already." if waits else ""


def replay(event: StripeWebhookEvent) -> Outcome:
    """Put an event back to be processed at once."""
    if why_not_replay(event):
        return Outcome(event.booking, Outcome.ALREADY, why_not_replay(event))  # type: ignore[arg-type]
    webhooks.replay(event)
    return Outcome(event.booking)  # type: ignore[arg-type]


REPLAY = StaffAction(
    name="replay",
    label="Replay",
    icon="replay",
    permission="payments.replay_webhook",
    form=ReplayDialog,
    why_not=why_not_replay,
    run=replay,
    done="The event will be processed again within seconds.",
)
