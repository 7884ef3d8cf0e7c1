"""What gunicorn reads when it starts here: its own lines look like the product's, and hold no paths."""

from site_config.settings import LOGGING

logconfig_dict = LOGGING
