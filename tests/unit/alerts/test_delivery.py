"""Alerts reach a real web server and a real mail server; failures are tried again, and told without secrets."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from local_servers import mail_server, web_server

from orchestration.alerts.delivery import AlertNotSentError, send
from orchestration.alerts.message import Alert
from orchestration.cli import triune
from orchestration.settings import AlertSettings, SmtpSecurity

ALERT = Alert("Triune: demo_mis 2026-06-30 was not published", ("• payments: файл пуст",))
AT_ONCE = (0.0, 0.0)


def _mail(port: int, **changes: object) -> AlertSettings:
    mail = {"email_to": ("a@clinic.example", "b@clinic.example"), "smtp_host": "127.0.0.1", "smtp_port": port}
    return AlertSettings(**{**mail, "smtp_security": SmtpSecurity.NONE, **changes})  # type: ignore[arg-type]


def test_a_webhook_is_sent_the_text_as_json() -> None:
    with web_server() as inbox:
        reached = send(ALERT, AlertSettings(webhook_url=inbox.url), AT_ONCE)
    assert inbox.received == [{"text": f"{ALERT.title}\n• payments: файл пуст"}]
    assert inbox.commands == ["/hooks/s3cret-token application/json"]
    assert reached == ["webhook at 127.0.0.1"]


def test_a_server_that_is_busy_is_tried_again() -> None:
    with web_server(503, 429, 200) as inbox:
        send(ALERT, AlertSettings(webhook_url=inbox.url), AT_ONCE)
    assert len(inbox.received) == 3


@pytest.mark.parametrize(("answer", "attempts"), [(503, 3), (404, 1), (302, 1)])
def test_a_server_that_does_not_take_it_is_told_without_the_secret(answer: int, attempts: int) -> None:
    with (
        web_server(answer) as inbox,
        pytest.raises(AlertNotSentError, match=f"webhook at 127.0.0.1: it answered {answer}") as error,
    ):
        send(ALERT, AlertSettings(webhook_url=inbox.url), AT_ONCE)
    assert len(inbox.received) == attempts
    assert "s3cret" not in str(error.value)


def test_a_server_that_is_not_there_is_told() -> None:
    with web_server() as inbox:
        pass
    with pytest.raises(AlertNotSentError, match=r"no connection \(ConnectionRefusedError\)"):
        send(ALERT, AlertSettings(webhook_url=inbox.url), AT_ONCE)


def test_an_e_mail_is_sent_to_all_addresses() -> None:
    with mail_server() as inbox:
        assert send(ALERT, _mail(inbox.port), AT_ONCE) == ["e-mail to 2 addresses by 127.0.0.1"]
    (sent,) = inbox.received
    message = email.message_from_bytes(sent, policy=email.policy.default)
    assert message["Subject"] == ALERT.title
    assert message["From"] == "triune@localhost"
    assert message.get_content().replace("\r\n", "\n").strip() == ALERT.text
    assert [command for command in inbox.commands if command.startswith("rcpt")] == [
        "rcpt TO:<a@clinic.example>",
        "rcpt TO:<b@clinic.example>",
    ]


def test_an_e_mail_has_the_date_and_the_id_without_which_it_counts_as_unwanted() -> None:
    with mail_server() as inbox:
        send(ALERT, _mail(inbox.port), AT_ONCE)
    message = email.message_from_bytes(inbox.received[0], policy=email.policy.default)
    assert abs((message["Date"].datetime - datetime.now(UTC)).total_seconds()) < 60
    assert message["Message-ID"].endswith("@localhost>")


def test_an_e_mail_that_is_put_off_is_tried_again() -> None:
    with mail_server(451, 250) as inbox:
        send(ALERT, _mail(inbox.port), AT_ONCE)
    assert len(inbox.received) == 2


def test_nothing_is_sent_in_plain_where_tls_is_asked_for() -> None:
    with mail_server() as inbox, pytest.raises(AlertNotSentError, match="does not offer STARTTLS"):
        send(ALERT, _mail(inbox.port, smtp_security=SmtpSecurity.STARTTLS), AT_ONCE)
    assert inbox.received == []


def test_a_refused_password_is_told_and_not_repeated() -> None:
    settings = _mail(1, smtp_user="robot", smtp_password="pa55word")
    with mail_server() as inbox, pytest.raises(AlertNotSentError, match="refused the user or the password") as error:
        send(ALERT, _mail(inbox.port, smtp_user="robot", smtp_password="pa55word"), AT_ONCE)
    assert "pa55word" not in str(error.value)
    assert "pa55word" not in repr(settings)


def test_one_way_that_fails_does_not_keep_the_other_from_working() -> None:
    with mail_server() as inbox, pytest.raises(AlertNotSentError, match="webhook"):
        send(ALERT, _mail(inbox.port, webhook_url="http://127.0.0.1:9/x"), AT_ONCE)
    assert len(inbox.received) == 1


def _test_command(monkeypatch: pytest.MonkeyPatch, home: Path, **variables: str) -> tuple[int, str]:
    for name, value in {"TRIUNE_HOME": str(home), **variables}.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(triune, ["alert", "test"], catch_exceptions=False)
    return result.exit_code, result.output


def test_the_command_tries_every_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with web_server() as hook, mail_server() as mail:
        code, output = _test_command(
            monkeypatch,
            tmp_path,
            TRIUNE_ALERT_WEBHOOK_URL=hook.url,
            TRIUNE_ALERT_EMAIL_TO="a@clinic.example, ",
            TRIUNE_SMTP_HOST="127.0.0.1",
            TRIUNE_SMTP_PORT=str(mail.port),
            TRIUNE_SMTP_SECURITY="none",
        )
    assert (code, output) == (0, "✓ webhook at 127.0.0.1\n✓ e-mail to 1 addresses by 127.0.0.1\n")
    assert hook.received[0]["text"].startswith("Triune: this is a test")
    assert len(mail.received) == 1


def test_the_command_says_what_does_not_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with web_server(403) as hook:
        code, output = _test_command(monkeypatch, tmp_path, TRIUNE_ALERT_WEBHOOK_URL=hook.url)
    assert (code, output) == (1, "✗ webhook at 127.0.0.1: it answered 403\n")


def test_the_command_says_what_to_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, output = _test_command(monkeypatch, tmp_path)
    assert code == 2
    assert "set TRIUNE_ALERT_WEBHOOK_URL or TRIUNE_ALERT_EMAIL_TO" in output
