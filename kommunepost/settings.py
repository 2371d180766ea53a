"""All settings, in sections; every value from outside passes through kommunepost.env."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from kommunepost import env
from kommunepost.policy import DIRECTIVES
from kommunepost.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Core -----------------------------------------------------------------------------------
env.section("Core")
SECRET_KEY = env.text(
    "SECRET_KEY", env.REQUIRED, "Signs sessions and forms; at least 50 random characters."
)
DEBUG = env.flag("DEBUG", False, "Developers' error pages. Never on where real post arrives.")
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS", "127.0.0.1,localhost", "Host names that the web server answers to."
)
BASE_URL = env.text(
    "BASE_URL",
    "http://127.0.0.1:8000",
    "Address of the staff's web, for links in notices to staff.",
)
CSRF_TRUSTED_ORIGINS = [BASE_URL]

ROOT_URLCONF = "kommunepost.urls"
WSGI_APPLICATION = "kommunepost.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "kommunepost",
    "intake",
    "decisions",
    "registry",
    "outbox",
    "accounts",
    "ledger",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignedInMiddleware",
    "accounts.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

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
                "kommunepost.context.page",
            ],
        },
    }
]

# --- Database -------------------------------------------------------------------------------
env.section("Database")
DATABASE_ROLE_NAME = "kommunepost_app"
_database = env.database(
    "DATABASE_URL", "PostgreSQL 15 or newer, e.g. postgres://user:password@host/name."
)
_role = env.text(
    "DATABASE_ROLE",
    "",
    "Role that running processes take on (kommunepost_app: may not change or delete what stands in "
    "the ledger). Left empty for migrations.",
)
_options: dict[str, object] = dict(_database.get("OPTIONS", {}))  # type: ignore[call-overload]
# Durability and the time zone are not left to the server's defaults: a 250 that is not durable
# is a lost letter.
_server = ["-c synchronous_commit=on", "-c lock_timeout=30s", "-c statement_timeout=120s"]
if _role:
    _server.append(f"-c role={_role}")
_options["options"] = " ".join(_server)
# Statements of lib/rows.py are prepared from the second time on; the ORM's never are.
_options["prepare_threshold"] = 1
DATABASES = {
    "default": {
        **_database,
        "OPTIONS": _options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}

# --- Broker ---------------------------------------------------------------------------------
env.section("Broker")
REDIS_URL = env.text(
    "REDIS_URL",
    env.REQUIRED,
    "Redis or Valkey, which only wakes workers: redis://host/0 or redis+socket:///path.",
)
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than any task may take; what a dead worker leaves, a sweeper finds much sooner.
    "visibility_timeout": 1_800,
    # kombu looks for tasks of dead workers every tenth ten-second tick otherwise.
    "unacked_restore_interval": 5,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    # One more try at once: the sender of a mail waits meanwhile, and the sweeper does not mind.
    "max_retries": 1,
    "interval_start": 0,
}
CELERY_TASK_PUBLISH_RETRY = False  # a sweeper finds what could not be announced
# A mail server that hangs holds up letters only: they have workers of their own.
CELERY_TASK_ROUTES = {"outbox.tasks.*": {"queue": "letters"}}
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = SCHEDULE

# --- Storage --------------------------------------------------------------------------------
env.section("Storage")
BLOB_STORAGE = env.text("BLOB_STORAGE", "folder", "Where raw mail is kept: folder or s3.")
BLOB_DIR = Path(
    env.text(
        "BLOB_DIR", str(BASE_DIR / ".run" / "blobs"), "Folder of raw mail (BLOB_STORAGE=folder)."
    )
)
PREVIEW_DIR = Path(
    env.text(
        "PREVIEW_DIR",
        str(BASE_DIR / ".run" / "previews"),
        "Folder of page images, which are made when somebody looks and kept for an hour.",
    )
)
PREVIEW_MEGABYTES = env.number(
    "PREVIEW_MEGABYTES", 256, "Most room that page images may take.", minimum=1
)
PREVIEW_SECONDS = env.number(
    "PREVIEW_SECONDS", 10, "Longest time that the drawing of one page may take.", minimum=1
)
BLOB_S3_BUCKET = env.text("BLOB_S3_BUCKET", "", "Bucket of raw mail (BLOB_STORAGE=s3).")
_s3_options = {
    "bucket_name": BLOB_S3_BUCKET,
    "endpoint_url": env.text("BLOB_S3_ENDPOINT", "", "Address of the S3-compatible store.") or None,
    "access_key": env.text("BLOB_S3_ACCESS_KEY", "", "Access key of the store.") or None,
    "secret_key": env.text("BLOB_S3_SECRET_KEY", "", "Secret key of the store.") or None,
    "file_overwrite": True,  # names are the content's hash
    "default_acl": None,
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    # Served from the source tree (vendored files carry their version in the path): no build step.
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "blobs": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _s3_options},
}

# --- Mail in --------------------------------------------------------------------------------
env.section("Mail in")
MAX_MESSAGE_BYTES = env.number(
    "MAX_MESSAGE_BYTES", 52_428_800, "Largest mail accepted, in bytes of the wire.", minimum=65_536
)
PARSE_SECONDS = env.number(
    "PARSE_SECONDS",
    10,
    "Longest time the reader may take over one mail before it is held.",
    minimum=1,
)
PARSE_MEGABYTES = env.number(
    "PARSE_MEGABYTES",
    512,
    "Most memory the reader may take over one mail before it is held.",
    minimum=128,
)
SMTP_TLS_CERTIFICATE = env.text(
    "SMTP_TLS_CERTIFICATE", "", "PEM file with certificate chain for STARTTLS at the SMTP door."
)
SMTP_TLS_KEY = env.text("SMTP_TLS_KEY", "", "PEM file with the key of that certificate.")

# --- Mail out -------------------------------------------------------------------------------
env.section("Mail out")
OUTGOING_SMTP_URL = env.text(
    "OUTGOING_SMTP_URL",
    "smtp://127.0.0.1:25",
    "Mail server for letters out: smtp+starttls://user:password@host:587, smtps://host:465, or "
    "smtp:// in clear text, which is refused for hosts but this machine and OUTGOING_PLAIN_HOSTS.",
)
OUTGOING_PLAIN_HOSTS = env.words(
    "OUTGOING_PLAIN_HOSTS",
    "",
    "Hosts besides this machine that may be spoken to without TLS (a mail server beside us in the "
    "same private network).",
)
OUTGOING_SECONDS = env.number(
    "OUTGOING_SECONDS", 60, "Longest wait for an answer of the mail server.", minimum=1
)
# Whom a letter concerns is known to the registry, which the outbox cannot import.
LETTERS_TO_READ = "registry.access.elsewhere.letters_to_read"
UNDO_SECONDS = env.number(
    "UNDO_SECONDS", 20, "How long a letter waits before it leaves, so that a slip can be undone."
)
ANSWER_FILES = env.number("ANSWER_FILES", 10, "Attachments of an answer, at most.", minimum=1)
ANSWER_FILES_BYTES = env.number(
    "ANSWER_FILES_BYTES",
    15_000_000,
    "Attachments of an answer together, in bytes, at most. A third is added on the wire, and many "
    "mail servers refuse more than 20 or 25 MB.",
    minimum=65_536,
)

# --- Acknowledgements -----------------------------------------------------------------------
env.section("Acknowledgements")
RECEIPT_LEAD_HOURS = env.number(
    "RECEIPT_LEAD_HOURS",
    8,
    "Hours before the last moment for an acknowledgement at which an automatic receipt goes out "
    "when nobody has registered the message yet.",
    minimum=1,
)
RECEIPTS_PER_ADDRESS_AND_DAY = env.number(
    "RECEIPTS_PER_ADDRESS_AND_DAY",
    3,
    "Automatic receipts to one address in 24 hours, at most.",
    minimum=1,
)
ACKNOWLEDGEMENTS_PER_ADDRESS_AND_HOUR = env.number(
    "ACKNOWLEDGEMENTS_PER_ADDRESS_AND_HOUR",
    5,
    "Acknowledgements to one address in an hour, at most.",
    minimum=1,
)
ACKNOWLEDGEMENTS_PER_HOUR = env.number(
    "ACKNOWLEDGEMENTS_PER_HOUR",
    5_000,
    "Acknowledgements to all addresses in an hour, at most.",
    minimum=1,
)

# --- Deadlines ------------------------------------------------------------------------------
env.section("Deadlines")
DIGEST_HOUR = env.number(
    "DIGEST_HOUR",
    7,
    "Local hour (0 to 23) from which the daily e-mail about deadlines goes out on working days.",
)
ESCALATION_DAYS = env.number(
    "ESCALATION_DAYS",
    1,
    "Working days before its last day on which a deadline that nobody has touched goes to the "
    "unit's leader; 0 is on the last day.",
)

# --- Alarms ---------------------------------------------------------------------------------
env.section("Alarms")
ALARM_ADDRESSES = env.words(
    "ALARM_ADDRESSES", "", "Addresses that are told by e-mail when an alarm is raised or cleared."
)
ALARM_SILENT_SECONDS = env.number(
    "ALARM_SILENT_SECONDS",
    180,
    "Silence of worker, sender, beat or receiver before an alarm.",
    minimum=30,
)
ALARM_OUTBOX_MINUTES = env.number(
    "ALARM_OUTBOX_MINUTES",
    30,
    "Age of a letter that ought to have left before an alarm.",
    minimum=1,
)

# --- Sign-in and browser --------------------------------------------------------------------
env.section("Sign-in and browser")
INSECURE_COOKIES = env.flag(
    "INSECURE_COOKIES", False, "Cookies and pages without TLS, for a demonstration on one machine."
)
SESSION_HOURS = env.number("SESSION_HOURS", 10, "Longest session, in hours.", minimum=1)
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not INSECURE_COOKIES
SESSION_COOKIE_NAME = "sessionid" if INSECURE_COOKIES else "__Host-sessionid"
CSRF_COOKIE_NAME = "csrftoken" if INSECURE_COOKIES else "__Host-csrftoken"
SECURE_SSL_REDIRECT = not INSECURE_COOKIES
SECURE_HSTS_SECONDS = 0 if INSECURE_COOKIES else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not INSECURE_COOKIES
BEHIND_PROXY = env.flag(
    "BEHIND_PROXY",
    False,
    "A proxy in front ends TLS and sets X-Forwarded-Proto (and strips the visitor's own).",
)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^health/"]
X_FRAME_OPTIONS = "DENY"  # but for the letter in its frame (intake/views/message.py)
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "start"
LOGOUT_REDIRECT_URL = "sign-in"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 8
# Who failed to sign in when is evidence: read by SQL, ended by `manage.py axes_reset_username`.
AXES_ENABLE_ADMIN = False
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_USERNAME_FORM_FIELD = "username"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": DIRECTIVES}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_242_880

# --- Language and time ----------------------------------------------------------------------
LANGUAGE_CODE = "nb"
LANGUAGES = [
    ("nb", _("Norwegian Bokmål")),
    ("nn", _("Norwegian Nynorsk")),
    ("sv", _("Swedish")),
    ("en", _("English")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["kommunepost.formats"]
USE_TZ = True
TIME_ZONE = "UTC"  # PreferencesMiddleware shows the municipality's own time

# --- Static files ---------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# --- Logs -----------------------------------------------------------------------------------
# Ids and codes only: no address, subject or name is ever a log argument.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "WARNING"},
        # axes logs the user name that was tried, which is an address
        "axes": {"level": "ERROR"},
        "mail.log": {"level": "WARNING"},
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []
