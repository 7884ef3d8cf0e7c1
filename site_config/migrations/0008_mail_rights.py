"""The roles' right to send a mail again: whoever may write to guests. Auditors only read."""

from importlib import import_module

from django.db import migrations

roles = import_module("site_config.migrations.0001_roles")

ROLES = ("Front desk", "Manager")
RIGHT = ("bookings", "message", "resend_mail")


def grant(apps, schema_editor):
    for role in ROLES:
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.add(roles.permission(apps, *RIGHT))


def revoke(apps, schema_editor):
    for role in ROLES:
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.remove(roles.permission(apps, *RIGHT))


class Migration(migrations.Migration):
    dependencies = [
        ("site_config", "0007_access_rights"),
        ("bookings", "0015_mail"),
    ]

    operations = [migrations.RunPython(grant, revoke)]
