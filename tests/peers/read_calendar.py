"""Reads an iCalendar object as another program would, and prints what it says as JSON."""

import json
import sys
from zoneinfo import ZoneInfo

from icalendar import Calendar

calendar = Calendar.from_ical(sys.stdin.buffer.read())
[event] = calendar.walk("VEVENT")
attendees = event.get("ATTENDEE", [])
attendees = attendees if isinstance(attendees, list) else [attendees]


def times(name):
    at = event.decoded(name)
    local = at.astimezone(ZoneInfo("Europe/London"))
    return {"utc": at.astimezone(ZoneInfo("UTC")).isoformat(), "london": local.strftime("%F %H:%M")}


print(json.dumps({
    "method": calendar["METHOD"],
    "uid": event["UID"],
    "sequence": event["SEQUENCE"],
    "status": event["STATUS"],
    "start": times("DTSTART"),
    "end": times("DTEND"),
    "summary": event["SUMMARY"],
    "description": event["DESCRIPTION"],
    "location": event.get("LOCATION"),
    "organiser": event["ORGANIZER"],
    "attendees": [{"address": each, "rsvp": each.params.get("RSVP")} for each in attendees],
    "properties": sorted({name for name in event}),
}))
