"""The WSGI entry of the sandbox; one process of it posts the callbacks.

gunicorn --workers 1 -k gthread --threads 16 -b 127.0.0.1:8001 campaigns.sandbox.wsgi
"""

import os

from django.core.wsgi import get_wsgi_application

# Set, not defaulted: whoever starts this process carries the portal's settings in its environment.
os.environ["DJANGO_SETTINGS_MODULE"] = "campaigns.sandbox.settings"
application = get_wsgi_application()

from campaigns.sandbox import poster  # noqa: E402 the tables exist only from here on
from campaigns.sandbox.sms import dispatch  # noqa: E402

poster.start()
dispatch.start()
