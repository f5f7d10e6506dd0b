"""The WSGI entry of the portal."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mmsportal.settings")
application = get_wsgi_application()

# It needs the apps that the line above has loaded.
from campaigns.services.draining import begin  # noqa: E402

begin()
