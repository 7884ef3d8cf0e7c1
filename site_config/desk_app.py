"""Django's admin app, with the desk's own site. Settings name it, so it is read before any model is."""

from django.contrib.admin.apps import AdminConfig


class DeskAdminConfig(AdminConfig):
    """The admin as an app: `admin.site` is the desk's."""

    default_site = "site_config.desk_site.DeskSite"
