"""Why goals of speed are missed where they are: what takes the time, and what was tried. By goal, written by hand.

`docs/proof.md` prints a reason below its table only while the figures say that the goal is missed.
"""

from typing import Final

WHY: Final = {
    "accepted": (
        "the bare view writes two columns under one key and says nothing. Ours writes fifteen under five, checks "
        "the event's account, mode and kind, counts a repeated delivery in the same statement, and writes two lines "
        "of the log with the request's id. Deliveries pass no session, person or language any more: they have a "
        "door of their own right behind https."
    ),
    "accepted, peer": (
        "an event costs us a fifth of dj-stripe's processor time, and its sender takes its part of the same two "
        "cores. What the fifth is spent on is said above."
    ),
    "drained": (
        "an event only says where to look: each payment is read at Stripe again, and settled under its booking's "
        "lock with history and chain, so that any order of events ends alike. dj-stripe copies what it was sent and "
        "decides nothing. Events of one payment that waited together share one look; these are all of different "
        "ones. Nor could it be five times as fast: Stripe allows a hundred requests a second, and we take half."
    ),
    "drained, slow": (
        "eight threads look at Stripe side by side, so its slowness costs nothing any more; what is left is our own "
        "work for each event, see above."
    ),
    "delay": (
        "fifty events a second, all of different payments, are more than one worker settles on a core, so they "
        "begin to wait. Two workers share what waits."
    ),
    "suite": (
        "the tests take most of an hour of processor time on two cores: all that touches the database goes twice, on "
        "PostgreSQL and on SQLite, each with its own migrations, beside browsers, servers and a simulated Stripe."
    ),
    "own": (
        "an act is two transactions, since what Stripe will be asked is written down before it is asked; each is "
        "sealed in the hotel's chain, with a history row for each of six rows, and a mail goes with it. No part "
        "stands out: of a cancellation by staff the mail takes 22 %, history rows 13 %, the seal 13 %, and half "
        "of all is statements. What every decision reads is asked in known words, the payments now, too. The mail "
        "is not left to the worker, as it says what was true when it was decided."
    ),
    "bulk": (
        "on two cores the limit is our own CPU for each booking, and no longer Stripe's answer. What makes a "
        "single act cheaper makes the run quicker by as much; see there."
    ),
    "rivals": (
        "eight processes share two cores, so that each attempt waits for four times its own CPU: the goal leaves "
        "2.5 ms for it. It takes three times as much to lock and read the draft, look at the room and write the "
        "refusal in words. Whoever is too late for a room no longer waits for the lock on its type: that was half "
        "of it."
    ),
    "guest": (
        "the bare view reads five columns and fills in five. Our page reads link, booking, hotel, type, room, "
        "payments and the open operation by key, which in three prepared statements alone is about three times "
        "the bare view, and draws thirty translated sentences in the guest's language, another three times. "
        "Middleware and session cost next to nothing. Before, the same rows were asked for in seven statements "
        "that Django worked out anew each time, and a page took twice as long."
    ),
    "rooms": (
        "a month of 2,000 rooms is 27,000 stays, which the database counts from one index without reading a row; "
        "that is 9 ms of its CPU and 6 ms of ours, so that only a busy machine takes longer."
    ),
}
