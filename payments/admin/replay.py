"""The one action on a webhook event: process it again."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin.dialog import StaffDialog
from bookings.admin.staff_actions import StaffAction
from bookings.lifecycle import Outcome
from bookings.outcome import RowOutcome
from payments import webhooks
from payments.models import ProcessingResult, StripeWebhookEvent


class ReplayDialog(StaffDialog):
    """Put an event back into the queue."""

    intro = gettext_lazy(
        "The worker looks at the event again and re-reads its payment at Stripe. This never pays twice."
    )
    button = gettext_lazy("Replay the event")


def why_not_replay(event: StripeWebhookEvent) -> str:
    """An event that waits already is not put back."""
    waits = event.processing_result == ProcessingResult.RECEIVED
    return _("This event is waiting to be processed already.") if waits else ""


def replay(event: StripeWebhookEvent) -> RowOutcome:
    """Put an event back to be processed at once."""
    if why_not_replay(event):
        return RowOutcome(Outcome.ALREADY, why_not_replay(event))
    webhooks.replay(event)
    return RowOutcome()


REPLAY = StaffAction(
    name="replay",
    label=gettext_lazy("Replay"),
    icon="replay",
    permission="payments.replay_webhook",
    form=ReplayDialog,
    why_not=why_not_replay,
    run=replay,
    done=gettext_lazy("The event will be processed again within seconds."),
)
