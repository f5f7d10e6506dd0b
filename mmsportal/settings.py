"""All settings. Every default runs on a laptop; production refuses to start on a default secret."""

import zoneinfo
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
# Time zones of the pinned package: a system's may be years old (in November 2026 British Columbia
# stopped changing its clocks), and some machines have none.
zoneinfo.reset_tzpath(to=())

# --- What a self-hoster sets -------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = env.str("SECRET_KEY", default="laptop-only-secret-key")
# Keys of the secrets at rest, newest first; old ones stay readable until they are removed.
FIELD_KEYS = env.list("FIELD_KEYS", default=["bGFwdG9wLW9ubHktZmllbGQta2V5LTMyLWJ5dGVzISE="])
# Where files, the SQLite databases and the media live.
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
# What is under way from this machine; it must be on a disk of its own.
FLIGHTS_DIR = DATA_DIR / "flights"
# Callbacks that came while the database was away, and how much of them there may be.
SPOOL_DIR = DATA_DIR / "spool"
SPOOL_MAX_BYTES = env.int("SPOOL_MAX_BYTES", default=256 * 1024 * 1024)
# The address under which the provider reaches this portal: media and callbacks.
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
# "" = off, "on" = allowed while DEBUG is on, "demo" = allowed without DEBUG.
SANDBOX = env.str("SANDBOX", default="")
# How often faster than Sinch the sandbox lives (1 = the real schedule of receipts and retries).
SANDBOX_SPEED = env.float("SANDBOX_SPEED", default=1)
SANDBOX_URL = env.str("SANDBOX_URL", default="http://127.0.0.1:8001").rstrip("/")
# Private networks the portal may nevertheless fetch media from and send to: only for trying.
FETCH_ALLOWED_NETWORKS = env.list("FETCH_ALLOWED_NETWORKS", default=[])
# After this long without a receipt a sent message is called "no receipt"
# (reference/sinch-mms-json-api.md §5.5: expiry, at most 3 days, and a day more).
NO_RECEIPT_AFTER = timedelta(seconds=env.int("NO_RECEIPT_AFTER_SECONDS", default=4 * 24 * 3600))
# After this long without a postback an unknown outcome is called "unresolved" (§5.1: 5 retries).
UNRESOLVED_AFTER = timedelta(seconds=env.int("UNRESOLVED_AFTER_SECONDS", default=45 * 60))
# The largest file that is taken: a phone's film of a minute or two, to be made to fit. The proxy in
# front must let as much through.
MEDIA_MAX_BYTES = env.int("MEDIA_MAX_BYTES", default=100 * 1024 * 1024)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
# Who knows it may read /readyz and /metrics; without one there are none.
MONITOR_TOKEN = env.str("MONITOR_TOKEN", default="")
# "line" for people, "json" for machines.
LOG_FORMAT = env.str("LOG_FORMAT", default="line")
# What the table of quiet hours starts with: "defaults", or "open" at every hour (for trying).
FIRST_QUIET_HOURS = env.str("FIRST_QUIET_HOURS", default="defaults")

# --- Refusals ----------------------------------------------------------------------------------

if not DEBUG:
    if SECRET_KEY.startswith("laptop-only"):
        raise ImproperlyConfigured("Set SECRET_KEY: DEBUG is off and the default is public.")
    if "FIELD_KEYS" not in env.ENVIRON:
        raise ImproperlyConfigured(
            "Set FIELD_KEYS: DEBUG is off and the default key of the secrets at rest is public."
        )
if SANDBOX not in {"", "on", "demo"}:
    raise ImproperlyConfigured('SANDBOX is "", "on" or "demo".')
if FIRST_QUIET_HOURS not in {"defaults", "open"}:
    raise ImproperlyConfigured('FIRST_QUIET_HOURS is "defaults" or "open".')
if LOG_FORMAT not in {"line", "json"}:
    raise ImproperlyConfigured('LOG_FORMAT is "line" or "json".')
if MONITOR_TOKEN and len(MONITOR_TOKEN) < 20:
    raise ImproperlyConfigured("MONITOR_TOKEN is short enough to be guessed: take 20 characters.")
if SANDBOX == "on" and not DEBUG:
    raise ImproperlyConfigured('With DEBUG off the sandbox runs only as SANDBOX="demo".')

# --- Django ------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "campaigns.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "axes",
    "django_htmx",
    "django_q",
    "campaigns.apps.CampaignsConfig",
]
if SANDBOX:
    INSTALLED_APPS.append("campaigns.sandbox")

