"""The roles' rights around disputes, drift, rates and second opinions."""

from importlib import import_module

from django.db import migrations

roles = import_module("site_config.migrations.0001_roles")

READ = ["dispute", "drift", "exchangerate", "refundrequest"]
MORE = {
    "Front desk": [],
    "Manager": [
        ("exchangerate", "add_exchangerate"),
        ("exchangerate", "change_exchangerate"),
        ("drift", "heal_drift"),
        ("dispute", "export_evidence"),
    ],
    "Auditor": [("dispute", "export_evidence")],
}


def rights(role):
    return [*((model, f"view_{model}") for model in READ), *MORE[role]]


def grant(apps, schema_editor):
    for role in MORE:
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.add(*(roles.permission(apps, "payments", *right) for right in rights(role)))


def revoke(apps, schema_editor):
    for role in MORE:
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.remove(*(roles.permission(apps, "payments", *right) for right in rights(role)))


class Migration(migrations.Migration):
    dependencies = [
        ("site_config", "0001_roles"),
        ("bookings", "0004_money"),
        ("payments", "0002_money"),
    ]

    operations = [migrations.RunPython(grant, revoke)]
