"""The desk's addresses beside the rows: runs over many bookings, reports, files, words of mails, connections.

Who may open and do what, written by hand, in the letters of `desk_table`.
"""

from typing import Final

from tests.matrix.rule import NEVER, STAFF, Desk, Row, action, model
from tests.matrix.world import MANAGER

B, RUN = "admin/bookings/booking", "admin/bookings/bulkrun"

RUNS: Final[tuple[Row, ...]] = (
    *model("bookings/bulkrun", "run", change=NEVER),
    (f"{RUN}/<int:pk>/progress/", Desk(on="run", post=NEVER)),
    # The right is that of the action: these runs delete, which takes a manager.
    (f"{RUN}/<int:pk>/stop/", Desk(on="run", get=NEVER, post="MO", posted=302)),
    (f"{RUN}/<int:pk>/retry/", Desk(on="run", get=NEVER, post="MO")),
    # With a plan that was sealed for the person who sends it; without a reason the page comes back.
    (f"{RUN}/plan/", Desk(get=NEVER, post="MO")),
    (f"{RUN}/start/", Desk(get=NEVER, post="MO")),
)

# Reports are of hotels; who may not see any is told so whatever hotel is asked for.
REPORTS: Final[tuple[Row, ...]] = (
    (f"{B}/reports/<slug:report>/", Desk(on="hotel", get="MAO", post=NEVER, right_first=True)),
    (f"{B}/reports/<slug:report>/figure/", Desk(on="hotel", get="MAO", post=NEVER, right_first=True)),
    (
        f"{B}/reports/<slug:report>/export/",
        Desk(on="hotel", get="MAO", got=405, post="MAO", right_first=True),
    ),
)

FILES: Final[tuple[Row, ...]] = (
    (f"{B}/export/", Desk(get="MAO", got=405, post="MAO")),
    ("admin/payments/payment/export/", Desk(get="MAO", got=405, post="MAO")),
    ("admin/payments/refund/export/", Desk(get="MAO", got=405, post="MAO")),
    *model("bookings/exportrecord", "export", read="MAO"),
    *model("bookings/refusedattempt", "refused", read="MAO", version=""),
    (f"{B}/import/", Desk(get="MO", post="MO")),
    (f"{B}/import/template.csv", Desk(get="MO", post=NEVER)),
    # A file is its uploader's alone: here the own hotel's manager's, so that not even an owner finds it.
    (f"{B}/import/<int:pk>/", Desk(on="upload", get="MO", post=NEVER, mine=MANAGER, right_first=True)),
    (
        f"{B}/import/<int:pk>/confirm/",
        Desk(on="upload", get="MO", got=405, post="MO", posted=302, mine=MANAGER, right_first=True),
    ),
)

FORMS: Final[tuple[Row, ...]] = (
    (f"{B}/offers/", Desk(get=NEVER, post="FMO")),
    action("bookings/booking", "booking", "assign-room", "FMO"),
)

W = "admin/bookings/wording/"
WORDS_OF = f"{W}<int:hotel>/<slug:kind>/<slug:language>/"
WORDS: Final[tuple[Row, ...]] = (
    (W, Desk(post=NEVER)),
    (WORDS_OF, Desk(on="hotel", post="MO")),
    (f"{WORDS_OF}preview/", Desk(on="hotel", get=NEVER, post="MO")),
    (f"{WORDS_OF}default/", Desk(on="hotel", get="MO", post="MO", posted=302)),
    (f"{WORDS_OF}history/", Desk(on="hotel", post=NEVER)),
    # Which language somebody reads is nobody else's business.
    ("admin/language/", Desk(get=NEVER, post=STAFF, posted=303)),
)

C = "admin/bookings/hotel/connections/"
MAIL: Final[tuple[Row, ...]] = (
    action("bookings/message", "message", "resend", "FMO"),
    action("bookings/message", "message", "retry", "FMO", 302),
    action("bookings/message", "message", "handle", "FMO"),
    (C, Desk(post=NEVER)),
    (f"{C}stripe/", Desk(get="MO", got=405, post="MO", posted=302)),
    (f"{C}webhook/", Desk(get="MO", got=405, post="MO", posted=302)),
    (f"{C}mail/", Desk(get="MO", got=405, post="MO", posted=302)),
)

T = "admin/trail/entry/"
HISTORY: Final[tuple[Row, ...]] = (
    # Whoever answers for a hotel reads its history; nothing here takes a POST but the export.
    (T, Desk(get="MAO", post=NEVER)),
    (f"{T}<path:object_id>/change/", Desk(on="entry", get="MAO", post=NEVER, right_first=True)),
    (f"{T}as-it-was/<int:pk>/", Desk(on="booking", get="MAO", post=NEVER, right_first=True)),
    (f"{T}export/", Desk(get="MAO", got=405, post="MAO")),
    (f"{T}verifier/", Desk(get="MAO", post=NEVER)),
)

MORE: Final[tuple[Row, ...]] = (*RUNS, *REPORTS, *FILES, *FORMS, *WORDS, *MAIL, *HISTORY)
