"""Settings: read in one place, complete in `.env.example`, refused with words, secrets kept."""

from __future__ import annotations

import ast
import os
import re
import stat
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from orchestration.settings import REPO_ROOT, Settings, load_settings, prepare_process, secret

_READERS = [REPO_ROOT / folder for folder in ("orchestration", "models", "expectations")]
# settings.py reads the environment; dbt_project.py passes the whole of it on to the dbt process.
_MAY_TOUCH = {"orchestration/settings.py", "orchestration/dbt_project.py"}


class _Recorded(Mapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values_, self.asked = values, set[str]()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.values_[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)


def _example() -> dict[str, str]:
    text = (REPO_ROOT / ".env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_the_example_names_every_variable_that_is_read_and_no_other() -> None:
    environment = _Recorded({})
    load_settings(environment)
    assert environment.asked == set(_example())


def test_the_example_shows_the_defaults() -> None:
    assert load_settings(_example()) == load_settings({})


def test_every_variable_of_the_example_has_an_effect(tmp_path: Path) -> None:
    for name, value in {
        "TRIUNE_HOME": str(tmp_path),
        "TRIUNE_FIRST_DAY": "2020-02-29",
        "TRIUNE_PATIENT_KEY_FILE": str(tmp_path / "key"),
        "TRIUNE_ALERT_WEBHOOK_URL": "https://chat.example/hook",
        "TRIUNE_ALERT_EMAIL_TO": "a@clinic.example",
        "TRIUNE_ALERT_EMAIL_FROM": "b@clinic.example",
        "TRIUNE_SMTP_HOST": "mail.example",
        "TRIUNE_SMTP_PORT": "25",
        "TRIUNE_SMTP_SECURITY": "none",
        "TRIUNE_SMTP_USER": "robot",
        "TRIUNE_SMTP_PASSWORD": "pa55word",
        "TRIUNE_UI_URL": "https://triune.example",
    }.items():
        assert load_settings({name: value}) != load_settings({}), name


def _modules() -> list[Path]:
    return [path for folder in _READERS for path in sorted(folder.rglob("*.py"))]


def _touches_environment(source: str) -> bool:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv", "getenvb", "putenv"}:
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            return any(name.name in {"environ", "getenv", "putenv"} for name in node.names)
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "EnvVar":
            return True
    return False


def test_only_the_settings_touch_the_environment() -> None:
    touching = {
        str(path.relative_to(REPO_ROOT))
        for path in _modules()
        if _touches_environment(path.read_text(encoding="utf-8"))
    }
    assert touching == _MAY_TOUCH


@pytest.mark.parametrize(
    "source",
    ["import os\nos.environ['A']", "import os as o\no.getenv('A')", "from os import environ", "dg.EnvVar('A')"],
)
def test_the_search_finds_any_way_to_the_environment(source: str) -> None:
    assert _touches_environment(source)


def test_no_module_but_the_settings_reads_a_variable_of_ours() -> None:
    naming = {str(path.relative_to(REPO_ROOT)) for path in _modules() if "TRIUNE_" in path.read_text(encoding="utf-8")}
    assert naming == _MAY_TOUCH
    passing_on = (REPO_ROOT / "orchestration/dbt_project.py").read_text(encoding="utf-8")
    assert re.findall(r"TRIUNE_\w+", passing_on) == ["TRIUNE_WAREHOUSE"]


def test_relative_paths_start_at_the_repository_wherever_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings({}).home == REPO_ROOT / "var"
    assert load_settings({"TRIUNE_HOME": "state"}).home == REPO_ROOT / "state"
    assert load_settings({"TRIUNE_HOME": str(tmp_path)}).home == tmp_path


def test_a_relative_key_file_starts_at_the_repository_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = load_settings({"TRIUNE_PATIENT_KEY_FILE": "var/secrets/other.key"}).patient_key_file
    assert found == REPO_ROOT / "var/secrets/other.key"


def test_all_state_lies_under_the_home(tmp_path: Path) -> None:
    settings = load_settings({"TRIUNE_HOME": str(tmp_path)})
    names = [name for name, value in vars(Settings).items() if isinstance(value, property)]
    assert len(names) >= 7
    for name in names:
        assert tmp_path in getattr(settings, name).parents, name
    assert tmp_path in settings.patient_key_file.parents


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "01.01.2026", ""])
def test_a_first_day_that_is_no_day_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=f"TRIUNE_FIRST_DAY is '{re.escape(text)}'; write a day as YYYY-MM-DD"):
        load_settings({"TRIUNE_FIRST_DAY": text})


