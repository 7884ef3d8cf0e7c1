"""From the three URLs of the environment to what Django's settings want: database, cache, mail."""

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


def cache(url: str) -> dict[str, Any]:
    """`CACHES["default"]`. Raises ValueError for an unknown kind."""
    scheme = scheme_among(url, CACHES)
    config: dict[str, Any] = Env.cache_url_config(url)
    if scheme.startswith("redis"):
        config["BACKEND"] = "django.core.cache.backends.redis.RedisCache"
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
