"""Django's settings. What differs between installations comes from `site_config/env.py`."""

import sys
import warnings
from datetime import timedelta
from pathlib import Path

from site_config import csp, env, env_urls
from site_config.navigation import UNFOLD  # noqa: F401  (a setting)

BASE_DIR = Path(__file__).resolve().parent.parent
# Lower case keeps it, and the secrets inside, out of Django's settings and so off its debug pages.
environment = env.read(env.variables(BASE_DIR), checkout=BASE_DIR)

SECRET_KEY = environment.secret_key
DEBUG = environment.debug
ALLOWED_HOSTS = environment.allowed_hosts
SITE_URL = environment.site_url

INSTALLED_APPS = [
    # Unfold replaces templates of the admin, so it stands before it.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.simple_history",
    "site_config.desk_app.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "simple_history",
    "django_fsm",
    "anymail",
    # For the scripts and styles of the API's documentation, which are served from here.
    "ninja",
    "bookings",
    "payments",
    "cancellations",
    "trail",
    "site_config",
]

MIDDLEWARE = [
    "site_config.probes.ProbesMiddleware",
    "site_config.middleware.AccessLogMiddleware",
    "site_config.middleware.ApiMiddleware",
    "site_config.front_ends.FrontEndsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "site_config.webhook_door.WebhookDoorMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "site_config.middleware.AdminContentSecurityPolicyMiddleware",
    "site_config.middleware.AdminMethodsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "site_config.middleware.RefuseNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "site_config.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "site_config.half_signed_in.SecondStepMiddleware",
    "bookings.audit.RequestContextMiddleware",
    "site_config.attempts.RefusedAttemptsMiddleware",
    "site_config.middleware.DeskLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "site_config.middleware.PartOfPageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "site_config.today.heard.HeardMiddleware",
]

ROOT_URLCONF = "site_config.urls"
WSGI_APPLICATION = "site_config.wsgi.application"
ASGI_APPLICATION = "site_config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = env_urls.databases(environment.database, environment.replica, is_pooled=environment.pooler)
# Where reports are read; a replica takes their weight off the desk's own database, and nothing is written to it.
REPORTS_DATABASE = "replica" if environment.replica else "default"
DATABASE_ROUTERS = ["bookings.reading.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": environment.cache}

AUTH_USER_MODEL = "bookings.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# The first refuses after too many wrong passwords, the second compares the password.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "site_config.half_signed_in.Backend"]
AXES_HANDLER = "site_config.lockout.Handler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 6
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
# It counts for the lock and keeps no lists of its own: each try has a record (`site_config/door.py`).
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_CLIENT_IP_CALLABLE = "site_config.lockout.client_address"
AXES_LOCKOUT_CALLABLE = "site_config.lockout.locked_out"
AXES_ENABLE_ADMIN = False  # site_config/admin has pages that nobody can change
AXES_VERBOSE = False
OTP_TOTP_ISSUER = "Innkeep"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

LANGUAGE_CODE = "en"
# Each by its own name. Guests and staff choose among them; the API speaks English, and records are written in it.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LANGUAGE_COOKIE_NAME = "innkeep_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LOCALE_PATHS = [BASE_DIR / "site_config" / "locale", BASE_DIR / "site_config" / "locale_desk"]
USE_I18N = True
# Times on 24 hours in every language, as beside them in mails and on the guest's pages.
FORMAT_MODULE_PATH = "site_config.formats"
USE_TZ = True
TIME_ZONE = "UTC"

# Files are served by the application itself. A checkout serves them straight from the apps; where
# `collectstatic` has run, from its result: compressed, with a hash in the name, cached for ever.
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# The command that collects has to write the very list by which the others know that it has run.
COLLECTED = not DEBUG and ("collectstatic" in sys.argv or (STATIC_ROOT / "staticfiles.json").exists())
WHITENOISE_USE_FINDERS = not COLLECTED
warnings.filterwarnings("ignore", message="No directory at", category=UserWarning)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

MAILERS = {"default": environment.mailer}
ANYMAIL = environment.anymail
DEFAULT_FROM_EMAIL = environment.default_from_email
SERVER_EMAIL = environment.default_from_email

STRIPE_PUBLISHABLE_KEY = environment.stripe_publishable_key
STRIPE_SECRET_KEY = environment.stripe_secret_key
STRIPE_WEBHOOK_SECRETS = environment.stripe_webhook_secrets
STRIPE_API_BASE = environment.stripe_api_base
STRIPE_CURRENCY_PRIMARY = environment.stripe_currency_primary
STRIPE_CURRENCY_FALLBACK = environment.stripe_currency_fallback
FRONTEND_PAYMENT_SUCCESS_URL = environment.payment_success_url
FRONTEND_PAYMENT_CANCEL_URL = environment.payment_cancel_url
# Websites whose pages may call the guest's part of the API; none unless they are named.
FRONTEND_ORIGINS = environment.frontend_origins

# Empty: open pages ask by themselves, and nobody else is told.
PUSHER = environment.pusher

# Whoever reads /metrics shows this; empty: nobody does.
METRICS_TOKEN = environment.metrics_token

# Where the signed ends of the audit trail go each night, beside their table; both may be empty.
AUDIT_HEADS_FILE = environment.audit_heads_file
AUDIT_HEADS_EMAIL = environment.audit_heads_email
AUDIT_SIGNING_KEY = environment.audit_signing_key

# Who is told what nobody may be looking at; empty: nobody.
ALERTS_EMAIL = environment.alerts_email
ALERTS_WEBHOOK_HOURS = environment.alerts_webhook_hours

# The stock "revert" button saves an old version past the state machine and past Stripe.
SIMPLE_HISTORY_REVERT_DISABLED = True

SESSION_COOKIE_NAME = "innkeep_session"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = environment.https
CSRF_COOKIE_NAME = "innkeep_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = environment.https
CSRF_TRUSTED_ORIGINS = [SITE_URL]

SECURE_SSL_REDIRECT = environment.https
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if environment.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = environment.https
SECURE_HSTS_PRELOAD = environment.https
TRUST_PROXY = environment.trust_proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.trust_proxy else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CSP = csp.guest_policy(STRIPE_API_BASE)
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "site_config.logs.formatter", "log_format": environment.log_format}},
    "handlers": {
        "stderr": {"class": "site_config.logs.Stderr", "formatter": "line"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django's own configuration would print and mail each error a second time.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # A refused request has its access line; only what broke needs another.
        "django.request": {"level": "ERROR"},
        # Servers log whole paths, and a path may hold a guest's link: `http.request` has the pattern instead.
        "django.server": {"handlers": ["nowhere"], "propagate": False},
        "gunicorn.access": {"handlers": ["nowhere"], "propagate": False},
        "gunicorn.error": {"handlers": [], "propagate": True},
        # Names and addresses of whoever signs in; the rows that owners read have them.
        "axes": {"handlers": ["nowhere"], "propagate": False},
        # Two lines for each call, with the ids of guests' payment pages: `stripe.call` says what is needed.
        "stripe": {"level": "WARNING"},
    },
}
