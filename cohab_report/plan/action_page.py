"""The panels on an action's page: packages downstream add what they know of the action, and nothing here knows them."""

from collections.abc import Callable, Sequence
from typing import cast

from flask import Flask, current_app
from markupsafe import Markup

from cohab_report.plan.models import Action

ACTION_PANELS_EXTENSION = "plan.panels"
ActionPanel = Callable[[Action], Markup]


def init_app(app: Flask) -> None:
    """Gives the app's action pages no panels yet."""
    app.extensions[ACTION_PANELS_EXTENSION] = []


def add_action_panel(app: Flask, panel: ActionPanel) -> None:
    """Adds a panel to every action's page, between its milestones and its sources."""
    app.extensions[ACTION_PANELS_EXTENSION].append(panel)


def action_panels(action: Action) -> list[Markup]:
    """Returns what each panel shows for the action, in the order of the river."""
    return [panel(action) for panel in cast(Sequence[ActionPanel], current_app.extensions[ACTION_PANELS_EXTENSION])]
