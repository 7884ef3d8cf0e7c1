"""An export's proof is verified by a program of its own, which shares no line with the product."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from bookings.models import Booking
from tests.trail import scene
from trail import heads, proof
from trail.models import Entry, SignedHeads

VERIFIER = Path(settings.BASE_DIR) / "trail" / "verify_export.py"


def verified(found, folder, *more):
    """The verifier's exit code and what it says, in a process of its own without any of our packages."""
    file = folder / "proof.json"
    file.write_text(json.dumps(found), encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", VERIFIER, file, *more], capture_output=True, text=True, cwd=folder)
    return done.returncode, (done.stdout + done.stderr).strip()


def content(found, number=0):
    """What an entry that is shown whole says."""
    return entries(found, whole=True)[number]["content"]


def entries(found, *, whole):
    """The entries of the first chain that are shown whole, or those between."""
    return [each for each in found["chains"][0]["entries"] if ("content" in each) is whole]


def first_salted(found):
    """The first entry whose personal values are shown."""
    return next(each for each in entries(found, whole=True) if each["personal"])["personal"]


TAMPERED = {
    "value": lambda found: content(found)["row"].update(total_amount=1),
    "status": lambda found: content(found)["row"].update(status="CONFIRMED"),
    "added column": lambda found: content(found)["row"].update(extra=1),
    "removed column": lambda found: content(found)["row"].pop("status"),
    "moment": lambda found: content(found).update(at="2026-01-01T00:00:00.000000Z"),
    "person": lambda found: content(found).update(user_id=99),
    "transition": lambda found: content(found).update(transition="approve"),
    "reference": lambda found: content(found).update(reference="ABCDEFGHJK"),
    "kind": lambda found: content(found).update(kind="-"),
    "changed": lambda found: content(found, 1).update(changed=""),
    "request": lambda found: content(found).update(request_id="other"),
    "position": lambda found: content(found).update(position=99),
    "chain": lambda found: content(found).update(chain=99),
    "commitment": lambda found: content(found)["commitments"].update(guest_name="0" * 64),
    "name": lambda found: first_salted(found)["guest_name"].update(value="Somebody else"),
    "salt": lambda found: first_salted(found)["guest_name"].update(salt="00" * 16),
    "digest": lambda found: entries(found, whole=True)[0].update(digest="0" * 64),
    "hash": lambda found: entries(found, whole=True)[0].update(hash="0" * 64),
    "digest between": lambda found: entries(found, whole=False)[0].update(digest="0" * 64),
    "left out": lambda found: found["chains"][0]["entries"].pop(1),
    "left out between": lambda found: found["chains"][0]["entries"].remove(entries(found, whole=False)[0]),
    "swapped": lambda found: found["chains"][0]["entries"].insert(0, found["chains"][0]["entries"].pop(1)),
    "another beginning": lambda found: found["chains"][0].update(previous="0" * 64),
    "nothing": lambda found: found.update(chains=[]),
}


@pytest.fixture
def found(transactional_db):
    """The proof of a draft's history, closed up to a head that was signed after it."""
    one, _other = scene.written()
    draft = Booking.objects.get(hotel=one, status="DRAFT")
    SignedHeads.objects.create(at=timezone.now(), text=heads.signed(timezone.now()))
    return proof.proof_of(Entry.objects.filter(model="bookings.booking", object_id=draft.pk))


def test_good_proof_is_verified_and_every_tampering_is_found(found, tmp_path):
    head = max(json.loads(found["heads"][0])["heads"], key=lambda each: each["chain"] == found["chains"][0]["chain"])
    number = len(found["chains"][0]["entries"])
    assert verified(found, tmp_path, head["hash"]) == (
        0,
        f"{number} entries follow from each other; nothing was changed.",
    )
    assert len(entries(found, whole=True)) == 4
    assert first_salted(found)["guest_name"]["value"] == "Ada Guest"
    for name, tamper in TAMPERED.items():
        tampered = copy.deepcopy(found)
        tamper(tampered)
        code, said = verified(tampered, tmp_path, head["hash"])
        assert (code, said.startswith(("chain ", "not in this proof"))) == (1, True), (name, said)


def test_verifier_is_short_and_stands_alone():
    lines = [
        line for line in VERIFIER.read_text().splitlines() if line.strip() and not line.strip().startswith('"""')
    ]
    assert len(lines) <= 56
    imports = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imports == {"hashlib", "hmac", "json", "sys", "pathlib", "typing"}
