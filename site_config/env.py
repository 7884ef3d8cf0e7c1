"""Every setting that comes from the environment, read once and strictly.

A value that cannot be right stops the start with `ImproperlyConfigured`, and the message begins with the
variable's name: a hotel learns of a typing error from the deployment, not from a guest.

django-environ parses `.env` and the three URLs (database, cache, mail). Its casts are not used for the rest,
because they are lenient: to them `DEBUG=flase` is simply false.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NoReturn
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

from payments.money import known_currencies
from site_config import env_ssm, env_urls

type Variables = Mapping[str, str]

INSECURE_KEY = "insecure-key-for-development-only"
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
STRIPE_API = "https://api.stripe.com"
SECRETS = (
    *("DJANGO_SECRET_KEY", "DATABASE_URL", "DATABASE_REPLICA_URL", "CACHE_URL", "EMAIL_URL"),
    *("STRIPE_PUBLISHABLE_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"),
    *("PUSHER_KEY", "PUSHER_SECRET", "ANYMAIL_WEBHOOK_SECRET", "METRICS_TOKEN", "AUDIT_SIGNING_KEY"),
)
# Where keys go, Stripe's or a guest's: never in the clear.
CARRY_KEYS = ("STRIPE_API_BASE", "FRONTEND_ORIGINS")
FLAGS = {"1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Environment:
    """What the environment says, checked. Empty strings mean "not set"."""

    secret_key: str
    debug: bool
    allowed_hosts: list[str]
    site_url: str
    trust_proxy: bool
    database: dict[str, Any]
    pooler: bool
    replica: dict[str, Any]
    cache: dict[str, Any]
    mailer: dict[str, Any]
    anymail: dict[str, Any]
    default_from_email: str
    stripe_publishable_key: str
    stripe_secret_key: str
    stripe_webhook_secrets: list[str]
    stripe_api_base: str
    stripe_currency_primary: str
    stripe_currency_fallback: str
    payment_success_url: str
    payment_cancel_url: str
    frontend_origins: list[str]
    pusher: dict[str, Any]
    metrics_token: str
    log_format: str
    audit_heads_file: str
    audit_heads_email: str
    audit_signing_key: str
    alerts_email: str
    alerts_webhook_hours: int

    @property
    def https(self) -> bool:
        """Whether browsers reach the site over TLS; cookies and HSTS follow it."""
        return self.site_url.startswith("https://")


def variables(checkout: Path) -> dict[str, str]:
    """The process's variables, completed from the file in `ENV_FILE` (default: `.env` in the checkout).

    A variable that is really set wins over the file; an empty `ENV_FILE` reads no file.
    """
    name = os.environ.get("ENV_FILE", str(checkout / ".env"))
    if not name or (not Path(name).is_file() and "ENV_FILE" not in os.environ):
        return dict(os.environ)
    return {**file_variables(Path(name)), **os.environ}


def file_variables(path: Path) -> dict[str, str]:
    """What a `.env` file sets, without touching this process's own environment."""
    if not path.is_file():
        raise ImproperlyConfigured(f"ENV_FILE: there is no file {path}")

    class Reader(Env):
        ENVIRON: ClassVar[dict[str, str]] = {}

    Reader.read_env(str(path))
    return Reader.ENVIRON


