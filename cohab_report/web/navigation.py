"""The navigation and footer of every page: packages register their items when the app is made, base.html shows them.

Knows no page by itself. Nobody reads an address from here that they may not enter: access is checked by `web.access`.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app
from flask_babel import LazyString

NAVIGATION_EXTENSION = "cohab.navigation"
VISITOR = ""
"""Stands among roles for whoever is not signed in."""


@dataclass(frozen=True, kw_only=True)
class NavigationItem:
    """A link to a page, for readers of these roles (none named: for everybody), shown in the order of `order`."""

    endpoint: str
    text: LazyString
    order: int
    roles: frozenset[str]

    def is_for(self, role: str) -> bool:
        """Returns whether readers of this role are shown the item."""
        return not self.roles or role in self.roles


@dataclass
class Navigation:
    """The items of an app, and which pages lie within each of them."""

    items: list[NavigationItem] = field(default_factory=list)
    footer_links: list[NavigationItem] = field(default_factory=list)
    pages_within: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def init_app(app: Flask) -> None:
    """Gives the app an empty navigation, and all templates the functions that read it."""
    app.extensions[NAVIGATION_EXTENSION] = Navigation()
    app.jinja_env.globals.update(
        navigation_items=navigation_items, footer_links=footer_links, is_current_item=is_current_item
    )


def add_item(
    app: Flask, endpoint: str, text: LazyString, *, order: int, roles: Sequence[str] = (), within: Sequence[str] = ()
) -> None:
    """Adds a page to the navigation; `within` names more endpoints or blueprints in which it is the current one."""
    registry = _navigation(app)
    registry.items.append(_new_item(endpoint, text, order, roles))
    registry.pages_within[endpoint] |= {endpoint, *within}


def place_within(app: Flask, endpoint_or_blueprint: str, *, item: str) -> None:
    """Marks the item of this endpoint as the current one on these pages too, which lie downstream of it."""
    _navigation(app).pages_within[item].add(endpoint_or_blueprint)


def add_footer_link(app: Flask, endpoint: str, text: LazyString, *, order: int, roles: Sequence[str] = ()) -> None:
    """Adds a page to the links at the foot of every page."""
    _navigation(app).footer_links.append(_new_item(endpoint, text, order, roles))


def navigation_items(role: str) -> list[NavigationItem]:
    """Returns the items for readers of this role (VISITOR: nobody is signed in), in their order."""
    return _items_for(role, _navigation().items)


def footer_links(role: str) -> list[NavigationItem]:
    """Returns the links at the foot of the page for readers of this role, in their order."""
    return _items_for(role, _navigation().footer_links)


def is_current_item(item: NavigationItem, endpoint: str) -> bool:
    """Returns whether the page of this endpoint lies within the item."""
    return not {endpoint, endpoint.split(".", maxsplit=1)[0]}.isdisjoint(_navigation().pages_within[item.endpoint])


def home_endpoint(role: str) -> str | None:
    """Returns the endpoint of the first item that is for this role and not for everybody, or None."""
    return next((item.endpoint for item in navigation_items(role) if role in item.roles), None)


def _navigation(app: Flask | None = None) -> Navigation:
    return cast(Navigation, (app or current_app).extensions[NAVIGATION_EXTENSION])


def _items_for(role: str, items: Sequence[NavigationItem]) -> list[NavigationItem]:
    return sorted((item for item in items if item.is_for(role)), key=lambda item: item.order)


def _new_item(endpoint: str, text: LazyString, order: int, roles: Sequence[str]) -> NavigationItem:
    return NavigationItem(endpoint=endpoint, text=text, order=order, roles=frozenset(map(str, roles)))
