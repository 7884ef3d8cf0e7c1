"""The roles' rights to erase, to export and to see what was deleted. Only owners delete for good."""

from importlib import import_module

from django.db import migrations

roles = import_module("site_config.migrations.0001_roles")

RIGHTS = {
    "Manager": [
        ("booking", "anonymise_guest"),
        ("booking", "export_guest"),
        ("removedbooking", "view_removedbooking"),
    ],
    "Auditor": [
        ("booking", "export_guest"),
        ("removedbooking", "view_removedbooking"),
    ],
}


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
        ("site_config", "0002_money_rights"),
        ("bookings", "0008_erasure"),
    ]

    operations = [migrations.RunPython(grant, revoke)]
