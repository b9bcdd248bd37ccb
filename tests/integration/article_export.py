"""The worked example of the article as an export of an MIS of its own: five rooms, one day. No tests."""

from __future__ import annotations

from pathlib import Path

import yaml

from models.sources import Profile, load_profile

SOURCE = "article"
_PROFILE_FILE = Path(__file__).parents[1] / "fixtures" / "article.yaml"
PROFILE = load_profile(_PROFILE_FILE)
DAY, LOCAL_DAY = "2026-03-02", "02.03.2026"


def profile_with_rules(folder: Path) -> Profile:
    """The same MIS, were it to export neither opening hours nor shifts; the profile is written into `folder`."""
    data = yaml.safe_load(_PROFILE_FILE.read_text(encoding="utf-8"))
    del data["entities"]["resource_hours"], data["entities"]["shifts"]
    opening = {"weekdays": "Mon-Fri", "opens_at": "09:00", "closes_at": "19:00", "kinds": "room"}
    data["calendar"] = {"resource_hours": [opening], "shifts": "from_appointments"}
    path = folder / _PROFILE_FILE.name
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return load_profile(path)


def _write(folder: Path, name: str, header: str, rows: list[str]) -> None:
    (folder / name).write_text("\n".join([header, *rows, ""]), encoding="utf-8")


def write_article(landing: Path) -> None:
    """Puts the files of the one day where they land."""
    folder = landing / SOURCE / DAY
    folder.mkdir(parents=True)
    rooms = [1, 2, 3, 4, 5]
    _write(folder, "clinics.csv", "Клиника;Название", ["A;Клиника из статьи"])
    _write(folder, "rooms.csv", "Кабинет;Клиника;Название", [f"{n};A;Кабинет {n}" for n in rooms])
    # 5 rooms x 10 h.
    opening = [f"{n};{n};{LOCAL_DAY};09:00;19:00" for n in rooms]
    _write(folder, "opening_hours.csv", "Правило;Кабинет;Дата;Открытие;Закрытие", opening)
    # 25 h in the doctors' schedule: 10 + 10 + 5, two rooms stand empty.
    shifts = [
        f"1;A;D1;1;{LOCAL_DAY} 09:00;{LOCAL_DAY} 19:00",
        f"2;A;D2;2;{LOCAL_DAY} 09:00;{LOCAL_DAY} 14:00",
        f"3;A;D3;2;{LOCAL_DAY} 14:00;{LOCAL_DAY} 19:00",
        f"4;A;D4;3;{LOCAL_DAY} 09:00;{LOCAL_DAY} 14:00",
    ]
    _write(folder, "shifts.csv", "Смена;Клиника;Врач;Кабинет;Начало;Окончание", shifts)
    # 15 h bought: 8 + 4 + 3; a patient who does not come buys nothing.
    visits = [
        *(f"{n};A;P{n};D1;1;{LOCAL_DAY} {n:02}:00;{LOCAL_DAY} {n + 1:02}:00;Принят" for n in range(9, 17)),
        f"20;A;P20;D2;2;{LOCAL_DAY} 09:00;{LOCAL_DAY} 13:00;Принят",
        f"21;A;P21;D4;3;{LOCAL_DAY} 09:30;{LOCAL_DAY} 12:30;Принят",
        f"22;A;P22;D3;2;{LOCAL_DAY} 14:00;{LOCAL_DAY} 17:00;Неявка",
    ]
    _write(folder, "visits.csv", "Запись;Клиника;Пациент;Врач;Кабинет;Начало;Окончание;Статус", visits)
