"""Filters for pages about people."""

import re
from typing import Final

from django import template

register = template.Library()

# The first that is found counts: every browser also calls itself by older names.
BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
)
SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@register.filter
def browser(user_agent: object) -> str:
    """A browser's user agent in words, `Firefox on Linux`; another program's by its first word."""
    text = str(user_agent or "")
    name = next((shown for part, shown in BROWSERS if part in text), "")
    system = next((shown for part, shown in SYSTEMS if part in text), "")
    if name and system:
        return f"{name} on {system}"
    return name or re.split(r"[/ ]", text)[0][:40] or "Unknown program"
