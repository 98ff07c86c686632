"""Settings report all their problems at once, and the README documents each of them."""

import re
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from cohab_report.settings import SECRETS, Settings, SettingsError, variable_name

README = Path(__file__).parents[2] / "README.md"
KEY = "k" * 40
OTHER_KEY = "c" * 40
MINIMAL = {"COHAB_SECRET_KEY": KEY, "COHAB_CODE_KEY": OTHER_KEY}
PRODUCTION = MINIMAL | {
    "COHAB_ENV": "production",
    "COHAB_CONTACT_KEY": "e" * 40,
    "COHAB_DATABASE_URL": "postgresql+psycopg://cohab@db/cohab",
    "COHAB_QUEUE_URL": "redis://queue:6379/0",
    "COHAB_BASE_URL": "https://observations.example.org/",
    "COHAB_MAIL_FROM": "observations@example.org",
}


def problems_of(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environ)
    return caught.value.problems


def test_two_keys_are_enough_to_try_it_at_home() -> None:
    settings = Settings.from_env(MINIMAL)
    assert (settings.env, settings.languages, settings.proxies, settings.is_https) == (
        "development",
        ("fr", "en"),
        0,
        False,
    )


def test_production_starts_with_what_it_needs() -> None:
    settings = Settings.from_env(PRODUCTION)
    assert settings.is_production and settings.is_https
    assert settings.base_url == "https://observations.example.org"


def test_every_problem_is_told_at_once_and_by_name() -> None:
    problems = problems_of(
        {
            "COHAB_ENV": "staging",
            "COHAB_SECRET_KEY": "short",
            "COHAB_LANGUAGES": "en,de",
            "COHAB_PROXIES": "many",
            "COHAB_DATABASE_URL": "mysql://db/cohab",
            "COHAB_SMTP_URL": "mail.example.org",
        }
    )
    named = " ".join(problem.split()[0] for problem in problems)
    expected = ("ENV", "SECRET_KEY", "CODE_KEY", "LANGUAGES", "PROXIES", "DATABASE_URL", "SMTP_URL")
    assert all(f"COHAB_{name}" in named for name in expected)
    assert len(problems) == len(expected)


@pytest.mark.parametrize(
    "name", ["DATABASE_URL", "QUEUE_URL", "BASE_URL", "MAIL_FROM", "SECRET_KEY", "CODE_KEY", "CONTACT_KEY"]
)
def test_production_guesses_nothing(name: str) -> None:
    assert problems_of({k: v for k, v in PRODUCTION.items() if k != f"COHAB_{name}"}) == (f"COHAB_{name} is missing",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEMO_PASSWORD", "a-demo-password"),
        ("BASE_URL", "http://observations.example.org"),
        ("CODE_KEY", KEY),
        ("CODE_KEY", f"{'n' * 40},{KEY}"),
        ("CODE_KEY", f"{'n' * 40},short"),
        ("CONTACT_KEY", OTHER_KEY),
        ("CONTACT_KEY", f"{'n' * 40},{KEY}"),
        ("CONTACT_KEY", f"{'n' * 40},short"),
        ("CONTACT_KEY", f"{'n' * 40},{'n' * 40}"),
        ("BASE_URL", "https://observations.example.org/under/a/path"),
        ("MAIL_FROM", "nobody"),
    ],
)
def test_production_refuses_what_is_unsafe(name: str, value: str) -> None:
    (problem,) = problems_of(PRODUCTION | {f"COHAB_{name}": value})
    assert problem.startswith(f"COHAB_{name} ")


@pytest.mark.parametrize("proxies", ["-1", "6", "1.5", "²", "one"])
def test_a_number_of_proxies_is_a_small_whole_number(proxies: str) -> None:
    assert len(problems_of(MINIMAL | {"COHAB_PROXIES": proxies})) == 1


def test_one_language_is_french() -> None:
    assert Settings.from_env(MINIMAL | {"COHAB_LANGUAGES": " fr "}).languages == ("fr",)
    assert len(problems_of(MINIMAL | {"COHAB_LANGUAGES": "en"})) == 1


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(KEY + "\n", encoding="utf-8")
    settings = Settings.from_env({"COHAB_SECRET_KEY_FILE": str(secret), "COHAB_CODE_KEY": OTHER_KEY})
    assert settings.secret_key == KEY


