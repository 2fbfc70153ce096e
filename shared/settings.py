"""Every setting that the services have in common; each service star-imports it."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from shared.telemetry.logs import logging_config
from shared.topology import ACCOUNTS, NAME, SERVICES, default_ports, staff_roles

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
if (BASE_DIR / ".env").is_file():
    environ.Env.read_env(BASE_DIR / ".env")

# ── who this process is ──────────────────────────────────────────────────────
# "auth" for DJANGO_SETTINGS_MODULE=auth_project.settings.
SERVICE = env("SERVICE", default=env("DJANGO_SETTINGS_MODULE").split("_project")[0])
SERVICE_TITLE = f"{NAME} {SERVICE.title()}"
# "local" relaxes nothing about security: it gives the peers their default addresses,
# and makes mistakes loud (a call inside a transaction raises).
PLATFORM_MODE = env("PLATFORM_MODE", default="local")
IS_LOCAL = PLATFORM_MODE == "local"
PLATFORM_VAR = Path(env("PLATFORM_VAR", default=str(BASE_DIR / "var"))).absolute()
PLATFORM_RUN = Path(env("PLATFORM_RUN", default=str(PLATFORM_VAR / "run"))).absolute()
SERVICE_VAR = PLATFORM_VAR / SERVICE


def secret(name: str) -> str:
    """Return the secret *name*: from the environment, from the file that NAME_FILE
    names, or from the file that `make keys` wrote. There is no default.
    """
    value = env(name, default="")
    if value:
        return value
    path = Path(
        env(f"{name}_FILE", default=str(SERVICE_VAR / "secrets" / name.lower()))
    )
    if path.is_file():
        return path.read_text().strip()
    raise ImproperlyConfigured(
        f"{name} is not set for the {SERVICE} service: set {name} or {name}_FILE, "
        f"or run `make keys`."
    )


SECRET_KEY = secret("SECRET_KEY")
INTERNAL_API_KEY = secret("INTERNAL_API_KEY")
# Looked at every few seconds, and read again after a refusal: a rotation replaces it.
# None when the environment holds the secret itself: that never changes.
INTERNAL_API_KEY_FILE = (
    None
    if env("INTERNAL_API_KEY", default="")
    else env(
        "INTERNAL_API_KEY_FILE",
        default=str(SERVICE_VAR / "secrets" / "internal_api_key"),
    )
)

# ── peers ────────────────────────────────────────────────────────────────────
SERVICE_PORTS = {
    name: env.int(f"{name.upper()}_PORT", default=port)
    for name, port in default_ports().items()
}
# Instances of each peer, separated by commas; PeerService rows in the admin override.
PEERS = {
    name: env.list(
        f"{name.upper()}_SERVICE_URL",
        default=[f"http://127.0.0.1:{port}"] if IS_LOCAL else [],
    )
    for name, port in SERVICE_PORTS.items()
}

# Where an operator's browser finds each admin; without an address it is the host that
# the browser uses for this one, at the service's port.
ADMIN_URLS = {
    name: env(f"{name.upper()}_ADMIN_URL", default="") for name in SERVICE_PORTS
}

# Where the worker answers /health and /metrics; none when no port is set.
BIND_ADDRESS = env("BIND_ADDRESS", default="127.0.0.1")
WORKER_PORT = env.int(f"{SERVICE.upper()}_WORKER_PORT", default=None)

# ── Django ───────────────────────────────────────────────────────────────────
DEBUG = False
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", SERVICE]
)
INSTALLED_APPS = [
    "shared.operators",  # before unfold: its admin/index.html extends theirs
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "shared.peers",
    "shared.inbox",
    "shared.server",
    "shared.outbox",
    "shared.contracts",
]
MIDDLEWARE = [
    "shared.server.middleware.RequestMiddleware",
    "shared.server.middleware.InternalMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # API.md: bodies up to 1 MiB
LOGGING = logging_config(
    SERVICE,
    env("LOG_FORMAT", default="readable" if IS_LOCAL else "json"),
    env("LOG_LEVEL", default="INFO"),
)

# ── database ─────────────────────────────────────────────────────────────────
_DATABASE_URL = env(
    f"{SERVICE.upper()}_DATABASE_URL", default=env("DATABASE_URL", default="")
)
if _DATABASE_URL:
    DATABASES = {"default": environ.Env.db_url_config(_DATABASE_URL)}
    if env("DATABASE_PASSWORD_FILE", default=""):
        DATABASES["default"]["PASSWORD"] = secret("DATABASE_PASSWORD")
    if "postgresql" in DATABASES["default"]["ENGINE"]:
        DATABASES["default"]["OPTIONS"] = {
            "pool": {"min_size": 1, "max_size": 12, "timeout": 3}
        }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": SERVICE_VAR / "db.sqlite3",
            "CONN_MAX_AGE": None,
            # A file, so that the threads of a test meet as processes do.
            "TEST": {"NAME": PLATFORM_VAR / f"test-{SERVICE}.sqlite3"},
            "OPTIONS": {
                # IMMEDIATE: a transaction that reads and then writes never finds the
                # database locked half-way; FULL: an acknowledged commit survives a
                # power cut. TRAPS measured 148 of 600 lock errors without.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                    "PRAGMA foreign_keys=ON;"
                ),
            },
        }
    }

# ── mail ─────────────────────────────────────────────────────────────────────
# Files, one per mail, until a mail server is named.
if env("EMAIL_URL", default=""):
    globals().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = SERVICE_VAR / "mail"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("MAIL_FROM", default=f"{NAME} <no-reply@localhost>")

# ── people ───────────────────────────────────────────────────────────────────
HAS_PLATFORM_ACCOUNTS = ACCOUNTS in SERVICES
if HAS_PLATFORM_ACCOUNTS:
    INSTALLED_APPS += ["shared.staff"]
    AUTH_USER_MODEL = "staff.StaffUser"
    AUTHENTICATION_BACKENDS = ["shared.staff.backends.PlatformBackend"]
# Roles that may enter this service's admin.
STAFF_ROLES = staff_roles(SERVICE)
LOGIN_URL = "rest_framework:login"
LOGIN_REDIRECT_URL = "/api/docs"
# Cookies ignore ports: services on one host need names of their own.
SESSION_COOKIE_NAME = f"{SERVICE}_session"
CSRF_COOKIE_NAME = f"{SERVICE}_csrf"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("SECURE_COOKIES", default=False)
CSRF_FAILURE_VIEW = "shared.server.problems.csrf_failure"
# Hops in front of the services whose X-Forwarded-For entry is believed: the gateway.
NUM_TRUSTED_PROXIES = env.int("NUM_TRUSTED_PROXIES", default=1)
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])

JWT_ISSUER = env("JWT_ISSUER", default=f"{NAME.lower()}-platform")
JWT_AUDIENCE = env("JWT_AUDIENCE", default=f"{NAME.lower()}-platform")
JWT_LEEWAY_SECONDS = 30
JWT_KEY_SET_FILE = SERVICE_VAR / "key_set.json"
SIMPLE_JWT = {
    "ALGORITHM": "EdDSA",
    "ISSUER": JWT_ISSUER,
    "AUDIENCE": JWT_AUDIENCE,
    "LEEWAY": JWT_LEEWAY_SECONDS,
    "USER_ID_CLAIM": "sub",
    "TOKEN_TYPE_CLAIM": "type",
    "JTI_CLAIM": None,
    "UPDATE_LAST_LOGIN": False,
}

# ── REST ─────────────────────────────────────────────────────────────────────
BROWSABLE_API = env.bool("BROWSABLE_API", default=True)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        *(
            ["shared.server.authentication.PlatformJWTAuthentication"]
            if HAS_PLATFORM_ACCOUNTS
            else []
        ),
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["shared.server.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        *(
            ["shared.server.renderers.PeopleBrowsableAPIRenderer"]
            if BROWSABLE_API
            else []
        ),
    ],
    "DEFAULT_PAGINATION_CLASS": "shared.server.lists.Pages",
    "DEFAULT_FILTER_BACKENDS": ["shared.server.lists.StrictFilters"],
    "DEFAULT_SCHEMA_CLASS": "shared.server.schema.ProblemAutoSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "shared.server.renderers.PeopleNegotiation",
    "EXCEPTION_HANDLER": "shared.server.rest_problems.rest_exception_handler",
    # ?format=api would bring HTML through the gateway, where everything is JSON.
    "URL_FORMAT_OVERRIDE": None,
    # /api/schema would put any other version into a header of its answer.
    "ALLOWED_VERSIONS": ["1"],
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": SERVICE_TITLE,
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
UNFOLD = {
    "SITE_TITLE": SERVICE_TITLE,
    "SITE_HEADER": SERVICE_TITLE,
    "SITE_URL": "/api/docs",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "LOGIN": {
        "form": "shared.staff.forms.AdminSignInForm" if HAS_PLATFORM_ACCOUNTS else None
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "shared.staff.admin_site.sidebar",
    },
    "DASHBOARD_CALLBACK": "shared.staff.start_page.start_page",
}
