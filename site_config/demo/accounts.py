"""Who can sign in to the demo. The seed creates these people; the start page names them."""

from dataclasses import dataclass

PASSWORD = "innkeep-demo"  # noqa: S105  (the demo's, and printed on its start page)


@dataclass(frozen=True, slots=True)
class Account:
    """One person of the demo."""

    username: str
    role: str


ACCOUNTS = (
    Account("frontdesk", "Front desk"),
    Account("manager", "Manager"),
    Account("auditor", "Auditor"),
    Account("owner", "Owner"),
)
