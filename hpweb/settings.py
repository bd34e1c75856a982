"""Django's settings, from the environment alone (`hpweb.environment`)."""

import contextlib
import secrets
import sys
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from hpweb.environment import BASE_DIR, data_folder, read_environment
from hpweb.layers import channel_layer
from hpweb.sign_in import *  # noqa: F403  the settings of accounts, email and the cache
from hpweb.sign_in import OIDC_ORIGIN

ENV = read_environment()

VERSION = "0.1.0"
DEBUG = ENV.debug
DATA_DIR = data_folder(ENV.data)


def _secret_key() -> str:
    """The key from the environment, or one made once and kept in the data folder with mode 0600."""
    if ENV.secret_key:
        return ENV.secret_key
    file = DATA_DIR / "secret-key"
    if not file.exists():
        temporary = file.with_suffix(f".{secrets.token_hex(4)}")
        temporary.touch(mode=0o600)
        temporary.write_text(secrets.token_urlsafe(50))
        # link, not rename: the first of two processes that start together wins.
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(temporary)
        temporary.unlink()
    return file.read_text().strip()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = ENV.allowed_hosts or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [ENV.public_url] if ENV.public_url else []

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "channels",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "hpweb.apps.HpwebConfig",
    "teams",
    "runners",
    "sweeps",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "hpweb.static.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "hpweb.compression.TextGZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "teams.setup_views.FirstStart",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "teams.middleware.TeamMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "hpweb.urls"
ASGI_APPLICATION = "hpweb.asgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
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
                "teams.context.team",
                "sweeps.context.storage",
            ],
        },
    },
]


def _database() -> dict[str, Any]:
    url = ENV.database_url or f"sqlite:///{DATA_DIR / 'hpweb.sqlite3'}"
    # Each request has a thread of its own under ASGI, so a connection that outlives it is never used again.
    config: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=0))
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # A reader never waits for a writer (WAL), and a writer waits for its turn instead of failing half-way (IMMEDIATE).
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;",
        }
        config["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    return config


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "teams.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]


def _artifact_storage() -> dict[str, Any]:
    url = ENV.artifacts_url
    if url.startswith("s3://"):
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {"bucket_name": bucket, "location": prefix, "file_overwrite": True, "default_acl": "private"},
        }
    folder = Path(url.removeprefix("file://")) if url else DATA_DIR / "artifacts"
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(folder)}}


# Hashed names and compressed files need `collectstatic`; in debug and in tests the files are served as they lie.
_TESTING = "pytest" in sys.modules
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "files")},
    },
    "artifacts": _artifact_storage(),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or _TESTING
        else "hpweb.static.StaticFiles"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or _TESTING
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MANIFEST_STRICT = True

# An upload comes in chunks; a batch of events may be as large as the protocol allows.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
FILE_UPLOAD_TEMP_DIR = None
MAX_UPLOAD_BYTES = ENV.max_upload_mb * 2**20
RESERVE_BYTES = ENV.reserve_mb * 2**20
TEAM_QUOTA_BYTES = ENV.team_quota_mb * 2**20
KEEP_JOURNALS_DAYS = ENV.keep_journals_days
KEEP_LOGS_DAYS = ENV.keep_logs_days
MAX_LOG_BYTES = ENV.log_mb * 2**20
MAX_TRIAL_LOG_BYTES = ENV.trial_log_mb * 2**20
BREAKER_FAILURES = ENV.breaker_failures

CHANNEL_LAYERS = {"default": channel_layer(ENV.channels_url)}

BROKER_DIR = DATA_DIR / "broker"
BROKER_URL = ENV.broker_url
RUNNER_BROKER_URL = ENV.runner_broker_url or ENV.broker_url
TASKS_URL = ENV.tasks_url
HEARTBEAT_S = ENV.heartbeat_s
OFFER_S = ENV.offer_s
LEASE_S = ENV.lease_s
API_PER_MINUTE = ENV.api_per_minute
API_TOKEN_PER_MINUTE = ENV.api_token_per_minute
OPEN_TO_OTHERS = bool(ENV.public_url or ENV.allowed_hosts)
DEMO = ENV.demo
DEMO_LOGIN = {"email": "demo@hpweb.example", "password": "demo-sweeps"}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "teams.authentication.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["teams.authentication.Scoped"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["hpweb.throttles.MinuteThrottle"],
    "EXCEPTION_HANDLER": "hpweb.api.error_envelope",
    "DEFAULT_SCHEMA_CLASS": "sweeps.api.described.Described",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "hpweb",
    "DESCRIPTION": "Whatever a person does on a page, a program does here.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "PREPROCESSING_HOOKS": ["sweeps.api.described.for_people"],
    "POSTPROCESSING_HOOKS": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        # A form that leads to the single sign-on is followed there.
        "form-action": ["'self'", *([OIDC_ORIGIN] if OIDC_ORIGIN else [])],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = "Lax"
if ENV.public_url.startswith("https://"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": ENV.log_level},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},
    },
}

if TASKS_URL and CHANNEL_LAYERS["default"]["BACKEND"].endswith("InMemoryChannelLayer"):
    raise ImproperlyConfigured(
        "HPWEB_TASKS_URL is set, so periodic work happens in another process; HPWEB_CHANNELS_URL must then be a redis:// "
        "URL, or its messages would reach no browser."
    )
