"""Settings of accounts (django-allauth), of email, and of the cache that their rate limits count in."""

from typing import Any, Final
from urllib.parse import unquote, urlsplit

from hpweb.environment import Environment, read_environment

_ENV = read_environment()


def email_settings(url: str) -> dict[str, Any]:
    """Django's settings for an `HPWEB_EMAIL_URL`."""
    parts = urlsplit(url)
    if not parts.scheme.startswith("smtp"):
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": 10,
    }


def cache_settings(channels_url: str) -> dict[str, Any]:
    """Where attempts are counted: what all server processes share, else this process."""
    if channels_url.startswith("memory"):
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": channels_url,
        "KEY_PREFIX": "hpweb-cache",
    }


def oidc_apps(env: Environment) -> list[dict[str, Any]]:
    """The one application of allauth's OpenID Connect; none without an issuer."""
    if not env.oidc_url:
        return []
    return [
        {
            "provider_id": "sso",
            "name": env.oidc_name,
            "client_id": env.oidc_client_id,
            "secret": env.oidc_secret,
            "settings": {"server_url": env.oidc_url},
        }
    ]


_email = email_settings(_ENV.email_url)
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_HOST = _email.get("EMAIL_HOST", "localhost")
EMAIL_PORT = _email.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = _email.get("EMAIL_TIMEOUT", 10)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _ENV.email_from

CACHES = {"default": cache_settings(_ENV.channels_url)}

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]

SIGNUP: str = _ENV.signup
OIDC_SIGNUP = _ENV.oidc_signup
OIDC_ORIGIN = "://".join(urlsplit(_ENV.oidc_url)[:2]) if _ENV.oidc_url else ""

RATE_LIMITS: Final = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "confirm_email": "1/3m/key",
    "manage_email": "10/m/user",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
    "setup": "10/m/ip",
    "join": "30/m/ip",
    "invite": "30/h/user",
}
"""Attempts per time and per address, account or person. docs/people.md has them in words."""

ALLAUTH_TRUSTED_PROXY_COUNT = _ENV.proxies
ACCOUNT_ADAPTER = "teams.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "teams.accounts.forms.LoginForm", "signup": "teams.accounts.forms.SignupForm"}
ACCOUNT_RATE_LIMITS: Any = RATE_LIMITS
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_CHANGE_EMAIL = True
# Where everybody may come in, an address must be proven. An invitation has been handed to somebody by hand.
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if _ENV.signup == "open" else "optional"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[hpweb] "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _ENV.public_url.startswith("https://") else "http"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False

MFA_ADAPTER = "teams.accounts.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "hpweb"
# A clock that is half a minute wrong still gets in.
MFA_TOTP_TOLERANCE = 1

SOCIALACCOUNT_ADAPTER = "teams.accounts.adapters.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": oidc_apps(_ENV), "OAUTH_PKCE_ENABLED": True}}
# The issuer is the operator's own: an address that it has verified is that person's account here.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_STORE_TOKENS = False
