"""The desk: who may open and do what. Written by hand; compare it with the roles, not with the code.

F front desk, M manager, A auditor, O owner. A dialog that is posted empty answers 200 with what is missing, or 302
where it asks for nothing: then it was done, or the reason why it cannot be done is shown on the next page.
"""

from typing import Final

from tests.matrix.desk_more import MORE
from tests.matrix.rule import NEVER, NOBODY, STAFF, Desk, Exactly, Row, action, model

B, R = "bookings/booking", "payments/refund"

SITE: Final[tuple[Row, ...]] = (
    ("admin/", Desk(post=STAFF)),
    ("admin/(?P<url>.*)$", Desk(on="nothing")),
    ("admin/^(?P<app_label>)/$", Desk(post=STAFF)),
    # Without saying what to complete there is nothing to answer; what is completed is among the probes.
    ("admin/autocomplete/", Desk(get=NOBODY, post=NEVER)),
    ("admin/jsi18n/", Desk(post=NEVER)),
    ("admin/search/", Desk(post=STAFF)),
    ("admin/login/", Exactly(get=(200, 200, 302, 302, 302, 302, 302), post=(200,) * 7)),
    ("admin/logout/", Exactly(get=(302, 302, 405, 405, 405, 405, 405), post=(302, 302, 200, 200, 200, 200, 200))),
    # Asked for by scripts, which cannot follow the way to the sign-in page. Without a channel nothing is signed.
    ("admin/live/", Exactly(get=(403, 403, 200, 200, 200, 200, 200), post=(405,) * 7)),
    ("admin/live/channel/", Exactly(get=(405,) * 7, post=(403, 403, 404, 404, 404, 404, 404))),
    ("admin/password_change/", Desk(post=STAFF)),
    ("admin/password_change/done/", Desk(post=NEVER)),
    ("admin/r/<path:content_type_id>/<path:object_id>/", Exactly(get=(404,) * 7, post=(404,) * 7)),
    ("admin/r/<path:rest>", Exactly(get=(404,) * 7, post=(404,) * 7)),
)

BOOKINGS: Final[tuple[Row, ...]] = (
    # A deleted booking has no form: saving it changes nothing and leads back.
    *model(B, "booking", add="FMO", change="FMO", saved_on_deleted=302),
    action(B, "booking", "submit", "FMO", 302),
    action(B, "booking", "approve", "FMO", 302),
    action(B, "booking", "decline", "FMO"),
    action(B, "booking", "mark-paid", "FMO"),
    action(B, "booking", "complete", "FMO", 302),
    action(B, "booking", "pay-link", "FMO", 302),
    action(B, "booking", "reopen", "FMO", 302),
    action(B, "booking", "reconcile", "FMO", 302),
    action(B, "booking", "refund", "MO"),
    action(B, "booking", "refund-by-hand", "MO"),
    action(B, "booking", "reschedule", "FMO"),
    action(B, "booking", "cancel", "FMO"),
    action(B, "booking", "fresh-link", "FMO", 302),
    action(B, "booking", "mark-no-show", "FMO", 302),
    action(B, "booking", "soft-delete", "MO"),
    action(B, "booking", "restore", "MO", 302),
    action(B, "booking", "anonymise", "MO"),
    action(B, "booking", "hard-delete", "O"),
    (f"admin/{B}/<path:object_id>/guest-data/", Desk(on="booking", get="MAO", got=405, post="MAO")),
    (f"admin/{B}/<path:object_id>/guest-view/", Desk(on="booking", post=NEVER)),
    (f"admin/{B}/calendar/", Desk(post=STAFF)),
    *model("bookings/message", "message", version=""),
    *model("bookings/removedbooking", "removed", read="MAO", version=""),
)

MONEY: Final[tuple[Row, ...]] = (
    *model("payments/payment", "payment"),
    action("payments/payment", "payment", "compare", "FMO", 302),
    action("payments/payment", "payment", "seen", "FMO", 302),
    *model("payments/paymentoperation", "operation"),
    *model(R, "refund"),
    action(R, "refund", "pay-out", "MO"),
    action(R, "refund", "send-again", "MO", 302),
    action(R, "refund", "write-off", "MO"),
    action(R, "refund", "keep", "MO", 302),
    action(R, "refund", "cancel-too", "FMO"),
    *model("payments/refundrequest", "refund_request"),
    action("payments/refundrequest", "refund_request", "approve", "MO", 302),
    action("payments/refundrequest", "refund_request", "reject", "MO"),
    # Whoever asked may take it back; the service refuses it to everybody else.
    action("payments/refundrequest", "refund_request", "withdraw", "FMO", 302),
    *model("payments/dispute", "dispute"),
    ("admin/payments/dispute/<path:object_id>/evidence/", Desk(on="dispute", get="MAO", got=405, post="MAO")),
    *model("payments/drift", "drift"),
    action("payments/drift", "drift", "heal", "MO", 302),
    action("payments/drift", "drift", "explain", "MO"),
    # What a currency is worth belongs to no hotel.
    *model("payments/exchangerate", "rate", add="MO", change="MO", delete="O", is_scoped=False),
    *model("payments/stripewebhookevent", "event", read="MAO"),
    action("payments/stripewebhookevent", "event", "replay", "MO", 302),
)

P = "cancellations/cancellationpolicy"
HOTEL: Final[tuple[Row, ...]] = (
    *model("bookings/hotel", "hotel", add="O", change="MO"),
    *model("bookings/roomtype", "room_type", add="MO", change="MO"),
    *model("bookings/room", "room", add="MO", change="MO"),
    *model(P, "policy", add="MO", change="MO"),
    (f"admin/{P}/examples/", Desk(get=NEVER, post="MO")),
    (f"admin/{P}/<int:pk>/examples/", Desk(on="policy", get=NEVER, post="MO")),
    *model("bookings/user", "user", read="AO", add="O", change="O"),
    ("admin/bookings/user/<id>/password/", Desk(on="user", get="O", post="O")),
)

ACCESS: Final[tuple[Row, ...]] = (
    # Everybody at the desk sets up their own sign-in. Who is signed in has given the code: 302 leads on.
    ("admin/sign-in/security/", Desk(post=STAFF)),
    ("admin/sign-in/code/", Exactly(get=(302,) * 7, post=(302,) * 7)),
    # People see their own tokens, auditors those of their hotels' staff; the rows here are a colleague's.
    *model("bookings/accesstoken", "token", add="FMO", sees="AO"),
    (
        "admin/bookings/accesstoken/<path:object_id>/revoke/",
        Desk(on="token", get="O", post="O", posted=302, sees="AO"),
    ),
    ("admin/bookings/user/<path:object_id>/reset-code/", Desk(on="user", get="O", post="O")),
    # Of the own hotels' staff; what nobody of the staff did is for owners.
    *model("bookings/signin", "record", read="AO", version=""),
    # Who is locked out belongs to no hotel.
    *model("axes/accessattempt", "attempt", read="O", version="", is_scoped=False, sees="O"),
    (
        "admin/axes/accessattempt/<path:object_id>/release/",
        Desk(on="attempt", get="O", post="O", is_scoped=False, sees="O"),
    ),
    *model("bookings/signinrelease", "release", read="O", version="", is_scoped=False, sees="O"),
)

DESK: Final[tuple[Row, ...]] = (*SITE, *BOOKINGS, *MONEY, *HOTEL, *ACCESS, *MORE)
