"""The roles: groups with the rights that each kind of staff needs. Owners are superusers."""

from django.db import migrations

READ = [
    ("bookings", "hotel"),
    ("bookings", "roomtype"),
    ("bookings", "room"),
    ("bookings", "booking"),
    ("bookings", "message"),
    ("payments", "payment"),
    ("payments", "paymentoperation"),
    ("payments", "refund"),
    ("cancellations", "cancellationpolicy"),
    ("cancellations", "cancellationtier"),
]
FRONT_DESK = [(app, model, f"view_{model}") for app, model in READ] + [
    ("bookings", "booking", "add_booking"),
    ("bookings", "booking", "change_booking"),
    ("bookings", "booking", "approve_booking"),
    ("bookings", "booking", "cancel_booking"),
    ("payments", "payment", "mark_paid"),
]
MANAGER = [
    *FRONT_DESK,
    ("bookings", "hotel", "change_hotel"),
    ("bookings", "roomtype", "add_roomtype"),
    ("bookings", "roomtype", "change_roomtype"),
    ("bookings", "room", "add_room"),
    ("bookings", "room", "change_room"),
    ("bookings", "booking", "soft_delete_booking"),
    ("payments", "payment", "refund_payment"),
    ("payments", "stripewebhookevent", "view_stripewebhookevent"),
    ("payments", "stripewebhookevent", "replay_webhook"),
    ("cancellations", "cancellationpolicy", "add_cancellationpolicy"),
    ("cancellations", "cancellationpolicy", "change_cancellationpolicy"),
    ("cancellations", "cancellationpolicy", "override_fee"),
    ("cancellations", "cancellationtier", "add_cancellationtier"),
    ("cancellations", "cancellationtier", "change_cancellationtier"),
    ("cancellations", "cancellationtier", "delete_cancellationtier"),
]
AUDITOR = [(app, model, f"view_{model}") for app, model in READ] + [
    ("payments", "stripewebhookevent", "view_stripewebhookevent"),
    ("cancellations", "managementtoken", "view_managementtoken"),
    ("bookings", "user", "view_user"),
]
ROLES = {"Front desk": FRONT_DESK, "Manager": MANAGER, "Auditor": AUDITOR}


def create_roles(apps, schema_editor):
    group_model = apps.get_model("auth", "Group")
    for role, rights in ROLES.items():
        group, _ = group_model.objects.get_or_create(name=role)
        group.permissions.set([permission(apps, *right) for right in rights])


def permission(apps, app_label, model, codename):
    # Django creates permissions only after all migrations, so they may not exist yet.
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app_label, model=model
    )
    found, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=codename, defaults={"name": f"Can {codename.replace('_', ' ')}"}
    )
    return found


def remove_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("bookings", "0003_no_double_booking"),
        ("payments", "0001_initial"),
        ("cancellations", "0001_initial"),
    ]

    operations = [migrations.RunPython(create_roles, remove_roles)]
