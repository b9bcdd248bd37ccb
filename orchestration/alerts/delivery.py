"""Sends an alert to a webhook and by e-mail. Limited in time; what goes wrong is told without addresses and secrets."""

from __future__ import annotations

import json
import smtplib
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from orchestration.alerts.message import Alert
from orchestration.settings import AlertSettings, SmtpSecurity

TIMEOUT_SECONDS = 5.0
# Pauses between the attempts. Dagster gives a sensor a minute for all of it.
PAUSES_SECONDS = (1.0, 3.0)
_TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}


class AlertNotSentError(Exception):
    """One or more of the ways to people did not work; the message says which and why."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would become a GET and its text be lost."""

    def redirect_request(self, *_: object) -> None:
        return None


def send(alert: Alert, settings: AlertSettings, pauses: tuple[float, ...] = PAUSES_SECONDS) -> list[str]:
    """Sends by every way that is configured; returns what was reached.

    Raises:
        AlertNotSentError: at least one way failed; the others were tried all the same.
    """
    ways: dict[str, Callable[[Alert, AlertSettings], None]] = {}
    if settings.webhook_url:
        ways[f"webhook at {_host(settings.webhook_url)}"] = _post
    if settings.email_to:
        ways[f"e-mail to {len(settings.email_to)} addresses by {settings.smtp_host}"] = _mail
    reached, failures = [], []
    for name, way in ways.items():
        failure = _tried(way, alert, settings, pauses)
        if failure:
            failures.append(f"{name}: {failure}")
        else:
            reached.append(name)
    if failures:
        raise AlertNotSentError("; ".join(failures))
    return reached


def _tried(
    way: Callable[[Alert, AlertSettings], None], alert: Alert, settings: AlertSettings, pauses: tuple[float, ...]
) -> str | None:
    """Why it did not work in the end; None: it did."""
    for pause in (*pauses, None):
        try:
            way(alert, settings)
            return None
        except (urllib.error.URLError, smtplib.SMTPException, OSError) as error:
            if pause is None or not _is_passing(error):
                return _reason(error)
            time.sleep(pause)
    return None


def _post(alert: Alert, settings: AlertSettings) -> None:
    """`{"text": …}` is what Slack, Mattermost, Rocket.Chat and bridges to Telegram take."""
    body = json.dumps({"text": alert.text}).encode()
    request = urllib.request.Request(settings.webhook_url, body, {"Content-Type": "application/json"}, method="POST")
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS):
        return


def _mail(alert: Alert, settings: AlertSettings) -> None:
    message = EmailMessage()
    message["Subject"], message["From"] = alert.title, settings.email_from
    message["To"] = ", ".join(settings.email_to)
    # Without these two a mail is likely to end among the unwanted ones.
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=settings.email_from.rpartition("@")[2])
    message.set_content(alert.text)
    host, port = settings.smtp_host, settings.smtp_port
    if settings.smtp_security is SmtpSecurity.TLS:
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    with server:
        if settings.smtp_security is SmtpSecurity.STARTTLS:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        server.send_message(message)


def _is_passing(error: Exception) -> bool:
    if isinstance(error, urllib.error.HTTPError):
        return error.code in _TRY_AGAIN
    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500
    return not isinstance(error, smtplib.SMTPNotSupportedError | smtplib.SMTPRecipientsRefused)


def _reason(error: Exception) -> str:
    """Codes and kinds only: a server's own words may repeat what it was sent."""
    if isinstance(error, urllib.error.HTTPError):
        return f"it answered {error.code}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "it refused the user or the password"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it answered {error.smtp_code}"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "it does not offer STARTTLS or a login; choose another security in .env"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return f"no connection ({type(cause).__name__})"


def _host(url: str) -> str:
    return urllib.parse.urlsplit(url).hostname or ""
