"""Who may enter: every view declares it, and one guard asks, before anything of the request is read.

A view without a declaration is refused, never opened by mistake. What a person may see once inside is not decided here: visibility
is a matter of the queries.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from cohab_report.errors import NotYours
from cohab_report.web.addresses import own_path

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
SIGN_IN = "sign_in.enter"


@dataclass(frozen=True)
class Access:
    """What a view declared: the roles that may enter, or nobody in particular when it is open."""

    roles: frozenset[str]
    is_open: bool = False

    def admits(self, role: str | None) -> bool:
        """Whether somebody with this role (None: nobody signed in) may enter."""
        return self.is_open or (role is not None and role in self.roles)


class SignInFirst(NotYours):
    """Nobody is signed in, and this page is for people who are."""


def needs(*roles: str) -> Callable[[View], View]:
    """Marks a view as being for signed-in people who have one of these roles."""
    if not roles:
        raise ValueError("name at least one role, or say @open_to_all")
    return _declare(Access(frozenset(str(role) for role in roles)))


def open_to_all(view: View) -> View:
    """Marks a view as being for everybody, signed in or not."""
    return _declare(Access(frozenset(), is_open=True))(view)


def access_of(view: Callable[..., Any]) -> Access | None:
    """What the view declared, or None when it declared nothing."""
    return cast(Access | None, getattr(view, "access", None))


def current_role() -> str | None:
    """The role of the person who is signed in, or None."""
    return str(current_user.role) if current_user.is_authenticated else None


def init_app(app: Flask) -> None:
    """From now on the guard stands before every view of the application."""
    app.before_request(_guard)
    if "static" in app.view_functions:
        open_to_all(app.view_functions["static"])


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        cast(Any, view).access = access
        return view

    return mark


def _guard() -> Response | None:
    if request.endpoint is None:
        return None
    access = access_of(current_app.view_functions[request.endpoint])
    if access is None:
        log.error("view without access declaration refused", extra={"endpoint": request.endpoint})
        raise NotYours
    if access.is_open or access.admits(current_role()):
        return None
    if current_role() is not None:
        raise NotYours
    if request.method in ("GET", "HEAD"):
        return redirect(url_for(SIGN_IN, next=own_path(request.full_path.rstrip("?"))), 303)
    raise SignInFirst
