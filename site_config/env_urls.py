"""From the URLs of the environment to what Django's settings want: databases, cache, mail."""

from typing import Any
from urllib.parse import urlsplit

from environ import Env

POSTGRESQL = ("postgres", "postgresql")
CACHES = ("locmemcache", "filecache", "dbcache", "redis", "rediss", "dummycache")
FILE_MAIL = "site_config.demo.mail_backend.EmlFileBackend"
# On every SQLite connection. WAL lets pages be read while a webhook is written; the timeout lets writers
# queue; FULL makes a commit survive a power cut: a payment operation is on disk before Stripe is called.
SQLITE_START = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000; PRAGMA foreign_keys=ON"
# Django's own, which put the history into its chains before each commit.
BACKENDS = {"sqlite": "trail.backends.sqlite3", "postgresql": "trail.backends.postgresql"}
SQLITE_OPTIONS = {
    # BEGIN IMMEDIATE: a transaction that read first cannot be refused its write because another one wrote.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": SQLITE_START,
}
# Nobody waits longer for a cache than for doing without it, in seconds.
CACHE_OPTIONS = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
# A replica that hangs must not hold up whoever can read elsewhere, in seconds.
REPLICA_OPTIONS = {"connect_timeout": 2}


def database(url: str) -> dict[str, Any]:
    """`DATABASES["default"]`: PostgreSQL or SQLite. Raises ValueError for anything else."""
    scheme = scheme_among(url, (*POSTGRESQL, "sqlite"))
    config: dict[str, Any] = Env.db_url_config(url)
    if not config["NAME"]:
        raise ValueError("the name of the database is missing")
    if scheme == "sqlite":
        config["ENGINE"] = BACKENDS["sqlite"]
        return {**config, "OPTIONS": {**SQLITE_OPTIONS, **config.get("OPTIONS", {})}}
    # A connection per request costs two thirds of the webhooks a second; a dead one is found before use.
    config["ENGINE"] = BACKENDS["postgresql"]
    return {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, **config}


def replica(url: str) -> dict[str, Any]:
    """Another PostgreSQL that follows ours, to read reports from; empty without one. Raises ValueError."""
    if not url:
        return {}
    scheme_among(url, POSTGRESQL)
    # Django's own backend: nothing is written there, so there is no history to seal.
    config = database(url) | {"ENGINE": "django.db.backends.postgresql", "TEST": {"MIRROR": "default"}}
    return {**config, "OPTIONS": {**REPLICA_OPTIONS, **config.get("OPTIONS", {})}}


def databases(own: dict[str, Any], replica: dict[str, Any], *, is_pooled: bool) -> dict[str, dict[str, Any]]:
    """`DATABASES`: our own and, where there is one, the replica.

    Behind a pooler each transaction may be on another connection of the server. A cursor that outlives its
    transaction, as Django's for long lists does, would then be looked for where it is not.
    """
    pooled = {"DISABLE_SERVER_SIDE_CURSORS": True} if is_pooled else {}
    both = {"default": own, "replica": replica} if replica else {"default": own}
    return {alias: config | pooled for alias, config in both.items()}


def is_postgresql(config: dict[str, Any]) -> bool:
    """Whether the settings of a database are for PostgreSQL."""
    return config["ENGINE"] == BACKENDS["postgresql"]


def cache(url: str) -> dict[str, Any]:
    """`CACHES["default"]`. Raises ValueError for an unknown kind."""
    scheme = scheme_among(url, CACHES)
    config: dict[str, Any] = Env.cache_url_config(url)
    if scheme.startswith("redis"):
        config["BACKEND"] = "bookings.shared_cache.SharedCache"
        config["OPTIONS"] = {**CACHE_OPTIONS, **config.get("OPTIONS", {})}
    return config


def mailer(url: str) -> dict[str, Any]:
    """`MAILERS["default"]`: a mail server, a provider of django-anymail, a folder, or the terminal."""
    scheme = scheme_among(url, ("smtp", "smtp+tls", "smtp+ssl", "anymail", "filemail", "consolemail"))
    parts = urlsplit(url)
    if scheme == "anymail":
        return {"BACKEND": f"anymail.backends.{named(parts.hostname, 'provider')}.EmailBackend"}
    if scheme == "filemail":
        return {"BACKEND": FILE_MAIL, "OPTIONS": {"folder": named(parts.path, "folder")}}
    config = Env.email_url_config(url)
    if scheme == "consolemail":
        return {"BACKEND": config["EMAIL_BACKEND"]}
    return {"BACKEND": config["EMAIL_BACKEND"], "OPTIONS": smtp_options(config, scheme)}


def smtp_options(config: dict[str, Any], scheme: str) -> dict[str, Any]:
    """Where and how to speak SMTP. The time limit keeps a hanging server from holding the worker."""
    return {
        "host": named(config["EMAIL_HOST"], "host"),
        "port": config["EMAIL_PORT"] or {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}[scheme],
        "username": config["EMAIL_HOST_USER"] or "",
        "password": config["EMAIL_HOST_PASSWORD"] or "",
        "use_tls": scheme == "smtp+tls",
        "use_ssl": scheme == "smtp+ssl",
        "timeout": 10,
    }


def scheme_among(url: str, schemes: tuple[str, ...]) -> str:
    """The URL's scheme if it is one of these."""
    scheme = url.partition("://")[0]
    if scheme not in schemes or "://" not in url:
        raise ValueError("it has to begin with one of " + ", ".join(f"{name}://" for name in schemes))
    return scheme


def named(value: str | None, what: str) -> str:
    """A part that cannot be left out."""
    if not value:
        raise ValueError(f"the {what} is missing")
    return value
