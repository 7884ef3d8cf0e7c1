"""Where every chain ends, signed and kept elsewhere: whoever cuts off or rewrites the end of a chain cannot follow.

One line of JSON for each day. The key is Ed25519: an auditor who was given the public key once can verify every line
and every export, and can sign none.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.mail import EmailMessage

from trail import canonical
from trail.models import Chain, SignedHeads

VERSION: Final = 1
# Chain → position → hash.
type Heads = dict[int, dict[int, str]]


class Forged(Exception):
    """A line that nobody of ours signed, or that is none of these lines."""


def publish(now: datetime) -> int:
    """Sign the ends of all chains and put them into the file, the mailbox and the table; return how many."""
    line = signed(now)
    if settings.AUDIT_HEADS_FILE:
        add_to_file(Path(settings.AUDIT_HEADS_FILE), line)
    if settings.AUDIT_HEADS_EMAIL:
        send(settings.AUDIT_HEADS_EMAIL, line, now)
    SignedHeads.objects.create(at=now, text=line)
    return len(json.loads(line)["heads"])


def signed(now: datetime) -> str:
    """Return the line of this moment (UTC)."""
    chains = Chain.objects.order_by("pk").values_list("pk", "length", "head")
    heads = [{"chain": key, "position": length, "hash": head} for key, length, head in chains]
    content = {"version": VERSION, "at": canonical.plain(now), "heads": heads, "key": public_key()}
    signature = private_key().sign(canonical.encoded(content)).hex()
    return canonical.encoded({**content, "signature": signature}).decode()


def private_key() -> Ed25519PrivateKey:
    """Return the key of this installation: its own, or one that is derived from the secret key."""
    seed = settings.AUDIT_SIGNING_KEY or hashlib.sha256(f"innkeep.heads:{settings.SECRET_KEY}".encode()).hexdigest()
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))


def public_key() -> str:
    """Return what auditors verify with, in hexadecimal."""
    return private_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def add_to_file(path: Path, line: str) -> None:
    """Add a line at the end of a file, and wait until it is on disk."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())


def send(address: str, line: str, now: datetime) -> None:
    """Mail a line to whoever keeps it outside of the hotel's machines."""
    subject = f"Innkeep: signed ends of the audit trail, {now:%Y-%m-%d}"
    EmailMessage(subject=subject, body=f"{line}\n", to=[address]).send()


def read(lines: Iterable[str], *, key: str | None = None) -> Heads:
    """Return what lines say of the chains. `key` is the public key to trust; without it, this installation's.

    Raises Forged for a line that is not signed with that key.
    """
    found: Heads = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            for head in content_of(line, number, key or public_key())["heads"]:
                found.setdefault(head["chain"], {})[head["position"]] = head["hash"]
    return found


def content_of(line: str, number: int, key: str) -> dict[str, Any]:
    """Return what one line says, once its signature has been verified."""
    try:
        content: dict[str, Any] = json.loads(line)
        signature = bytes.fromhex(content.pop("signature"))
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, canonical.encoded(content))
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature) as error:
        raise Forged(f"Line {number} is not signed with the key {key[:16]}…") from error
    return content
