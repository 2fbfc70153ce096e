"""What is true of the auth service only; the rest is in shared.settings."""

from shared.settings import *

ROOT_URLCONF = "auth_project.urls"
WSGI_APPLICATION = "auth_project.wsgi.application"
INSTALLED_APPS += [
    "auth_project.accounts",
    "auth_project.codes",
    "auth_project.sessions",
]

PASSWORD_HASHERS = ["auth_project.accounts.passwords.OwaspArgon2PasswordHasher"]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "full_name"]},
    },
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
]

# One private key per file, and which of them signs: see `manage.py jwt_keys`.
JWT_KEYS_DIR = Path(env("JWT_KEYS_DIR", default=str(SERVICE_VAR / "jwt_keys")))
# Where `demo_accounts` keeps the password that it generates.
DEMO_PASSWORD_FILE = SERVICE_VAR / "secrets" / "demo_password"
