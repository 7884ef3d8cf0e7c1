"""Everything that staff can do to a booking, one row each. The page, the dialogs and the checks read this table."""

from unfold.enums import ActionVariant

from bookings import lifecycle
from bookings.admin import dialogs, follow_up, money_dialogs, reasons
from bookings.admin.staff_actions import StaffAction
from cancellations import cancel
from payments import decisions

V = ActionVariant


ACTIONS = (
    StaffAction(
        name="submit",
        label="Submit",
        icon="send",
        variant=V.PRIMARY,
        permission="bookings.change_booking",
        form=dialogs.SubmitDialog,
        why_not=reasons.why_not_submit,
        run=lifecycle.submit,
        done="The booking is submitted. {next}",
    ),
    StaffAction(
        name="approve",
        label="Approve",
        icon="check_circle",
        variant=V.PRIMARY,
        permission="bookings.approve_booking",
        form=money_dialogs.ApproveDialog,
        why_not=reasons.why_not_approve,
        run=decisions.approve,
        done="The booking is confirmed{captured}. The guest gets a mail.",
    ),
    StaffAction(
        name="decline",
        label="Decline",
        icon="block",
        permission="bookings.approve_booking",
        form=money_dialogs.DeclineDialog,
        why_not=reasons.why_not_decline,
        run=decisions.decline,
        done="The booking is declined{released}. The guest gets a mail.",
    ),
    StaffAction(
        name="mark_paid",
        label="Mark as paid",
        icon="point_of_sale",
        variant=V.PRIMARY,
        permission="payments.mark_paid",
        form=money_dialogs.MarkPaidDialog,
        why_not=reasons.why_not_mark_paid,
        run=decisions.mark_paid,
        done="The booking is marked as paid.",
    ),
    StaffAction(
        name="complete",
        label="Complete",
        icon="task_alt",
        variant=V.PRIMARY,
        permission="bookings.change_booking",
        form=dialogs.CompleteDialog,
        why_not=reasons.why_not_complete,
        run=lifecycle.complete,
        done="The stay is completed.",
    ),
    StaffAction(
        name="pay_link",
        label="Send pay link again",
        icon="forward_to_inbox",
        permission="bookings.change_booking",
        form=dialogs.PayLinkDialog,
        why_not=reasons.why_not_pay_link,
        run=follow_up.send_pay_link,
        done="A fresh pay link is on its way to the guest.",
    ),
    StaffAction(
        name="reconcile",
        label="Ask Stripe now",
        icon="sync",
        variant=V.PRIMARY,
        permission="bookings.change_booking",
        form=dialogs.ReconcileDialog,
        why_not=reasons.why_not_reconcile,
        run=follow_up.reconcile_now,
        done="Stripe has answered. The booking shows the result.",
    ),
    StaffAction(
        name="refund",
        label="Refund",
        icon="currency_exchange",
        permission="payments.refund_payment",
        form=money_dialogs.RefundDialog,
        why_not=reasons.why_not_refund,
        run=decisions.refund,
        done="The refund of {amount} is on its way. Banks take 5 to 10 days to show it.",
    ),
    StaffAction(
        name="cancel",
        label="Cancel booking",
        icon="event_busy",
        variant=V.DANGER,
        permission="bookings.cancel_booking",
        form=money_dialogs.CancelDialog,
        why_not=reasons.why_not_cancel,
        run=cancel.cancel_booking,
        done="The booking is cancelled. {returned}",
    ),
    StaffAction(
        name="soft_delete",
        label="Delete",
        icon="delete",
        permission="bookings.soft_delete_booking",
        form=dialogs.DeleteDialog,
        why_not=reasons.why_not_delete,
        run=decisions.soft_delete,
        done="The booking is deleted. Managers can restore it.",
    ),
    StaffAction(
        name="restore",
        label="Restore",
        icon="restore_from_trash",
        variant=V.PRIMARY,
        permission="bookings.soft_delete_booking",
        form=dialogs.RestoreDialog,
        why_not=reasons.why_not_restore,
        run=lifecycle.restore,
        done="The booking is restored.",
    ),
)