MIDDLEWARE = [
    "mmsportal.requestid.RequestId",
    "campaigns.views.shortcut.Shortcut",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ROOT_URLCONF = "mmsportal.urls"
WSGI_APPLICATION = "mmsportal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
USE_TZ = True
LOGIN_URL = "admin:login"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# --- Databases ---------------------------------------------------------------------------------


def sqlite(name: str) -> dict:
    """One SQLite file as a server needs it: write-ahead log, no lock upgrades, patient writers,
    and commits that outlive a power cut (a lost "accepted" would be sent twice)."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(DATA_DIR / name),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            # A checkpoint per 80 MB instead of 4: an import dirties the same pages again and again.
            "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32000; PRAGMA wal_autocheckpoint=20000;"
            # Or INSERT OR REPLACE would pass the guard that refuses deletions.
            "PRAGMA recursive_triggers=ON;",
        },
        # A test must not share the one connection of an in-memory database between threads.
        "TEST": {"NAME": str(DATA_DIR / f"test-{name}")},
    }


DATABASES = {"default": sqlite("portal.sqlite3")}
if _database_url := env.str("DATABASE_URL", default=""):
    DATABASES["default"] = env.db_url_config(_database_url)
    if "postgresql" in DATABASES["default"]["ENGINE"]:
        # A server that fell silent is noticed within half a minute, not by the kernel's two hours;
        # one that cannot be reached before the provider gives a callback up, after ten seconds.
        DATABASES["default"]["OPTIONS"] = {
            "connect_timeout": 5,
            "keepalives_idle": 20,
            "keepalives_interval": 5,
            "keepalives_count": 2,
            "tcp_user_timeout": 30_000,
            **DATABASES["default"].get("OPTIONS", {}),
        }
if SANDBOX:
    DATABASES["sandbox"] = sqlite("sandbox.sqlite3")
    DATABASE_ROUTERS = ["campaigns.sandbox.router.SandboxRouter"]
for _database in DATABASES.values():
    # One connection per thread of the web and per worker, kept and asked whether it still lives.
    _database["CONN_MAX_AGE"] = 600
    _database["CONN_HEALTH_CHECKS"] = True

# Machines need not agree about the time. Tests set it themselves.
USE_DATABASE_CLOCK = True

# --- Redis: quicker doorbells, and what would be computed twice; no truth is in it ----------------

if REDIS_URL := env.str("REDIS_URL", default=""):
    _cache = {"BACKEND": "campaigns.services.redis_server.SparableCache", "LOCATION": REDIS_URL}
else:
    _cache = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
CACHES = {"default": _cache}

# --- The queue: only a doorbell, the tables are the truth ----------------------------------------

Q_CLUSTER = {
    "name": "mmsportal",
    "orm": "default",
    "broker_class": "campaigns.services.queue.Doorbell",
    # Nothing is scheduled by it, so its guard needs no database.
    "scheduler": False,
    "workers": env.int("WORKERS", default=4),
    "timeout": 120,
    "retry": 180,
    "ack_failures": True,
    "max_attempts": 1,
    "catch_up": False,
    "queue_limit": 4,
    "save_limit": -1,
    "poll": 0.2,
    "guard_cycle": 0.5,
    "label": "Queue",
}

# --- Files -------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "campaigns.views.uploads.BoundedUploadHandler",
]
_static = "whitenoise.storage.CompressedManifestStaticFilesStorage"
if DEBUG:
    _static = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

# --- Security ----------------------------------------------------------------------------------

_https = PUBLIC_BASE_URL.startswith("https://")
_public_host = urlsplit(PUBLIC_BASE_URL).hostname
if _public_host and _public_host not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(_public_host)
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]
SECURE_SSL_REDIRECT = _https
# A redirected callback counts as failed and is lost after 25 minutes: hooks answer as they come.
# A monitor beside the portal asks without TLS.
SECURE_REDIRECT_EXEMPT = [r"^hooks/", r"^m/", r"^(healthz|readyz|metrics)$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31536000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = "__Host-session" if _https else "magpie-session"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "admin/locked_out.html"
AXES_IPWARE_PROXY_COUNT = TRUSTED_PROXIES
AXES_VERBOSE = False

# --- Logs --------------------------------------------------------------------------------------

LOGGING_CONFIG = "mmsportal.logs.configure"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "mmsportal.logs.Lines",
            "fmt": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
        },
        "json": {"()": "mmsportal.logs.Json"},
    },
    "filters": {"note_request": {"()": "mmsportal.logs.NoteRequest"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["note_request"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Django gives it handlers of its own, which hide nothing.
        "django": {"level": "INFO"},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # It tells of every login that it found nothing to clean up.
        "axes": {"level": "WARNING"},
        # It logs the arguments of every task.
        "django-q": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
