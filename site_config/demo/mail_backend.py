"""Mail that stays on this machine: one `.eml` file per message, which any mail program opens."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from email.policy import SMTP
from pathlib import Path
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class EmlFileBackend(BaseEmailBackend):
    """Stores messages in `folder`. Django's own file backend joins several in one file."""

    def __init__(self, *, folder: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.folder = Path(folder)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store each message and return how many were stored."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            self.store(message.message().as_bytes(policy=SMTP))
        return len(email_messages)

    def store(self, content: bytes) -> None:
        """Names sort by time. Renaming at the end keeps readers from seeing half a message."""
        moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        path = self.folder / f"{moment}-{secrets.token_hex(4)}.eml"
        half = path.with_suffix(".part")
        half.write_bytes(content)
        half.rename(path)
