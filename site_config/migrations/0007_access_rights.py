"""The roles' rights to access tokens. Auditors see them and make none; owners may everything."""

from importlib import import_module

from django.db import migrations

roles = import_module("site_config.migrations.0001_roles")

VIEW, ADD = ("accesstoken", "view_accesstoken"), ("accesstoken", "add_accesstoken")
RIGHTS = {"Front desk": [VIEW, ADD], "Manager": [VIEW, ADD], "Auditor": [VIEW]}


def grant(apps, schema_editor):
    for role, rights in RIGHTS.items():
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.add(*(roles.permission(apps, "bookings", *right) for right in rights))


def revoke(apps, schema_editor):
    for role, rights in RIGHTS.items():
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.remove(*(roles.permission(apps, "bookings", *right) for right in rights))


class Migration(migrations.Migration):
    dependencies = [
        ("site_config", "0006_wording_rights"),
        ("bookings", "0014_access"),
    ]

    operations = [migrations.RunPython(grant, revoke)]
