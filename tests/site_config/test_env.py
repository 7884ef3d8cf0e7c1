"""Every variable is read strictly, and a refusal names the variable and never repeats a secret."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from site_config import env, env_urls

CHECKOUT = Path("/srv/innkeep")
SECRET = "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRST"
PRODUCTION = {
    "DJANGO_SECRET_KEY": SECRET,
    "SITE_URL": "https://desk.example.com",
    "DATABASE_URL": "postgres://desk:pa%40ss@db.example.com:5433/innkeep",
    "EMAIL_URL": "smtp+tls://desk:word@mail.example.com",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_1",
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_new, whsec_old",
}


# One or more for each variable; a new one without a value here fails the test at the end.
BAD = (
    ("DEBUG", "flase"),
    ("TRUST_PROXY", "maybe"),
    ("DJANGO_SECRET_KEY", "short"),
    ("DJANGO_SECRET_KEY", env.INSECURE_KEY),
    ("ALLOWED_HOSTS", "*"),
    ("ALLOWED_HOSTS", "https://desk.example.com"),
    ("SITE_URL", "desk.example.com"),
    ("SITE_URL", "http://desk.example.com"),
    ("SITE_URL", "https://desk.example.com/booking/"),
    ("SITE_URL", "https://desk.example.com:port"),
    ("SITE_URL", "https://user:word@desk.example.com"),
    ("DATABASE_URL", "mysql://desk@db/innkeep"),
    ("DATABASE_URL", "postgres://db.example.com"),
    ("DATABASE_URL", "postgres://desk:word@db:port/innkeep"),
    ("DATABASE_POOLER", "transaction"),
    ("DATABASE_REPLICA_URL", "sqlite:////srv/innkeep/replica.sqlite3"),
    ("DATABASE_REPLICA_URL", "postgres://replica.example.com"),
    ("CACHE_URL", "memory"),
    ("EMAIL_URL", "mail.example.com"),
    ("EMAIL_URL", "smtp://"),
    ("EMAIL_URL", "smtp://mail.example.com:port"),
    ("EMAIL_URL", "anymail://"),
    ("DEFAULT_FROM_EMAIL", "desk"),
    ("DEFAULT_FROM_EMAIL", "desk@example.com\nBcc: x@example.com"),
    ("STRIPE_PUBLISHABLE_KEY", "sk_live_1"),
    ("STRIPE_PUBLISHABLE_KEY", "pk_test_1"),
    ("STRIPE_SECRET_KEY", "pk_live_1"),
    ("STRIPE_WEBHOOK_SECRET", "whsec_new;whsec_old"),
    ("STRIPE_API_BASE", "http://stripe.example.com"),
    ("STRIPE_API_BASE", "https://api.stripe.com/v1"),
    ("STRIPE_CURRENCY_PRIMARY", "EURO"),
    ("STRIPE_CURRENCY_FALLBACK", "$"),
    ("FRONTEND_PAYMENT_SUCCESS_URL", "/paid"),
    ("FRONTEND_PAYMENT_CANCEL_URL", "javascript:alert(1)"),
    ("LOG_FORMAT", "text"),
    ("AUDIT_HEADS_FILE", "heads.jsonl"),
    ("AUDIT_HEADS_FILE", "/mnt/audit/"),
    ("AUDIT_HEADS_EMAIL", "audit"),
    ("AUDIT_HEADS_EMAIL", "Auditor <audit@example.com>"),
    ("AUDIT_SIGNING_KEY", "0" * 63),
    ("ALERTS_EMAIL", "Owner <owner@example.com>"),
    ("ALERTS_WEBHOOK_HOURS", "0"),
    ("SSM_ENVIRONMENT", "ssm:/environment"),
    ("FRONTEND_ORIGINS", "www.example.com"),
    ("FRONTEND_ORIGINS", "https://www.example.com/pay"),
    ("FRONTEND_ORIGINS", "http://www.example.com"),
    ("FRONTEND_ORIGINS", "https://www.example.com, *"),
    ("ANYMAIL_WEBHOOK_SECRET", "postmark:short"),
    ("METRICS_TOKEN", "short"),
    ("ALERTS_EMAIL", "owner"),
    ("ALERTS_WEBHOOK_HOURS", "0"),
    ("ALERTS_WEBHOOK_HOURS", "1 day"),
    ("SSM_ENVIRONMENT", "production/eu"),
)


def read(**changes: str) -> env.Environment:
    return env.read(PRODUCTION | changes, checkout=CHECKOUT)


def test_production_is_read_whole():
    found = read()
    assert (found.secret_key, found.debug, found.https) == (SECRET, False, True)
    assert found.allowed_hosts == ["desk.example.com"]
    assert found.stripe_webhook_secrets == ["whsec_new", "whsec_old"]
    assert (found.stripe_currency_primary, found.stripe_currency_fallback) == ("EUR", "USD")
    assert found.stripe_api_base == found.payment_success_url == found.payment_cancel_url == ""
    assert found.default_from_email == "Innkeep <no-reply@desk.example.com>"
    assert found.log_format == "json"


def test_database_postgresql_keeps_connections():
    assert read().database == {
        "ENGINE": "trail.backends.postgresql",
        "NAME": "innkeep",
        "USER": "desk",
        "PASSWORD": "pa@ss",
        "HOST": "db.example.com",
        "PORT": 5433,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def test_pooler_has_no_cursors_of_its_own():
    found = read(DATABASE_POOLER="1", DATABASE_REPLICA_URL="postgres://desk@replica/innkeep")
    both = env_urls.databases(found.database, found.replica, is_pooled=found.pooler)
    assert [each["DISABLE_SERVER_SIDE_CURSORS"] for each in both.values()] == [True, True]
    plain = env_urls.databases(read().database, read().replica, is_pooled=read().pooler)
    assert (list(plain), "DISABLE_SERVER_SIDE_CURSORS" in plain["default"]) == (["default"], False)


def test_replica_is_read_by_django_itself_and_not_waited_for():
    found = read(DATABASE_REPLICA_URL="postgres://desk@replica.example.com/innkeep").replica
    assert (found["ENGINE"], found["HOST"]) == ("django.db.backends.postgresql", "replica.example.com")
    assert found["OPTIONS"] == {"connect_timeout": 2}
    assert read().replica == {}


@pytest.mark.parametrize(("name", "value"), [("DATABASE_POOLER", "1"), ("DATABASE_REPLICA_URL", "postgres://d@r/i")])
def test_what_needs_postgresql_is_refused_on_sqlite(name: str, value: str):
    with pytest.raises(ImproperlyConfigured, match=f"^{name}: "):
        read(**{name: value, "DATABASE_URL": "sqlite:////srv/innkeep/db.sqlite3"})


def test_redis_is_not_waited_for():
    found = read(CACHE_URL="redis://cache.example.com:6379/0").cache
    assert found["BACKEND"] == "bookings.shared_cache.SharedCache"
    assert found["OPTIONS"] == {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}


def test_database_sqlite_is_the_default_and_survives_a_power_cut():
    found = env.read({"DEBUG": "1"}, checkout=CHECKOUT).database
    assert found["NAME"] == "/srv/innkeep/db.sqlite3"
    assert found["OPTIONS"] == {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "PRAGMA busy_timeout=20000; PRAGMA foreign_keys=ON",
    }


def test_mail_server_has_a_time_limit():
    assert read().mailer == {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": "mail.example.com",
            "port": 587,
            "username": "desk",
            "password": "word",
            "use_tls": True,
            "use_ssl": False,
            "timeout": 10,
        },
    }


def test_mail_provider_takes_its_settings_from_anymail_variables():
    found = read(EMAIL_URL="anymail://postmark", ANYMAIL_POSTMARK_SERVER_TOKEN="t")
    assert found.mailer == {"BACKEND": "anymail.backends.postmark.EmailBackend"}
    assert found.anymail == {"POSTMARK_SERVER_TOKEN": "t"}


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_value_is_refused_by_name(name: str, value: str):
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(**{name: value})
    assert str(refusal.value).startswith(f"{name}: ")


@pytest.mark.parametrize("name", env.SECRETS)
def test_secret_is_never_repeated(name: str):
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(**{name: "hunter2:// ?"})
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("base", ["http://127.0.0.1:8010", "https://simulator.example.com"])
def test_live_key_never_reaches_a_simulator(base: str):
    with pytest.raises(ImproperlyConfigured, match=r"^STRIPE_SECRET_KEY: a live key"):
        read(STRIPE_API_BASE=base)


def test_live_key_reaches_stripe_by_its_full_name():
    assert read(STRIPE_API_BASE="https://api.stripe.com/").stripe_api_base == "https://api.stripe.com"


def test_test_key_reaches_a_simulator():
    keys = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_PUBLISHABLE_KEY": "pk_test_1"}
    assert read(**keys, STRIPE_API_BASE="http://127.0.0.1:8010").stripe_api_base == "http://127.0.0.1:8010"


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000"])
def test_production_over_plain_http_only_on_loopback(url: str):
    assert read(SITE_URL=url).https is False


def test_debug_starts_with_nothing_set():
    assert env.read({"DEBUG": "1"}, checkout=CHECKOUT).secret_key == env.INSECURE_KEY


def test_nothing_set_is_refused():
    with pytest.raises(ImproperlyConfigured, match=r"^DJANGO_SECRET_KEY: "):
        env.read({}, checkout=CHECKOUT)


def test_secret_from_a_file(tmp_path: Path):
    path = tmp_path / "key"
    path.write_text(SECRET + "\n")
    assert read(DJANGO_SECRET_KEY="", DJANGO_SECRET_KEY_FILE=str(path)).secret_key == SECRET


def test_secret_from_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(ImproperlyConfigured, match=r"^STRIPE_SECRET_KEY_FILE: cannot read"):
        read(STRIPE_SECRET_KEY="", STRIPE_SECRET_KEY_FILE=str(tmp_path / "none"))


def test_secret_given_twice_is_refused(tmp_path: Path):
    with pytest.raises(ImproperlyConfigured, match=r"^STRIPE_SECRET_KEY: set either"):
        read(STRIPE_SECRET_KEY_FILE=str(tmp_path / "key"))


def test_dot_env_gives_way_to_what_is_really_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / ".env").write_text("SITE_URL=https://file.example.com\nSTRIPE_CURRENCY_PRIMARY=SEK\n")
    monkeypatch.delenv("ENV_FILE")
    monkeypatch.setenv("SITE_URL", "https://real.example.com")
    monkeypatch.delenv("STRIPE_CURRENCY_PRIMARY")
    found = env.variables(tmp_path)
    assert (found["SITE_URL"], found["STRIPE_CURRENCY_PRIMARY"]) == ("https://real.example.com", "SEK")


def test_named_env_file_has_to_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ENV_FILE", str(tmp_path / "none"))
    with pytest.raises(ImproperlyConfigured, match=r"^ENV_FILE: "):
        env.variables(tmp_path)


def read_names() -> set[str]:
    """Every variable that is read, by its name in the code."""
    return set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+|DEBUG)"', Path(env.__file__).read_text(encoding="utf-8")))


def test_every_variable_has_a_value_that_is_refused():
    tried = {name for name, _ in (*BAD, *HALF_A_PUSHER)} | {
        "ENV_FILE",
        "WEBHOOK_SECRET",
    }  # the latter is the end of another
    assert read_names() - tried == set()


def test_example_file_documents_every_variable_and_starts():
    checkout = Path(env.__file__).parents[1]
    example = (checkout / ".env.example").read_text(encoding="utf-8")
    assert {name for name in read_names() if name not in example} == set()
    assert env.read(env.file_variables(checkout / ".env.example"), checkout=checkout).debug is True


PUSHER = {"PUSHER_APP_ID": "4711", "PUSHER_KEY": "a1b2", "PUSHER_SECRET": "c3d4"}


def test_pusher_is_off_unless_it_is_set():
    assert read().pusher == read(PUSHER_SSL="1").pusher == {}


def test_pusher_is_read_whole_for_its_own_servers_and_for_others():
    keys = {"app_id": "4711", "key": "a1b2", "secret": "c3d4"}
    assert read(**PUSHER, PUSHER_CLUSTER="eu").pusher == keys | {"cluster": "eu", "ssl": True}
    own = read(**PUSHER, PUSHER_HOST="events.example.com", PUSHER_PORT="8443").pusher
    assert own == keys | {"host": "events.example.com", "port": 8443, "ssl": True}
    local = read(**PUSHER, PUSHER_HOST="127.0.0.1", PUSHER_SSL="0").pusher
    assert local == keys | {"host": "127.0.0.1", "port": None, "ssl": False}


HALF_A_PUSHER: tuple[tuple[str, dict[str, str]], ...] = (
    ("PUSHER_SECRET", {"PUSHER_SECRET": "", "PUSHER_CLUSTER": "eu"}),
    ("PUSHER_APP_ID", {"PUSHER_APP_ID": "innkeep", "PUSHER_CLUSTER": "eu"}),
    ("PUSHER_KEY", {"PUSHER_KEY": "", "PUSHER_CLUSTER": "eu"}),
    ("PUSHER_CLUSTER", {}),
    ("PUSHER_CLUSTER", {"PUSHER_CLUSTER": "eu", "PUSHER_HOST": "events.example.com"}),
    ("PUSHER_HOST", {"PUSHER_CLUSTER": "eu", "PUSHER_PORT": "443"}),
    ("PUSHER_HOST", {"PUSHER_HOST": "https://events.example.com"}),
    ("PUSHER_PORT", {"PUSHER_HOST": "events.example.com", "PUSHER_PORT": "0"}),
    ("PUSHER_SSL", {"PUSHER_HOST": "events.example.com", "PUSHER_SSL": "0"}),
    ("PUSHER_SSL", {"PUSHER_HOST": "events.example.com", "PUSHER_SSL": "no"}),
)


@pytest.mark.parametrize(("named", "changes"), HALF_A_PUSHER)
def test_half_a_pusher_stops_the_start(named, changes):
    with pytest.raises(ImproperlyConfigured, match=rf"^{named}: ") as refused:
        read(**(PUSHER | changes))
    assert "c3d4" not in str(refused.value)


@pytest.mark.parametrize(
    "secret", ["postmark", "postmark:short", ":0123456789abcdef", "a:0123456789abcdef,", "a b:c"]
)
def test_weak_secret_of_the_mail_provider_stops_the_start(secret):
    with pytest.raises(ImproperlyConfigured, match=r"^ANYMAIL_WEBHOOK_SECRET: ") as refused:
        read(ANYMAIL_WEBHOOK_SECRET=secret)
    assert secret not in str(refused.value)


def test_secrets_of_the_mail_provider_may_be_two():
    found = read(ANYMAIL_WEBHOOK_SECRET="new:0123456789abcdef, old:fedcba9876543210")
    assert found.anymail == {"WEBHOOK_SECRET": ["new:0123456789abcdef", "old:fedcba9876543210"]}


def test_secret_of_the_mail_provider_may_come_from_a_file(tmp_path):
    (tmp_path / "secret").write_text("postmark:0123456789abcdef\n")
    found = read(ANYMAIL_WEBHOOK_SECRET_FILE=str(tmp_path / "secret"))
    assert found.anymail == {"WEBHOOK_SECRET": ["postmark:0123456789abcdef"]}


def test_empty_key_of_the_mail_provider_stops_the_start():
    with pytest.raises(ImproperlyConfigured, match=r"^ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY: it is empty"):
        read(ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY="")


@pytest.mark.parametrize("token", ["short", "0123456789 abcdef", "0123456789abcdé"])
def test_weak_token_of_the_metrics_stops_the_start(token):
    with pytest.raises(ImproperlyConfigured, match=r"^METRICS_TOKEN: ") as refused:
        read(METRICS_TOKEN=token)
    assert token not in str(refused.value)
