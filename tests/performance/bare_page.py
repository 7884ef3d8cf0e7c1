"""The reference for a guest's page: a Django site that reads one row and draws a template, and nothing more."""

import os
from typing import Final

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from site_config import env_urls

BASE: Final = """<!doctype html><html><head><title>{% block title %}{% endblock %}</title></head>
<body>{% block body %}{% endblock %}</body></html>"""
PAGE: Final = """{% extends "base.html" %}{% block title %}{{ reference }}{% endblock %}{% block body %}
<h1>{{ reference }}</h1><p>{{ name }}</p><p>{{ check_in|date }} – {{ check_out|date }}</p>
<p>{{ status }}</p><form method="post">{% csrf_token %}<button>Cancel</button></form>{% endblock %}"""


def page(request: HttpRequest, key: int) -> HttpResponse:
    """Read, draw, answer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT booking_id, guest_name, check_in, check_out, status FROM bookings_booking LIMIT 1 OFFSET %s", [0]
        )
        row = cursor.fetchone()
    names = ("reference", "name", "check_in", "check_out", "status")
    return render(request, "page.html", dict(zip(names, row, strict=True)))


urlpatterns = [path("<int:key>/", page)]

settings.configure(
    SECRET_KEY="bare",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": env_urls.database(os.environ["DATABASE_URL"])},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request"],
                "loaders": [
                    (
                        "django.template.loaders.cached.Loader",
                        [("django.template.loaders.locmem.Loader", {"base.html": BASE, "page.html": PAGE})],
                    )
                ],
            },
        }
    ],
)
