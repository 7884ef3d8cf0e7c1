"""Every goal that the project has set itself in numbers, and the parts that measure them. Declared by hand.

A figure names the goal that it belongs to by its key; a goal that no figure names stands as not measured. Of a goal
that has `tests`, a run of the tests is the measurement: none of those in the files named may fail.
"""

from dataclasses import dataclass
from typing import Final

FAULTS, SECURITY, MONEY, SPEED, ACCESS = "Faults", "Security", "Money code", "Speed", "Accessibility"


@dataclass(frozen=True)
class Goal:
    """One line of the table: what, how much, and the command that measures it, where there is one."""

    area: str
    key: str
    what: str
    limit: str
    command: str = ""
    tests: tuple[str, ...] = ()


# Each part's file below docs/proof/, and the command that measures it.
PARTS: Final = {
    "webhooks": "./run bench webhooks",
    "peer": "./run bench peer",
    "drain": "./run bench drain",
    "bulk": "./run bench bulk",
    "own": "./run bench own",
    "list": "./run bench list",
    "desk": "./run bench desk",
    "explorer": "./run bench explorer",
    "trail": "./run bench trail",
    "guest": "./run bench guest",
    "rooms": "./run bench rooms",
    "rivals": "./run bench rivals",
    "embedded": "./run bench embedded",
    "demo": "./run bench demo",
    "load": "./run bench load",
    "curves": "./run bench curves",
    "server": "./run bench server",
    "faults": "./run faults",
    "fuzz": "./run fuzz",
    "packages": "./run packages",
    "tests": "./run test",
    "check": "./run check",
    "coverage": "./run coverage",
    "mutants": "./run mutants",
}
ALL, ALL_FAULTS = PARTS["tests"], PARTS["faults"]
GUEST_IN_BROWSER: Final = "tests/browser/test_guest_pages.py"

