"""What gunicorn reads when it starts here: its own lines look like the product's, and hold no paths."""

from site_config.settings import LOGGING

logconfig_dict = LOGGING

# A sync worker says nothing while it writes an answer: an export of half a million rows takes about a minute.
timeout = 300
