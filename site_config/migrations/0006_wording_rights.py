"""The roles' rights to the words of mails: everybody reads them, managers write them."""

from importlib import import_module

from django.db import migrations

roles = import_module("site_config.migrations.0001_roles")

RIGHTS = {
    "Front desk": ["view_wording"],
    "Manager": ["view_wording", "change_wording"],
    "Auditor": ["view_wording"],
}


def grant(apps, schema_editor):
    for role, rights in RIGHTS.items():
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.add(*(roles.permission(apps, "bookings", "wording", right) for right in rights))


def revoke(apps, schema_editor):
    for role, rights in RIGHTS.items():
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.remove(*(roles.permission(apps, "bookings", "wording", right) for right in rights))


class Migration(migrations.Migration):
    dependencies = [
        ("site_config", "0005_report_rights"),
        ("bookings", "0013_wording"),
    ]

    operations = [migrations.RunPython(grant, revoke)]