def test_a_secret_file_must_be_there_and_hold_something_and_be_the_only_source(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n", encoding="utf-8")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\xff")
    for path in (tmp_path / "absent", empty, tmp_path / "bytes"):
        assert any(
            "COHAB_CODE_KEY_FILE" in problem
            for problem in problems_of({**MINIMAL, "COHAB_CODE_KEY": "", "COHAB_CODE_KEY_FILE": str(path)})
        )
    assert "twice" in problems_of(MINIMAL | {"COHAB_CODE_KEY_FILE": str(empty)})[0]


def test_several_keys_of_addresses_are_read_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"{'n' * 40},\n{'e' * 40}\n", encoding="utf-8")
    assert Settings.from_env(MINIMAL | {"COHAB_CONTACT_KEY_FILE": str(tmp_path / "keys")}).contact_key == (
        "n" * 40,
        "e" * 40,
    )
    assert Settings.from_env(MINIMAL).contact_key == ()


def test_several_code_keys_are_read_in_their_order_one_a_line_or_separated_by_commas(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"{'n' * 40}\n{OTHER_KEY}\n", encoding="utf-8")
    for environ in ({"COHAB_CODE_KEY_FILE": str(tmp_path / "keys")}, {"COHAB_CODE_KEY": f"{'n' * 40}, {OTHER_KEY}"}):
        settings = Settings.from_env({"COHAB_SECRET_KEY": KEY, **environ})
        assert settings.code_keys == ("n" * 40, OTHER_KEY) and settings.newest_code_key == "n" * 40
    assert Settings.from_env(MINIMAL).code_keys == (OTHER_KEY,)
    assert (
        "CONTACT_KEY"
        in problems_of(MINIMAL | {"COHAB_CODE_KEY": f"{OTHER_KEY},{'e' * 40}", "COHAB_CONTACT_KEY": "e" * 40})[0]
    )


def test_a_database_file_may_lie_in_a_folder_whose_name_has_a_space() -> None:
    address = "sqlite:////home/rosa/Cohab Report/cohab.db"
    assert Settings.from_env(MINIMAL | {"COHAB_DATABASE_URL": address}).database_url == address
    assert len(problems_of(MINIMAL | {"COHAB_DATABASE_URL": "postgresql://a b/c"})) == 1
    assert len(problems_of(MINIMAL | {"COHAB_QUEUE_URL": "unix:///home/a b/queue.sock"})) == 1


def test_what_is_no_secret_is_not_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "city").write_text("elsewhere", encoding="utf-8")
    assert Settings.from_env(MINIMAL | {"COHAB_CITY_FILE": str(tmp_path / "city")}).city == "trois_rivieres"


def test_a_problem_never_repeats_a_secret() -> None:
    told = " ".join(
        problems_of({"COHAB_SECRET_KEY": "hunter2", "COHAB_DATABASE_URL": "mysql://cohab:hunter2@db/cohab"})
    )
    assert "hunter2" not in told


@pytest.mark.parametrize("name", ["env", "secret_key"])
def test_settings_stay_as_they_are_and_keep_their_secrets(name: str) -> None:
    settings = Settings.from_env(MINIMAL)
    with pytest.raises(FrozenInstanceError):
        delattr(settings, name)
    assert KEY not in repr(settings) and OTHER_KEY not in repr(settings)


@pytest.mark.parametrize("field_name", [each.name for each in fields(Settings)])
def test_every_setting_is_documented(field_name: str) -> None:
    rows = [
        line
        for line in README.read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| `{variable_name(field_name)}` |")
    ]
    assert len(rows) == 1, f"README.md needs one row for {variable_name(field_name)}"
    assert ("_FILE" in rows[0]) == (field_name in SECRETS), "a row says whether the value may come from a file"


def test_a_real_site_decodes_without_protection_only_if_it_says_so() -> None:
    assert Settings.from_env(MINIMAL).may_decode_unprotected
    assert not Settings.from_env(PRODUCTION).may_decode_unprotected
    assert Settings.from_env(PRODUCTION | {"COHAB_UNPROTECTED_DECODER": "allow"}).may_decode_unprotected
    assert "DECODER_SOCKET" in problems_of(MINIMAL | {"COHAB_DECODER_SOCKET": "decoder.sock"})[0]
    assert "UNPROTECTED_DECODER" in problems_of(MINIMAL | {"COHAB_UNPROTECTED_DECODER": "1"})[0]


def test_nobody_forgets_that_there_are_several_code_keys() -> None:
    files = [path for path in (README.parent / "cohab_report").rglob("*.py") if path.name != "settings.py"]
    assert [str(path) for path in files if re.search(r"\.code_key\b", path.read_text(encoding="utf-8"))] == []
