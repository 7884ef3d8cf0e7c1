"""One API request from authentication to answer, with idempotency and planned faults in Stripe's order."""

from __future__ import annotations

import base64
import hmac
import json
import re
import time
from dataclasses import dataclass, field

from payments.simulator import faults, idempotency
from payments.simulator.endpoints import Endpoint, find
from payments.simulator.errors import (
    StripeRefusal,
    invalid,
    key_in_use,
    not_simulated,
    rate_limited,
    server_error,
    unauthorized,
)
from payments.simulator.faults import Fault
from payments.simulator.forms import decode, readable
from payments.simulator.objects import ACCOUNT_ID, API_VERSION, RELEASE
from payments.simulator.store import Caller, Object, Store, Tx, new_id
from payments.simulator.sweep import sweep
from payments.simulator.views import check_expand, public
from payments.simulator.wire import Reply, Request

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?")
_NO_FAULT = Fault("none")


@dataclass
class Call:
    """A request on its way."""

    request: Request
    request_id: str
    key: str | None
    params: Object = field(default_factory=dict)
    fault: Fault = _NO_FAULT
    replayed: bool = False
    original: str | None = None

    @property
    def endpoint(self) -> str:
        """What an idempotency key belongs to."""
        return self.request.path


@dataclass(frozen=True)
class Answer:
    """Status and body, before transport."""

    status: int
    body: str
    should_retry: bool | None = None


class Api:
    """Stripe's API on a store."""

    def __init__(self, store: Store, api_key: str) -> None:
        self._store = store
        self._api_key = api_key
        self._in_flight = idempotency.InFlight()

    def answer(self, request: Request) -> Reply:
        """The reply to any request under /v1/."""
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        call = Call(request, new_id("req_", 14), key)
        try:
            endpoint, identifier = self._accept(call)
            answer = self._guarded(call, endpoint, identifier)
        except StripeRefusal as refusal:
            answer = _refused(refusal, call)
            self._log(call, answer.status)
        return _reply(call, answer)

    def _accept(self, call: Call) -> tuple[Endpoint, str]:
        """Everything Stripe checks before it looks at the idempotency key."""
        self._authenticate(call.request)
        _check_version(call.request)
        call.params = _decode(call.request)
        with self._store.transaction() as tx:
            call.fault = faults.take(tx, call.request.method, call.request.path) or _NO_FAULT
        _refuse_early(call)
        found = find(call.request.method, call.request.path)
        if found is None:
            raise _unrecognized(call.request)
        idempotency.check_key(call.key)
        return found

    def _authenticate(self, request: Request) -> None:
        given = _key_of(request.headers.get("authorization", ""))
        if not given:
            raise unauthorized(
                "You did not provide an API key. You need to provide your API key in the Authorization "
                "header, "
                "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
            )
        if not hmac.compare_digest(given.encode(), self._api_key.encode()):
            raise unauthorized(f"Invalid API Key provided: {given[:8]}{'*' * 8}{given[-4:]}")
        account = request.headers.get("stripe-account", ACCOUNT_ID)
        if account != ACCOUNT_ID:
            message = f"The provided key does not have access to account '{account}' (or it does not exist)."
            raise StripeRefusal(message, status=403, code="account_invalid", stored=False)

    def _guarded(self, call: Call, endpoint: Endpoint, identifier: str) -> Answer:
        if call.fault.kind == "drop_before":
            self._log(call, None)
            return Answer(0, "")
        with self._in_flight.hold(call.key):
            if call.fault.kind == "slow":
                time.sleep(call.fault.seconds)
            answer = self._transact(call, endpoint, identifier)
            if call.fault.kind == "slow_after":
                time.sleep(call.fault.seconds)
        return answer

    def _transact(self, call: Call, endpoint: Endpoint, identifier: str) -> Answer:
        """State, events, deliveries, the kept answer and the log line: one commit, before the answer."""
        caller = Caller(call.request_id, call.key) if call.request.method == "POST" else Caller()
        with self._store.transaction(Caller()) as tx:
            sweep(tx)
            tx.caller = caller
            answer = self._recall_or_execute(tx, call, endpoint, identifier)
            _write_log(tx, call, None if call.fault.kind == "drop_after" else answer.status)
        return answer

    def _recall_or_execute(self, tx: Tx, call: Call, endpoint: Endpoint, identifier: str) -> Answer:
        if call.key is not None:
            try:
                kept = idempotency.recall(tx, call.key, call.endpoint, call.params)
            except StripeRefusal as refusal:
                return _refused(refusal, call)
            if kept is not None:
                call.replayed, call.original = True, kept.request_id
                return Answer(kept.status, kept.body)
        return self._execute(tx, call, endpoint, identifier)

    def _execute(self, tx: Tx, call: Call, endpoint: Endpoint, identifier: str) -> Answer:
        stored = True
        try:
            with self._store.savepoint(tx):
                answer = Answer(200, json.dumps(_run(tx, call, endpoint, identifier), indent=2))
        except StripeRefusal as refusal:
            answer, stored = _refused(refusal, call), refusal.stored
        if call.fault.kind == "error_500_after" and answer.status == 200:
            answer = _refused(server_error(), call)
        if call.key is not None and stored:
            kept = idempotency.Kept(answer.status, answer.body, call.request_id)
            idempotency.keep(tx, call.key, call.endpoint, call.params, kept)
        return answer

    def _log(self, call: Call, status: int | None) -> None:
        with self._store.transaction() as tx:
            _write_log(tx, call, status)


