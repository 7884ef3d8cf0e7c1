"""The roles' rights to see reports, to export, and to import bookings."""

from importlib import import_module

from django.db import migrations

roles = import_module("site_config.migrations.0001_roles")

READ = [
    ("booking", "view_reports"),
    ("booking", "export_booking"),
    ("exportrecord", "view_exportrecord"),
]
RIGHTS = {
    "Manager": [*READ, ("booking", "import_booking")],
    "Auditor": READ,
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
        ("site_config", "0004_bulk_rights"),
        ("bookings", "0012_reports"),
    ]

    operations = [migrations.RunPython(grant, revoke)]
