"""The commands by which a city makes its first account, renews passwords, changes roles and closes accounts."""

import re
from collections.abc import Callable, Iterator

import pytest
from click.testing import Result
from flask import Flask

from cohab_report import create_app
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.partners import operations, queries
from cohab_report.partners.models import Role
from tests.conftest import settings_for

EMAIL = "nora@rivebelle.example"


@pytest.fixture(params=["sqlite", "postgres"])
def city(request: pytest.FixtureRequest, new_database: Callable[[str, str], str]) -> Iterator[Flask]:
    """A city that was just set up: its profile is loaded, and nobody has an account."""
    app = create_app(settings_for(new_database(request.param, "accounts")))
    yield app
    with app.app_context():
        db.engine.dispose()


def run(app: Flask, *arguments: str, answers: str = "") -> Result:
    with app.app_context():
        return app.test_cli_runner().invoke(args=list(arguments), input=answers or None)


def password_of(result: Result) -> str:
    assert result.exit_code == 0, result.output
    found = re.search(r"once: (\S+)", result.output)
    assert found, result.output
    return found[1]


def signs_in(app: Flask, email: str, password: str) -> bool:
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False
    return client.post("/connexion", data={"email": email, "password": password}).status_code == 303


def test_a_city_makes_its_first_account_which_signs_in(city: Flask) -> None:
    password = password_of(run(city, "create-person", EMAIL, "Nora", "admin"))
    assert signs_in(city, EMAIL, password) and not signs_in(city, EMAIL, f"{password}x")
    again = run(city, "create-person", EMAIL, "Nora", "admin")
    assert again.exit_code == 1 and "already" in again.output


def test_a_password_may_be_typed_and_is_never_printed(city: Flask) -> None:
    typed = "quatre saules au bord"
    options = ["--partner", "VOIRIE", "--ask"]
    made = run(city, "create-person", EMAIL, "Nora", "partner", *options, answers=f"{typed}\n" * 2)
    assert made.exit_code == 0 and typed not in made.output
    assert signs_in(city, EMAIL, typed)
    short = run(city, "reset-password", EMAIL, "--ask", answers="court\ncourt\n")
    assert short.exit_code == 1 and "12 characters" in short.output
    assert signs_in(city, EMAIL, typed)


def test_a_new_password_another_role_and_closing_end_sessions(city: Flask) -> None:
    password_of(run(city, "create-person", EMAIL, "Nora", "triager"))

    def open_sessions() -> int:
        with city.app_context():
            person = queries.person_by_email(EMAIL)
            assert person is not None
            return len(queries.open_sessions(person))

    for command in (
        ["reset-password", EMAIL],
        ["set-role", EMAIL, "pilot"],
        ["end-sessions", EMAIL],
        ["close-account", EMAIL],
    ):
        with city.app_context(), transaction():
            person = queries.person_by_email(EMAIL)
            assert person is not None
            operations.start_session(person, at=now())
        assert open_sessions() == 1
        assert run(city, *command).exit_code == 0
        assert open_sessions() == 0, command
    with city.app_context():
        person = queries.person_by_email(EMAIL)
        assert person is not None and person.role is Role.PILOT and not person.is_active


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["create-person", EMAIL, "Nora", "partner"], "--partner"),
        (["create-person", EMAIL, "Nora", "partner", "--partner", "NONE"], "partners.csv"),
        (["create-person", "nora", "Nora", "pilot"], "no e-mail address"),
        (["create-person", EMAIL, "Nora", "queen"], "queen"),
        (["reset-password", EMAIL], "nobody has an account"),
        (["set-role", EMAIL, "pilot"], "nobody has an account"),
        (["close-account", EMAIL], "nobody has an account"),
    ],
)
def test_what_cannot_be_done_says_why(city: Flask, arguments: list[str], sentence: str) -> None:
    result = run(city, *arguments)
    assert result.exit_code != 0 and sentence in result.output and "Traceback" not in result.output
