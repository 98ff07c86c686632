"""How a keyboard shortcut is pressed, by what the person chose (WCAG 2.1.4)."""

from cohab_report.partners.models import ShortcutKeys


def shortcut_words(key: str, shortcut_keys: ShortcutKeys) -> str:
    """Returns how this key is pressed, as `p` or `Alt+p`; empty where the person has switched shortcuts off."""
    if shortcut_keys is ShortcutKeys.OFF:
        return ""
    return f"Alt+{key}" if shortcut_keys is ShortcutKeys.ALT else key
