"""Access: who may enter a view, and where others are sent."""

import pytest
from flask.testing import FlaskClient

from cohab_report.web.access import needs
from cohab_report.web.redirects import local_path
from tests.web.conftest import sign_in


def test_an_open_page_asks_nobody_who_they_are(client: FlaskClient) -> None:
    assert client.get("/open").status_code == 200


def test_an_anonymous_visitor_is_sent_to_sign_in_with_the_way_back(client: FlaskClient) -> None:
    client.application.add_url_rule("/connexion", "sign_in.sign_in", lambda: "door")
    answer = client.get("/staff?kind=cleanliness&page=2")
    assert answer.status_code == 303
    assert answer.location == "/connexion?next=/staff?kind%3Dcleanliness%26page%3D2"


def test_the_wrong_role_is_refused(client: FlaskClient) -> None:
    sign_in(client, "2")
    assert client.get("/staff").status_code == 403


def test_the_right_role_enters(client: FlaskClient) -> None:
    sign_in(client, "1")
    assert client.get("/staff").text == "staff"


def test_a_form_sent_after_the_session_ended_gives_the_text_back(client: FlaskClient) -> None:
    answer = client.post("/staff", data={"text": "Le banc est réparé depuis lundi."})
    assert answer.status_code == 403
    assert "Le banc est réparé depuis lundi." in answer.text


def test_a_view_that_declares_nothing_is_refused_even_to_those_who_are_signed_in(client: FlaskClient) -> None:
    sign_in(client, "1")
    assert client.get("/forgotten").status_code == 403


def test_needs_without_a_role_raises() -> None:
    with pytest.raises(ValueError, match="open_to_all"):
        needs()


@pytest.mark.parametrize("address", ["/tri", "/tri/files/propreté?état=new&page=2", "/"])
def test_a_path_of_this_site_may_be_followed(address: str) -> None:
    assert local_path(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "tri",
        "https://elsewhere.test/",
        "//elsewhere.test/",
        "/\\elsewhere.test",
        "\\\\elsewhere.test",
        "/\t/elsewhere.test",
        "/a\r\nSet-Cookie: b",
        "javascript:alert(1)",
        "///elsewhere.test",
        "/ /elsewhere.test",
    ],
)
def test_an_address_that_leads_elsewhere_is_never_followed(address: str | None) -> None:
    assert local_path(address) is None