def _run(tx: Tx, call: Call, endpoint: Endpoint, identifier: str) -> Object:
    params = endpoint.accepts.read(call.params, "")
    expand = check_expand(endpoint.kind, params.pop("expand", []), in_list=endpoint.listed is not None)
    if call.fault.kind == "error_500":
        raise server_error()
    if call.fault.kind == "refused":
        raise StripeRefusal("Insufficient funds in your Stripe balance.", code="balance_insufficient")
    if endpoint.listed is not None:
        page = endpoint.listed(tx, params, identifier)
        data = [public(tx, item, expand) for item in page.items]
        return {"object": "list", "data": data, "has_more": page.has_more, "url": call.request.path}
    if endpoint.run is None:
        raise LookupError(f"{call.request.path} has nothing to run")
    return public(tx, endpoint.run(tx, params, identifier), expand)


def _refuse_early(call: Call) -> None:
    if call.fault.kind == "error_429":
        raise rate_limited()
    if call.fault.kind == "error_409":
        raise key_in_use(call.key or "none")


def _refused(refusal: StripeRefusal, call: Call) -> Answer:
    # Stripe tells its SDKs to try again while another request holds the key
    # (docs.stripe.com/error-low-level).
    retry = True if refusal.status == 409 else None
    return Answer(refusal.status, json.dumps(refusal.body(call.request_id), indent=2), should_retry=retry)


def _check_version(request: Request) -> None:
    """Versions of one release have the same shapes (docs.stripe.com/api/versioning); others aren't spoken here."""
    version = request.headers.get("stripe-version", API_VERSION)
    if not _VERSION.fullmatch(version):
        raise invalid(f"Invalid Stripe API version: {version}")
    if version.partition(".")[2] != RELEASE:
        raise not_simulated(f"API version {version}, only those of release {RELEASE}", "Stripe-Version")


def _decode(request: Request) -> Object:
    if request.method != "POST":
        return decode(request.query)
    kind = request.headers.get("content-type", "application/x-www-form-urlencoded")
    if request.body and not kind.startswith("application/x-www-form-urlencoded"):
        raise invalid(
            "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If "
            "you have "
            "any questions, we can help at https://support.stripe.com/."
        )
    return decode("&".join(part for part in (request.query, request.text) if part))


def _key_of(header: str) -> str:
    """Bearer, or the user name of Basic authentication."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value).decode().partition(":")[0]
        except ValueError:
            return ""
    return ""


def _unrecognized(request: Request) -> StripeRefusal:
    message = (
        f"Unrecognized request URL ({request.method}: {request.path}). Please see https://stripe.com/docs "
        f"or we can "
        "help at https://support.stripe.com/."
    )
    return StripeRefusal(message, status=404, stored=False)


def _reply(call: Call, answer: Answer) -> Reply:
    if call.fault.kind in ("drop_before", "drop_after"):
        return Reply(drop=True)
    headers = {
        "Content-Type": "application/json",
        "Request-Id": call.request_id,
        "Stripe-Version": call.request.headers.get("stripe-version", API_VERSION),
    }
    if call.key is not None:
        headers |= {"Idempotency-Key": call.key, "Original-Request": call.original or call.request_id}
    if call.replayed:
        headers["Idempotent-Replayed"] = "true"
    retry = answer.should_retry if call.fault.should_retry is None else call.fault.should_retry
    if retry is not None:
        headers["Stripe-Should-Retry"] = str(retry).lower()
    if call.fault.kind == "malformed":
        return Reply(200, answer.body.encode()[: len(answer.body) // 2], headers)
    return Reply(answer.status, answer.body.encode(), headers)


def _write_log(tx: Tx, call: Call, status: int | None) -> None:
    tx.sql(
        "INSERT INTO requests (at, method, path, params, idempotency_key, status, replayed, fault, "
        "request_id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            tx.now,
            call.request.method,
            call.request.path,
            json.dumps(readable(call.params)),
            call.key,
            status,
            int(call.replayed),
            None if call.fault is _NO_FAULT else call.fault.kind,
            call.request_id,
        ),
    )
