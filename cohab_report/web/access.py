"""Access control: each view declares which roles may enter, and one guard checks it before the request is read.

A view without a declaration is refused, never opened by mistake. What a person may see inside is not decided here:
queries decide visibility.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from cohab_report.errors import NotAllowed
from cohab_report.web.redirects import local_path

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
"""A view function, as decorators of views take and return it."""
SIGN_IN = "sign_in.sign_in"


@dataclass(frozen=True)
class Access:
    """The access declaration of a view: the roles that may enter, or everybody when it is open."""

    roles: frozenset[str]
    is_open: bool = False

    def admits(self, role: str | None) -> bool:
        """Returns whether this role (None: nobody signed in) may enter."""
        return self.is_open or (role is not None and role in self.roles)


class SignInRequired(NotAllowed):
    """Nobody is signed in, and this view is for signed-in people (HTTP 403)."""


def needs(*roles: str) -> Callable[[View], View]:
    """Declares a view to be for signed-in people who have one of these roles."""
    if not roles:
        raise ValueError("name at least one role, or say @open_to_all")
    return _declare(Access(frozenset(str(role) for role in roles)))


def open_to_all(view: View) -> View:
    """Declares a view to be for everybody, signed in or not."""
    return _declare(Access(frozenset(), is_open=True))(view)


def access_of(view: Callable[..., Any]) -> Access | None:
    """Returns the access declaration of the view, or None when it has none."""
    return cast(Access | None, getattr(view, "access", None))


def current_role() -> str | None:
    """Returns the role of the signed-in person, or None."""
    return str(current_user.role) if current_user.is_authenticated else None


def init_app(app: Flask) -> None:
    """Checks access before every view of the app."""
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
        raise NotAllowed
    if access.is_open or access.admits(current_role()):
        return None
    if current_role() is not None:
        raise NotAllowed
    if request.method in ("GET", "HEAD"):
        return redirect(url_for(SIGN_IN, next=local_path(request.full_path.rstrip("?"))), 303)
    raise SignInRequired
