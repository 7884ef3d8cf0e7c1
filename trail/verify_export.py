#!/usr/bin/env python3
"""Verify the proof of an Innkeep export: python3 verify_export.py PROOF.json [HASH ...]

Needs Python 3.9 and nothing else. HASH is a hash that you were given elsewhere, such as in a signed head: each has to
be found in the proof. Ends with 1, and says where, if anything was changed.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path
from typing import Any


def encoded(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def wrong(piece: dict[str, Any], entry: dict[str, Any], number: int) -> str:
    """Return what is wrong with an entry that is shown whole."""
    content = entry.get("content")
    if entry["position"] != number:
        return "is missing"
    if content is None:
        return ""
    if (content["chain"], content["position"]) != (piece["chain"], number):
        return "belongs elsewhere"
    if hashlib.sha256(encoded(content)).hexdigest() != entry["digest"]:
        return "what it says was changed"
    for name, known in entry["personal"].items():
        bound = hmac.new(bytes.fromhex(known["salt"]), encoded([name, known["value"]]), "sha256").hexdigest()
        if bound != content["commitments"].get(name):
            return f"the value of {name} was changed"
    return ""


def verified(piece: dict[str, Any]) -> dict[int, str]:
    """Follow one chain; return its hashes by position."""
    last, hashes = piece["previous"], {}
    for number, entry in enumerate(piece["entries"], piece["entries"][0]["position"]):
        last = hashes[number] = hashlib.sha256(f"{last}:{entry['digest']}".encode()).hexdigest()
        loose = "does not follow from the one before it" if entry.get("hash", last) != last else ""
        if problem := wrong(piece, entry, number) or loose:
            sys.exit(f"chain {piece['chain']}, entry {number}: {problem}")
    return hashes


proof = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
chains = {piece["chain"]: verified(piece) for piece in proof["chains"]}
for head in (head for line in proof["heads"] for head in json.loads(line)["heads"]):
    if chains.get(head["chain"], {}).get(head["position"], head["hash"]) != head["hash"]:
        sys.exit(f"chain {head['chain']}, entry {head['position']}: is not what the signed head says")
missing = set(sys.argv[2:]) - {each for hashes in chains.values() for each in hashes.values()}
if missing or not chains:
    sys.exit(f"not in this proof: {', '.join(sorted(missing)) or 'any entry'}")
print(f"{sum(map(len, chains.values()))} entries follow from each other; nothing was changed.")  # noqa: T201