def read(env: Variables, *, checkout: Path) -> Environment:
    """Check every variable and return them, or raise `ImproperlyConfigured` naming the first bad one."""
    ssm_environment(env)
    debug = flag(env, "DEBUG")
    matching(env, "SSM_ENVIRONMENT", r"[\w.-]+")  # a part of the names of parameters
    site_url = address(env, "SITE_URL", default="http://127.0.0.1:8000")
    result = Environment(
        secret_key=text(env, "DJANGO_SECRET_KEY", default=INSECURE_KEY),
        debug=debug,
        allowed_hosts=allowed_hosts(env, site_url=site_url, debug=debug),
        site_url=site_url,
        trust_proxy=flag(env, "TRUST_PROXY"),
        database=parsed(env, "DATABASE_URL", env_urls.database, f"sqlite:///{checkout / 'db.sqlite3'}"),
        pooler=flag(env, "DATABASE_POOLER"),
        replica=parsed(env, "DATABASE_REPLICA_URL", env_urls.replica, ""),
        cache=parsed(env, "CACHE_URL", env_urls.cache, "locmemcache://"),
        mailer=parsed(env, "EMAIL_URL", env_urls.mailer, "consolemail://" if debug else "smtp://localhost:25"),
        anymail=anymail(env),
        default_from_email=sender(env, site_url=site_url),
        stripe_publishable_key=matching(env, "STRIPE_PUBLISHABLE_KEY", r"pk_(test|live)_\w+"),
        stripe_secret_key=matching(env, "STRIPE_SECRET_KEY", r"(sk|rk)_(test|live)_\w+"),
        stripe_webhook_secrets=webhook_secrets(env),
        stripe_api_base=address(env, "STRIPE_API_BASE", default=""),
        stripe_currency_primary=currency(env, "STRIPE_CURRENCY_PRIMARY", default="EUR"),
        stripe_currency_fallback=currency(env, "STRIPE_CURRENCY_FALLBACK", default="USD"),
        payment_success_url=page(env, "FRONTEND_PAYMENT_SUCCESS_URL"),
        payment_cancel_url=page(env, "FRONTEND_PAYMENT_CANCEL_URL"),
        frontend_origins=[origin("FRONTEND_ORIGINS", each) for each in listed(env, "FRONTEND_ORIGINS")],
        pusher=pusher(env),
        metrics_token=matching(env, "METRICS_TOKEN", r"[\w.~+/=-]{16,}"),
        log_format=matching(env, "LOG_FORMAT", r"json|console", "json"),
        audit_heads_file=matching(env, "AUDIT_HEADS_FILE", r"/.*[^/]"),
        audit_heads_email=matching(env, "AUDIT_HEADS_EMAIL", r"[^@\s<>,]+@[^@\s<>,]+"),
        audit_signing_key=matching(env, "AUDIT_SIGNING_KEY", r"[0-9a-f]{64}"),
        alerts_email=matching(env, "ALERTS_EMAIL", r"[^@\s<>,]+@[^@\s<>,]+"),
        alerts_webhook_hours=int(matching(env, "ALERTS_WEBHOOK_HOURS", r"[1-9]\d{0,2}", "6")),
    )
    refuse_unsafe(result)
    return result


def refuse_unsafe(env: Environment) -> None:
    """Combinations in which each value is fine and the whole is dangerous."""
    if not env.debug and is_weak(env.secret_key):
        refuse("DJANGO_SECRET_KEY", "set 50 random characters or more; without them only DEBUG=1 starts")
    for name, is_set in (("DATABASE_POOLER", env.pooler), ("DATABASE_REPLICA_URL", env.replica)):
        if is_set and not env_urls.is_postgresql(env.database):
            refuse(name, "this is for PostgreSQL only, and DATABASE_URL names none")
    if not env.debug and "*" in env.allowed_hosts:
        refuse("ALLOWED_HOSTS", "'*' accepts any Host header; name the hosts, or set DEBUG=1")
    if not env.debug and not env.https and urlsplit(env.site_url).hostname not in LOOPBACK_HOSTS:
        refuse("SITE_URL", "http:// would send sessions in the clear; use https:// for any host but this machine")
    if is_live(env.stripe_secret_key) and env.stripe_api_base not in ("", STRIPE_API):
        refuse("STRIPE_SECRET_KEY", "a live key must never reach a simulator; unset STRIPE_API_BASE")
    keys = (env.stripe_secret_key, env.stripe_publishable_key)
    if all(keys) and is_live(keys[0]) != is_live(keys[1]):
        refuse("STRIPE_PUBLISHABLE_KEY", "one key is live and the other is for tests")


def is_live(stripe_key: str) -> bool:
    """Whether this key moves real money."""
    return "_live_" in stripe_key


def is_weak(secret_key: str) -> bool:
    """The same measure as Django's own deployment check (security.W009)."""
    return "insecure" in secret_key or len(secret_key) < 50 or len(set(secret_key)) < 5