GOALS: Final = (
    Goal(FAULTS, "kills", "Killed before and after every statement, commit and request", "0 wrong", ALL_FAULTS),
    Goal(
        FAULTS, "races", "Races over HTTP, at 2 and 8 people", "0 wrong", ALL_FAULTS, ("tests/faults/test_races.py",)
    ),
    Goal(
        FAULTS,
        "lost",
        "Stripe acted and its answer was lost, refused or malformed",
        "0 wrong",
        ALL_FAULTS,
        ("tests/faults/test_lost_answers.py",),
    ),
    Goal(
        FAULTS,
        "late",
        "Webhooks repeated, permuted and late",
        "0 wrong",
        ALL_FAULTS,
        ("tests/faults/test_late_webhooks.py",),
    ),
    Goal(
        FAULTS,
        "outage",
        "Database dropped, mail down, worker dead, disk full, SIGTERM under load",
        "0 wrong",
        ALL_FAULTS,
        ("tests/faults/test_outages.py",),
    ),
    Goal(
        FAULTS, "simulation", "Seeded simulation: people, Stripe, clock and faults", "50 seeds, 0 wrong", ALL_FAULTS
    ),
    Goal(FAULTS, "fuzz", "Bad inputs: webhooks, API, forms", "20,000, no 5xx, no write", PARTS["fuzz"]),
    Goal(FAULTS, "controls", "Negative controls: builds with a known mistake", "8 of 8 caught", ALL_FAULTS),
    Goal(SECURITY, "cells", "Permission matrix: address × role × object × method", "≥ 2,500 cells, 0 wrong", ALL),
    Goal(
        SECURITY,
        "same bytes",
        "Hit and miss answer with identical bytes and status",
        "0 tests fail",
        ALL,
        ("tests/guest/test_ask.py",),
    ),
    Goal(
        SECURITY,
        "canaries",
        "Secrets and personal data in no log",
        "0 tests fail",
        ALL,
        ("tests/site_config/test_canaries.py", "tests/api/test_secrets.py"),
    ),
    Goal(
        SECURITY,
        "tampering",
        "Rewritten history is found where it was rewritten",
        "0 tests fail",
        ALL,
        ("tests/trail/test_tampering.py", "tests/trail/test_proof.py", "tests/trail/test_heads.py"),
    ),
    Goal(
        SECURITY,
        "personal data",
        "Nothing of an erased guest is left in any table",
        "0 tests fail",
        ALL,
        ("tests/cancellations/test_erasure_proof.py", "tests/cancellations/test_personal_fields.py"),
    ),
    Goal(SECURITY, "settings", "`check --deploy`, rules of bandit and our own", "0 findings", PARTS["check"]),
    Goal(SECURITY, "packages", "Known weaknesses in pinned packages (pip-audit)", "0", PARTS["packages"]),
    Goal(MONEY, "branches", "Branches of the rule modules without a test", "0 without a reason", PARTS["coverage"]),
    Goal(MONEY, "coverage", "Lines covered over all", "≥ 95 %", PARTS["coverage"]),
    Goal(MONEY, "mutants", "Mutants of calculator, money and states killed", "≥ 95 %", PARTS["mutants"]),
    Goal(MONEY, "survivors", "Mutants that live and that nobody has explained", "0", PARTS["mutants"]),
    Goal(
        MONEY,
        "stripe's words",
        "The simulator's answers fit Stripe's schema, our requests the types of its library",
        "0 tests fail",
        ALL,
        ("tests/simulator/test_schema.py", "tests/payments/test_requests.py"),
    ),
    Goal(SPEED, "accepted", "Webhook accepted, events/s", "≥ 0.8 × a bare view with one insert", PARTS["webhooks"]),
    Goal(SPEED, "accepted, peer", "Webhook accepted, events/s", "≥ 6 × dj-stripe with a receiver", PARTS["peer"]),
    Goal(
        SPEED,
        "accepted, slow",
        "Webhook accepted while Stripe takes 100 ms, events/s",
        "≥ 50 × dj-stripe",
        PARTS["peer"],
    ),
    Goal(SPEED, "redelivery", "Rows that a redelivered webhook writes", "0", PARTS["webhooks"]),
    Goal(SPEED, "drained", "Full inbox to transitioned bookings, events/s", "≥ 5 × dj-stripe", PARTS["drain"]),
    Goal(SPEED, "drained, slow", "The same while Stripe takes 100 ms", "≥ 20 × dj-stripe", PARTS["drain"]),
    Goal(SPEED, "delay", "Webhook to transitioned booking, p95 at 50 a second", "≤ 1 s", PARTS["drain"]),
    Goal(SPEED, "pages", "Pages of the desk at 1,000,000 bookings, p95", "≤ 1.3 × at 1,000", PARTS["desk"]),
    Goal(SPEED, "queries", "Queries of these pages", "as many as at 1,000", PARTS["desk"]),
    Goal(SPEED, "list queries", "Queries of the list", "≤ 15", PARTS["desk"]),
    Goal(SPEED, "booking queries", "Queries of a booking's page", "≤ 30", PARTS["desk"]),
    Goal(SPEED, "explorer", "History explorer at 5,000,000 entries, p95", "≤ 1.3 × at 1,000", PARTS["explorer"]),
    Goal(SPEED, "search", "Search at 1,000,000 bookings, p95", "≤ 2 × at 1,000", PARTS["desk"]),
    Goal(SPEED, "list", "Booking list, processor time a page", "≤ 1.3 × stock Django's admin", PARTS["list"]),
    Goal(SPEED, "own", "Approve or cancel, our own time", "≤ 4 × one bare call and one commit", PARTS["own"]),
    Goal(SPEED, "bulk", "Bulk cancel of 500, Stripe at 100 ms", "≥ 6 × one by one", PARTS["bulk"]),
    Goal(SPEED, "rivals", "Refused double booking at 8 writers on one room, p95", "≤ 10 ms", PARTS["rivals"]),
    Goal(SPEED, "deadlocks", "Deadlocks among them", "0", PARTS["rivals"]),
    Goal(SPEED, "guest", "Guest page and cancel page", "≤ 2 × a bare Django template view", PARTS["guest"]),
    Goal(SPEED, "guest size", "All that such a page loads", "≤ 100 KB", PARTS["guest"]),
    Goal(SPEED, "rooms", "A month's availability, 2,000 rooms, 1,000,000 bookings", "≤ 30 ms", PARTS["rooms"]),
    Goal(SPEED, "rooms, queries", "Its queries", "≤ 3", PARTS["rooms"]),
    Goal(SPEED, "demo", "`./run demo`, second start", "≤ 5 s", PARTS["demo"]),
    Goal(SPEED, "suite", "`./run test`, whole", "≤ 10 min on 2 cores", ALL),
    Goal(SPEED, "embedded", "SQLite at 8 writers: locked, lost or wrong", "0", PARTS["embedded"]),
    Goal(SPEED, "load", "100 webhooks/s and 50 pages/s for 2 minutes: lost, or 5xx", "0", PARTS["load"]),
    Goal(SPEED, "chain", "Saves with the chain of hashes, saves/s", "≥ 0.4 × without it", PARTS["trail"]),
    Goal(SPEED, "curves", "Work per booking against size: growth by exponent", "≤ 0.1", PARTS["curves"]),
    Goal(ACCESS, "axe", "axe-core on guests' pages: serious or critical", "0 tests fail", ALL, (GUEST_IN_BROWSER,)),
    Goal(
        ACCESS,
        "keyboard",
        "Approve, refund, cancel by keyboard alone",
        "0 tests fail",
        ALL,
        ("tests/browser/jobs/test_jobs.py", "tests/browser/test_booking_page.py", GUEST_IN_BROWSER),
    ),
    Goal(
        ACCESS,
        "phone",
        "390 px and dark mode, and guests' pages without scripts",
        "0 tests fail",
        ALL,
        (GUEST_IN_BROWSER, "tests/browser/test_whole_life.py"),
    ),
)
BY_KEY: Final = {goal.key: goal for goal in GOALS}
