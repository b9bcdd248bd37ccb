"""The only module that reads the environment. Every variable here is listed in `.env.example` (tested)."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from dotenv import dotenv_values

REPO_ROOT = Path(__file__).parents[1]
DAGSTER_SETTINGS = Path(__file__).parent / "dagster.yaml"

# Tools that would otherwise send usage data; read by them, not by us.
_TELEMETRY_OFF = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "DAGSTER_DISABLE_TELEMETRY": "true",
}


class SettingsError(ValueError):
    """An environment variable has a value that cannot be used."""


NOBODY_IS_TOLD = "nobody is to be told: set TRIUNE_ALERT_WEBHOOK_URL or TRIUNE_ALERT_EMAIL_TO"


class SmtpSecurity(StrEnum):
    STARTTLS = "starttls"  # a plain connection that becomes TLS before anything is said, port 587
    TLS = "tls"  # TLS from the start, port 465
    NONE = "none"  # for a server on this machine, port 25


@dataclass(frozen=True)
class AlertSettings:
    """Whom a failed day is told, and how. Nobody, unless configured. Secrets are left out of its printed form."""

    webhook_url: str = field(default="", repr=False)
    email_to: tuple[str, ...] = ()
    email_from: str = "triune@localhost"
    smtp_host: str = "localhost"
    smtp_port: int = 587
    smtp_security: SmtpSecurity = SmtpSecurity.STARTTLS
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)

    @property
    def is_configured(self) -> bool:
        return bool(self.webhook_url or self.email_to)


@dataclass(frozen=True)
class Settings:
    """Where things are. All state lives under `home`; the repository itself is never written to."""

    home: Path
    first_day: date
    patient_key_file: Path
    alerts: AlertSettings = AlertSettings()
    ui_url: str = "http://localhost:3000"

    @property
    def landing(self) -> Path:
        """Exports as they arrived: `<source>/<YYYY-MM-DD>/<file>`. Never changed."""
        return self.home / "landing"

    @property
    def batches(self) -> Path:
        """Typed Parquet archive: `<source>/<entity>/<YYYY-MM-DD>.parquet`."""
        return self.home / "batches"

    @property
    def warehouse(self) -> Path:
        """The private warehouse, opened by the pipeline alone."""
        return self.home / "warehouse" / "warehouse.duckdb"

    @property
    def ledger(self) -> Path:
        """The pay ledger, readable by its owner only."""
        return self.home / "ledger" / "payouts.duckdb"

    @property
    def published(self) -> Path:
        """What BI tools open."""
        return self.home / "published"

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    @property
    def dbt_target(self) -> Path:
        """dbt's compiled artefacts of this home."""
        return self.home / "dbt"

    def patient_key(self) -> bytes:
        """Key of the patient pseudonyms; made once, readable by its owner only. Without it old and new ids differ."""
        if not self.patient_key_file.exists():
            self.patient_key_file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.patient_key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
        key = self.patient_key_file.read_text().strip().encode()
        if not key:
            raise SettingsError(f"the key file {self.patient_key_file} is empty: pseudonyms could be guessed")
        return key


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environment` (default: the process's own over the file `.env`), with every path absolute.

    Raises:
        SettingsError: a variable has a value that cannot be used.
    """
    values = _process_environment() if environment is None else environment
    home = (REPO_ROOT / values.get("TRIUNE_HOME", "var")).resolve()
    key_file = values.get("TRIUNE_PATIENT_KEY_FILE")
    return Settings(
        home=home,
        first_day=_day(values, "TRIUNE_FIRST_DAY", "2015-01-01"),
        patient_key_file=(REPO_ROOT / key_file).resolve() if key_file else home / "secrets" / "patient.key",
        alerts=_alerts(values),
        ui_url=values.get("TRIUNE_UI_URL", "http://localhost:3000").rstrip("/"),
    )


def secret(variable: str, environment: Mapping[str, str] | None = None) -> str | None:
    """What a variable holds that a definition names, e.g. a profile the DSN of its database; None if it is not set."""
    values = _process_environment() if environment is None else environment
    return values.get(variable, "").strip() or None


def prepare_process(settings: Settings) -> None:
    """Points the tools that this process starts at `settings` and switches their telemetry off."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(DAGSTER_SETTINGS, settings.dagster_home / DAGSTER_SETTINGS.name)
    os.environ.update(
        _TELEMETRY_OFF
        | {
            "DAGSTER_HOME": str(settings.dagster_home),
            "TRIUNE_HOME": str(settings.home),
            "TRIUNE_WAREHOUSE": str(settings.warehouse),
        }
    )


def _process_environment() -> dict[str, str]:
    from_file = {name: value for name, value in dotenv_values(REPO_ROOT / ".env").items() if value is not None}
    return from_file | os.environ


def _alerts(values: Mapping[str, str]) -> AlertSettings:
    url = values.get("TRIUNE_ALERT_WEBHOOK_URL", "")
    if url and not url.startswith(("https://", "http://")):
        raise SettingsError("TRIUNE_ALERT_WEBHOOK_URL must begin with https://")  # the rest of it is a secret
    addresses = [address.strip() for address in values.get("TRIUNE_ALERT_EMAIL_TO", "").split(",")]
    port, security = values.get("TRIUNE_SMTP_PORT", "587"), values.get("TRIUNE_SMTP_SECURITY", "starttls")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise SettingsError(f"TRIUNE_SMTP_PORT is '{port}'; write a number, e.g. 587")
    if security not in set(SmtpSecurity):
        raise SettingsError(f"TRIUNE_SMTP_SECURITY is '{security}'; write one of: {', '.join(SmtpSecurity)}")
    return AlertSettings(
        webhook_url=url,
        email_to=tuple(address for address in addresses if address),
        email_from=values.get("TRIUNE_ALERT_EMAIL_FROM", "triune@localhost"),
        smtp_host=values.get("TRIUNE_SMTP_HOST", "localhost"),
        smtp_port=int(port),
        smtp_security=SmtpSecurity(security),
        smtp_user=values.get("TRIUNE_SMTP_USER", ""),
        smtp_password=values.get("TRIUNE_SMTP_PASSWORD", ""),
    )


def _day(values: Mapping[str, str], name: str, default: str) -> date:
    text = values.get(name, default)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"{name} is '{text}'; write a day as YYYY-MM-DD, e.g. {default}") from None
