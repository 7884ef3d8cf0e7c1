"""The reference for the list: stock Django's admin over the same tables, without Unfold and without our admin."""

import os

from django.conf import settings

from site_config import env_urls

settings.configure(
    SECRET_KEY="stock",
    ALLOWED_HOSTS=["*"],
    AUTH_USER_MODEL="bookings.User",
    DATABASES={"default": env_urls.database(os.environ["DATABASE_URL"])},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.admin.apps.SimpleAdminConfig",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "simple_history",
        "bookings",
        "payments",
        "cancellations",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    ROOT_URLCONF="tests.performance.stock_urls",
    SITE_URL="http://127.0.0.1",
    STATIC_URL="/static/",
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    TRUST_PROXY=False,
    USE_TZ=True,
)