def text(env: Variables, name: str, *, default: str = "") -> str:
    """The variable itself, what is in the file that `NAME_FILE` names, or the parameter behind `ssm:/…`.

    Outer space is dropped.
    """
    file_name, value = env.get(f"{name}_FILE", ""), env.get(name, "").strip()
    if not file_name:
        return (parameter(env, name) if env_ssm.is_reference(value) else value) or default
    if value:
        refuse(name, f"set either {name} or {name}_FILE, not both")
    try:
        return Path(file_name).read_text(encoding="utf-8").strip() or default
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{name}_FILE: cannot read {file_name} ({error})") from error


def parameter(env: Variables, name: str) -> str:
    """What AWS's Parameter Store holds for a variable; a parameter may name no other one."""
    try:
        return env_ssm.read(env[name].strip(), environment=ssm_environment(env)).strip()
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from None


def ssm_environment(env: Variables) -> str:
    """What `{env}` stands for in the paths of parameters; it is no parameter itself."""
    value = env.get("SSM_ENVIRONMENT", "").strip()
    shape = re.fullmatch(r"[\w.-]*", value, re.ASCII)
    return value if shape else refuse("SSM_ENVIRONMENT", "expected a name such as production")


def flag(env: Variables, name: str, *, default: str = "0") -> bool:
    """A yes or no; off unless set, or unless the default says otherwise."""
    value = text(env, name, default=default).lower()
    if value not in FLAGS:
        refuse(name, "use 1 or 0")
    return FLAGS[value]


def matching(env: Variables, name: str, pattern: str, default: str = "") -> str:
    """A value of a known shape. The value itself is never repeated: it may be a secret."""
    value = text(env, name, default=default)
    if value and not re.fullmatch(pattern, value, re.ASCII):
        refuse(name, f"expected the form {pattern}")
    return value


def currency(env: Variables, name: str, *, default: str) -> str:
    """The code of a currency that exists, in capitals."""
    code = matching(env, name, r"[A-Za-z]{3}", default).upper()
    if code not in known_currencies():
        refuse(name, "there is no such currency; use three letters such as EUR")
    return code


def webhook_secrets(env: Variables) -> list[str]:
    """Signing secrets, newest first; more than one while a secret is being rotated."""
    name = "STRIPE_WEBHOOK_SECRET"
    pattern = r"whsec_[\w+/=-]+"
    matching(env, name, rf"{pattern}(\s*,\s*{pattern})*")
    return listed(env, name)


def address(env: Variables, name: str, *, default: str) -> str:
    """An origin from the environment, or the default."""
    return origin(name, text(env, name, default=default))


def origin(name: str, given: str) -> str:
    """Scheme and host, no path; http only where the host is not checked elsewhere."""
    value = given.rstrip("/")
    parts = web_address(name, value)
    if parts.path or parts.query or parts.fragment:
        refuse(name, "give scheme and host only, such as https://desk.example.com")
    if name in CARRY_KEYS and parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        refuse(name, "http:// would send the key in the clear; use https:// or this machine")
    return value


def page(env: Variables, name: str) -> str:
    """An absolute address of another site's page, or empty to use the project's own."""
    value = text(env, name)
    web_address(name, value)
    return value


