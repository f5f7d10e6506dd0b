"""Settings of the sandbox's own process: the portal's, with other addresses and other cookies."""

from django.core.exceptions import ImproperlyConfigured

from mmsportal.settings import *  # noqa: F403 a settings module is meant to be taken whole

if not SANDBOX:  # noqa: F405
    raise ImproperlyConfigured('The sandbox is off: set SANDBOX="on" (or "demo" without DEBUG).')

ROOT_URLCONF = "campaigns.sandbox.urls"
WSGI_APPLICATION = "campaigns.sandbox.wsgi.application"
# Cookies know no port: without names of its own the sandbox would sign people out of the portal.
SESSION_COOKIE_NAME = "sandbox-session"
CSRF_COOKIE_NAME = "sandbox-csrf"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
# It is spoken to on this machine only, and there without TLS.
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
SECURE_HSTS_SECONDS = 0
CSRF_TRUSTED_ORIGINS = []
# A file needs no check before each request whether it is still there.
DATABASES["sandbox"]["CONN_HEALTH_CHECKS"] = False  # noqa: F405
# A batch of the SMS REST API may have words of their own for a thousand people.
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
