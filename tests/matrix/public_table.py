"""The guests' pages, the API and Stripe's address: who is answered what. Written by hand."""

from typing import Final

from tests.matrix.rule import STAFF, Api, Exactly, Programs, Public, Row

LINK: Final = "booking/manage/"
DESK: Final = "api/staff/hotel/<slug>/room-bookings/"
MANAGE: Final = "api/booking/manage/"
API: Final = "api/public/hotel/<slug>/room-bookings/<booking_id>/"

# What names no booking gets the answer about one that is nobody's, in the order of the roles.
NAMES_NO_BOOKING: Final = Exactly(get=(405,) * 7, post=(401, 403, 404, 404, 404, 404, 404))

GUESTS: Final[tuple[Row, ...]] = (
    ("", Public(get=302, post=302, other=302)),
    ("favicon.ico", Public(get=302, post=302, other=302)),
    ("booking/", Public(get=200, post=400)),
    ("booking/sent/", Public(get=200)),
    ("booking/language/", Public(post=303)),
    # The same for every booking and for none.
    ("booking/cancel/<str:booking_id>/", Public(on="booking", get=200, post=400)),
    # Without a link these are 401, for staff as well: the desk has its own pages.
    (LINK, Public(get=401, guest={"GET": 200})),
    (f"{LINK}calendar/", Public(get=401, guest={"GET": 303})),
    (f"{LINK}cancel/", Public(get=401, post=401, guest={"GET": 200, "POST": 409})),
    (f"{LINK}pay/", Public(get=401, post=401, guest={"GET": 303, "POST": 409})),
    (f"{LINK}<str:key>/", Public(on="booking", get=302, deleted={"GET": 404})),
    ("booking/pay/return/", Public(get=200)),
    ("booking/pay/status/", Public(get=401, guest={"GET": 200})),
)

PROGRAMS: Final[tuple[Row, ...]] = (
    (API, Api(method="GET", guest=200, also={"POST": 200})),
    (f"{API}cancel/", Api(method="POST", guest=200)),
    # The booking is paid on arrival: 409 is the answer to those who are let in.
    (f"{API}payment/session/", Api(method="POST", guest=409, who="FMO", staff=409)),
    (f"{API}payment/retry/", Api(method="POST", guest=409, who="FMO", staff=409)),
    (f"{API}payment/status/", Api(method="GET", guest=200, who=STAFF, staff=200)),
    (f"{API}payment/verify/", Api(method="GET", guest=200, who="FMO", staff=200)),
    ("api/booking/client/<booking_id>/", Public(on="booking", get=202)),
    ("api/booking/client/<booking_id>/cancel/", Public(on="booking", post=422)),
    ("api/public/hotel/room-bookings/stripe-webhook/", Public(post=400)),
    # What older programs know; a body without a reference leads to a booking that nobody has.
    ("api/payments/create-session/", NAMES_NO_BOOKING),
    ("payments/checkout-session", NAMES_NO_BOOKING),
    (
        "api/payments/booking/<str:booking_id>/status/",
        Api(method="GET", guest=200, who=STAFF, staff=200),
    ),
    ("payments/<str:booking_id>/status", Api(method="GET", guest=200, who=STAFF, staff=200)),
    ("payments/<str:booking_id>/retry", Api(method="POST", guest=409, who="FMO", staff=409)),
    ("payments/<int:payment_id>/refund", Programs(on="payment", methods={"POST": ("MO", 422)})),
    ("api/payments/webhook/", Public(post=400)),
    ("webhooks/stripe", Public(post=400)),
    (DESK, Programs(on="hotel", methods={"GET": (STAFF, 200), "POST": ("FMO", 422)})),
    (f"{DESK}<booking_id>/", Programs(methods={"GET": (STAFF, 200)})),
    (f"{DESK}<booking_id>/approve/", Programs(methods={"POST": ("FMO", 200)}, deleted={"POST": 409})),
    (f"{DESK}<booking_id>/decline/", Programs(methods={"POST": ("FMO", 422)})),
    (f"{DESK}<booking_id>/cancel/", Programs(methods={"POST": ("FMO", 422)}, deleted={"POST": 409})),
    (f"{DESK}<booking_id>/refund/", Programs(methods={"POST": ("MO", 422)})),
    (f"{DESK}<booking_id>/mark-paid/", Programs(methods={"POST": ("FMO", 422)})),
    (f"{DESK}<booking_id>/soft-delete/", Programs(methods={"POST": ("MO", 422)}, deleted={"POST": 200})),
    (f"{DESK}<booking_id>/restore/", Programs(methods={"POST": ("MO", 200)})),
    (MANAGE, Programs(on="", methods={"GET": (STAFF, 200)})),
    (f"{MANAGE}<booking_id>/", Programs(methods={"GET": (STAFF, 200), "PATCH": (STAFF, 422), "DELETE": ("O", 422)})),
    # News of mails: whoever cannot sign them as the mail provider does is told nothing.
    ("webhooks/mail/<slug:provider>/", Public(post=403)),
    ("api/docs", Public(get=200, post=200, other=200)),
    ("api/openapi.json", Public(get=200, post=200, other=200)),
    ("api/", Public(get=404, post=404, other=404)),
    ("^api/", Public(get=404, post=404, other=404)),
)