def web_address(name: str, value: str) -> SplitResult:
    """Parse an absolute web address; empty passes."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        refuse(name, "this is not an address")
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None):
        refuse(name, "expected an address that begins with https:// (or http://) and names a host")
    return parts


def allowed_hosts(env: Variables, *, site_url: str, debug: bool) -> list[str]:
    """The hosts this site answers to; by default the one in SITE_URL, and loopback for development."""
    hosts = listed(env, "ALLOWED_HOSTS")
    if any(re.search(r"[\s/@]|://", host) for host in hosts):
        refuse("ALLOWED_HOSTS", "give host names separated by commas, without scheme or path")
    own = urlsplit(site_url).hostname or ""
    local = debug or own in LOOPBACK_HOSTS
    return hosts or [own, *(["localhost", "127.0.0.1", "[::1]"] if local else [])]


def listed(env: Variables, name: str) -> list[str]:
    """Values separated by commas."""
    return [item.strip() for item in text(env, name).split(",") if item.strip()]


def sender(env: Variables, *, site_url: str) -> str:
    """The From address of every mail."""
    host = urlsplit(site_url).hostname
    value = text(env, "DEFAULT_FROM_EMAIL", default=f"Innkeep <no-reply@{host}>")
    if not re.fullmatch(r"[^@\r\n]*[^@\s<>]+@[^@\s<>]+>?", value):
        refuse("DEFAULT_FROM_EMAIL", "expected name@host or Name <name@host>")
    return value


def anymail(env: Variables) -> dict[str, Any]:
    """Settings of the mail provider: `ANYMAIL_POSTMARK_SERVER_TOKEN=…` becomes `POSTMARK_SERVER_TOKEN`."""
    names = sorted({name.removesuffix("_FILE") for name in env if name.startswith("ANYMAIL_")})
    found = {name.removeprefix("ANYMAIL_"): text(env, name) for name in names}
    # With an empty key anybody could sign.
    if empty := [name for name in names if not found[name.removeprefix("ANYMAIL_")]]:
        refuse(empty[0], "it is empty; set it or leave it out")
    if "WEBHOOK_SECRET" in found:
        return {**found, "WEBHOOK_SECRET": mail_webhook_secrets(env)}
    return found


def mail_webhook_secrets(env: Variables) -> list[str]:
    """User and password by which the mail provider signs in; more than one pair while they are being changed."""
    name, pattern = "ANYMAIL_WEBHOOK_SECRET", r"[^\s:,]+:[^\s:,]{16,}"
    if not re.fullmatch(rf"{pattern}(\s*,\s*{pattern})*", text(env, name), re.ASCII):
        refuse(name, "expected user:password with 16 characters or more in the password")
    return listed(env, name)


def pusher(env: Variables) -> dict[str, Any]:
    """The server that open pages listen to, as the library's client takes it; all of it, or nothing for none."""
    given = {
        "app_id": matching(env, "PUSHER_APP_ID", r"\d+"),
        "key": matching(env, "PUSHER_KEY", r"\w+"),
        "secret": matching(env, "PUSHER_SECRET", r"\w+"),
    }
    cluster = matching(env, "PUSHER_CLUSTER", r"[a-z0-9-]+")
    host = matching(env, "PUSHER_HOST", r"[A-Za-z0-9.-]+|\[[0-9a-f:]+\]")
    port = matching(env, "PUSHER_PORT", r"[1-9]\d{0,4}")
    is_plain = not flag(env, "PUSHER_SSL", default="1")
    if not any((*given.values(), cluster, host, port, is_plain)):
        return {}
    for name, value in given.items():
        if not value:
            refuse(f"PUSHER_{name.upper()}", "is missing: set PUSHER_APP_ID, PUSHER_KEY and PUSHER_SECRET, or none")
    if bool(cluster) == bool(host):
        refuse("PUSHER_CLUSTER", "set PUSHER_CLUSTER for Pusher itself, or PUSHER_HOST for a server of your own")
    if (port or is_plain) and not host:
        refuse("PUSHER_HOST", "PUSHER_PORT and PUSHER_SSL are for a server of your own; name it here")
    if is_plain and host not in LOOPBACK_HOSTS:
        refuse("PUSHER_SSL", "0 would send every change in the clear; leave it on for any host but this machine")
    place = {"cluster": cluster} if cluster else {"host": host, "port": int(port or 0) or None}
    return {**given, **place, "ssl": not is_plain}


def parsed(env: Variables, name: str, parse: Callable[[str], dict[str, Any]], default: str) -> dict[str, Any]:
    """One of the three URLs, parsed; its own text stays out of the message because it holds a password."""
    try:
        return parse(text(env, name, default=default))
    except (ValueError, KeyError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(f"{name}: {error}") from None


def refuse(name: str, why: str) -> NoReturn:
    """Stop the start, naming the variable."""
    raise ImproperlyConfigured(f"{name}: {why}")
