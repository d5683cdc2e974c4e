"""The deadlines of a person as a calendar (RFC 5545). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from eoffice.alerts.states import AWAITS_NAMES
from eoffice.alerts.waiting import Item


def calendar(items: Iterable[Item], *, at: datetime, base_url: str) -> bytes:
    """One whole-day event for each thing with a deadline, on that day."""
    made = Calendar()
    made.add("prodid", "-//eoffice//VI")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", "Hạn xử lý văn bản")
    made.add("refresh-interval;value=duration", "PT1H")
    for item in items:
        if item.due_on is None:
            continue
        event = Event()
        event.add("uid", f"{item.awaits.value}-{item.object_id}@eoffice")
        event.add("dtstamp", at)
        event.add("dtstart", item.due_on)
        event.add("dtend", item.due_on + timedelta(days=1))
        event.add("summary", item.subject)
        event.add("categories", [AWAITS_NAMES[item.awaits]])
        event.add("url", f"{base_url}{item.path}")
        event.add("transp", "TRANSPARENT")
        made.add_component(event)
    content: bytes = made.to_ical()
    return content
