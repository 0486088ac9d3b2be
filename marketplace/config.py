"""Settings: read once from the environment, refused with one clear line when a group is half-set.

Every variable is a field of :class:`Settings` with its default; the README's table is checked against it.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class SettingsRefused(Exception):
    """The environment does not make sense; the message says which variable and what would be right."""


def env(name: str, about: str) -> dict[str, str]:
    return {"env": name, "about": about}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One value per variable; the metadata names the variable and says what it is for."""

    secret_key: str = field(
        default="",
        metadata=env(
            "SECRET_KEY",
            "signs sessions and links, at least 32 characters; required with SECURE_COOKIES=1, otherwise made once under instance/",
        ),
    )
    database_url: str = field(
        default="sqlite:///instance/market.sqlite3", metadata=env("DATABASE_URL", "SQLite file or PostgreSQL")
    )
    queue_url: str = field(
        default="sqlite:///instance/queue.sqlite3",
        metadata=env("QUEUE_URL", "what wakes the worker: SQLite file, redis:// or postgresql://"),
    )
    storage_url: str = field(default="instance/files", metadata=env("STORAGE_URL", "folder or s3://bucket for papers"))
    limiter_url: str = field(default="memory://", metadata=env("LIMITER_URL", "rate limits: memory:// or redis://"))
    base_url: str = field(
        default="http://127.0.0.1:5000", metadata=env("BASE_URL", "address printed in mails and papers")
    )
    secure_cookies: bool = field(
        default=False, metadata=env("SECURE_COOKIES", "1 behind TLS: cookies are sent over https only")
    )
    trusted_proxies: int = field(
        default=0, metadata=env("TRUSTED_PROXIES", "how many proxies in front set X-Forwarded-*")
    )
    demo_market: bool = field(
        default=False, metadata=env("DEMO_MARKET", "1: sample data, banner on every page, readable mail")
    )
    smtp_host: str = field(default="", metadata=env("SMTP_HOST", "mail server; empty: mail stays readable inside"))
    smtp_port: int = field(default=587, metadata=env("SMTP_PORT", "port of the mail server"))
    smtp_user: str = field(default="", metadata=env("SMTP_USER", "account at the mail server"))
    smtp_password: str = field(default="", metadata=env("SMTP_PASSWORD", "its password"), repr=False)
    mail_from: str = field(default="", metadata=env("MAIL_FROM", "sender address; required with SMTP_HOST"))
    s3_endpoint: str = field(default="", metadata=env("S3_ENDPOINT", "address of an S3-compatible store"))
    s3_key: str = field(default="", metadata=env("S3_KEY", "its access key"))
    s3_secret: str = field(default="", metadata=env("S3_SECRET", "its secret"), repr=False)
    escrow_account_name: str = field(
        default="质易交易资金监管专户", metadata=env("ESCROW_ACCOUNT_NAME", "name of the supervised account")
    )
    escrow_account_no: str = field(default="", metadata=env("ESCROW_ACCOUNT_NO", "its number"))
    escrow_bank: str = field(default="", metadata=env("ESCROW_BANK", "the bank that keeps it"))
    log_level: str = field(default="INFO", metadata=env("LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR"))
    password_cost: str = field(
        default="strong", metadata=env("PASSWORD_COST", "strong; `cheap` is for test runs and refused with https")
    )

    def __post_init__(self) -> None:
        if len(self.secret_key) < 32:
            raise SettingsRefused("SECRET_KEY must be set to at least 32 characters")
        self._whole("SMTP", smtp_host=self.smtp_host, mail_from=self.mail_from)
        self._whole("SMTP login", smtp_user=self.smtp_user, smtp_password=self.smtp_password)
        self._whole("S3", s3_endpoint=self.s3_endpoint, s3_key=self.s3_key, s3_secret=self.s3_secret)
        self._whole("ESCROW", escrow_account_no=self.escrow_account_no, escrow_bank=self.escrow_bank)
        if self.storage_url.startswith("s3://") and not self.s3_endpoint:
            raise SettingsRefused("STORAGE_URL names an S3 bucket, so S3_ENDPOINT, S3_KEY and S3_SECRET must be set")
        if self.password_cost not in {"strong", "cheap"}:
            raise SettingsRefused("PASSWORD_COST must be strong or cheap")
        if self.password_cost == "cheap" and self.secure_cookies:
            raise SettingsRefused("PASSWORD_COST=cheap is for tests and cannot be used with SECURE_COOKIES=1")

    @staticmethod
    def _whole(group: str, **values: str) -> None:
        missing = [name.upper() for name, value in values.items() if not value]
        if missing and len(missing) < len(values):
            raise SettingsRefused(f"{group} settings are half-set: also set {', '.join(missing)}")

    @property
    def sqlalchemy_url(self) -> str:
        """The database address as SQLAlchemy wants it: paths from the project's root, psycopg 3 named."""
        url = self.database_url
        if url.startswith("postgresql://"):
            return url.replace("postgresql://", "postgresql+psycopg://", 1)
        if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
            return f"sqlite:///{ROOT / url.removeprefix('sqlite:///')}"
        return url


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read every setting's variable.

    :raises SettingsRefused: naming the variable and what would be right
    """
    source = os.environ if environ is None else environ
    values: dict[str, object] = {}
    for item in fields(Settings):
        name = item.metadata["env"]
        text = source.get(name, "")
        if text == "":
            continue
        if item.type is bool:
            if text not in {"0", "1"}:
                raise SettingsRefused(f"{name} must be 0 or 1, not {text!r}")
            values[item.name] = text == "1"
        elif item.type is int:
            if not text.isdigit():
                raise SettingsRefused(f"{name} must be a whole number, not {text!r}")
            values[item.name] = int(text)
        else:
            values[item.name] = text
    if not values.get("secret_key") and not values.get("secure_cookies"):
        values["secret_key"] = _own_secret()
    return Settings(**values)  # type: ignore[arg-type]


def _own_secret() -> str:
    """A key of this installation, made once and kept beside its data; never used behind TLS (set your own there)."""
    path = ROOT / "instance" / "secret_key"
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        return path.read_text().strip()
    except OSError:
        return secrets.token_hex(32)