def test_the_first_day_is_read() -> None:
    assert load_settings({"TRIUNE_FIRST_DAY": "2020-02-29"}).first_day == date(2020, 2, 29)


def test_the_patient_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    settings = load_settings({"TRIUNE_HOME": str(tmp_path)})
    key = settings.patient_key()
    assert re.fullmatch(rb"[0-9a-f]{64}", key)
    assert stat.S_IMODE(settings.patient_key_file.stat().st_mode) == 0o600
    assert load_settings({"TRIUNE_HOME": str(tmp_path)}).patient_key() == key
    other = load_settings({"TRIUNE_HOME": str(tmp_path), "TRIUNE_PATIENT_KEY_FILE": str(tmp_path / "other")})
    assert other.patient_key() != key


def test_a_newline_behind_the_key_is_not_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("abc\n")
    assert load_settings({"TRIUNE_PATIENT_KEY_FILE": str(path)}).patient_key() == b"abc"


def test_an_empty_key_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("\n")
    with pytest.raises(ValueError, match="key"):
        load_settings({"TRIUNE_PATIENT_KEY_FILE": str(path)}).patient_key()


def test_the_process_is_pointed_at_the_home_and_sends_no_usage_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("DAGSTER_HOME", "TRIUNE_HOME", "TRIUNE_WAREHOUSE", "DBT_SEND_ANONYMOUS_USAGE_STATS")
    for name in (*names, "GX_ANALYTICS_ENABLED", "DAGSTER_DISABLE_TELEMETRY"):
        monkeypatch.setenv(name, "before")
    settings = load_settings({"TRIUNE_HOME": str(tmp_path)})
    prepare_process(settings)
    assert [os.environ[name] for name in names] == [
        str(tmp_path / "dagster"),
        str(tmp_path),
        str(settings.warehouse),
        "false",
    ]
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
    assert "enabled: false" in (tmp_path / "dagster" / "dagster.yaml").read_text()


def test_a_secret_that_a_definition_names_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITTLE_DSN", " postgresql://host/mis\n")
    assert secret("LITTLE_DSN") == "postgresql://host/mis"
    monkeypatch.setenv("LITTLE_DSN", " ")
    assert secret("LITTLE_DSN") is None
    assert secret("LITTLE_DSN", {"OTHER_DSN": "x"}) is None


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("TRIUNE_ALERT_WEBHOOK_URL", "chat.example/s3cret", "TRIUNE_ALERT_WEBHOOK_URL must begin with https://"),
        ("TRIUNE_SMTP_PORT", "smtp", "TRIUNE_SMTP_PORT is 'smtp'; write a number, e.g. 587"),
        ("TRIUNE_SMTP_PORT", "70000", "TRIUNE_SMTP_PORT is '70000'"),
        ("TRIUNE_SMTP_SECURITY", "ssl", "TRIUNE_SMTP_SECURITY is 'ssl'; write one of: starttls, tls, none"),
    ],
)
def test_a_setting_of_alerts_that_cannot_be_used_is_refused(name: str, value: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as refused:
        load_settings({name: value})
    assert "s3cret" not in str(refused.value)


def test_secrets_are_left_out_of_the_printed_settings() -> None:
    secrets = {"TRIUNE_ALERT_WEBHOOK_URL": "https://chat.example/s3cret", "TRIUNE_SMTP_PASSWORD": "s3cret"}
    settings = load_settings(secrets)
    assert settings.alerts.smtp_password == "s3cret"
    assert "s3cret" not in repr(settings)
