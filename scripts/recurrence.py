"""Writes crates/model/src/planned/tests/recurrence.txt: rules of recurrence and the moments at which
`python-dateutil` says that they begin, over two years with both changes of the clock. Its own time zones are two
hours off in Dublin on the day when winter begins, so zones are those of Python itself.

    pip install python-dateutil tzdata && python3 scripts/recurrence.py

The tests read the file that it made and need neither.
"""

import datetime
import pathlib
import zoneinfo

from dateutil.rrule import rrulestr

FIRST, LAST = datetime.datetime(2026, 1, 1), datetime.datetime(2028, 1, 1)

RULES = [
    ("Europe/Amsterdam", "2026-01-04T02:00", "FREQ=WEEKLY;BYDAY=SU"),
    ("Europe/Amsterdam", "2026-01-04T02:30", "FREQ=DAILY"),
    ("Europe/Amsterdam", "2026-01-04T03:00", "FREQ=DAILY;INTERVAL=2"),
    ("Europe/Amsterdam", "2026-01-01T02:15", "FREQ=DAILY;INTERVAL=3;COUNT=200"),
    ("Europe/Amsterdam", "2026-01-31T23:45", "FREQ=MONTHLY"),
    ("Europe/Amsterdam", "2026-01-29T00:30", "FREQ=MONTHLY;INTERVAL=2"),
    ("Europe/Amsterdam", "2026-01-01T04:00", "FREQ=MONTHLY;BYDAY=1SU"),
    ("Europe/Amsterdam", "2026-01-01T02:30", "FREQ=MONTHLY;BYDAY=-1SU"),
    ("Europe/Amsterdam", "2026-01-01T04:00", "FREQ=MONTHLY;BYDAY=5MO"),
    ("Europe/Amsterdam", "2026-01-01T04:00", "FREQ=MONTHLY;BYDAY=1WE"),
    ("Europe/Amsterdam", "2026-01-01T04:00", "FREQ=MONTHLY;BYDAY=2TU,4TU"),
    ("Europe/Amsterdam", "2026-01-01T04:00", "FREQ=MONTHLY;BYDAY=SA,SU"),
    ("Europe/Amsterdam", "2026-01-01T04:00", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("Europe/Amsterdam", "2026-01-01T04:00", "FREQ=MONTHLY;BYMONTHDAY=1,15,-2"),
    ("Europe/Amsterdam", "2026-01-01T04:00", "FREQ=MONTHLY;BYMONTHDAY=31"),
    ("Europe/Amsterdam", "2026-01-01T04:00", "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR"),
    ("Europe/Amsterdam", "2026-01-01T04:00", "FREQ=MONTHLY;BYDAY=1SU;COUNT=10"),
    ("Europe/Amsterdam", "2026-01-01T04:00", "FREQ=MONTHLY;BYDAY=1SU;UNTIL=20270601"),
    ("Europe/Amsterdam", "2026-01-01T02:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH"),
    ("Europe/Amsterdam", "2026-01-07T02:00", "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,SU"),
    ("Europe/Amsterdam", "2026-01-07T02:00", "FREQ=WEEKLY"),
    ("Europe/Amsterdam", "2026-01-07T02:00", "FREQ=WEEKLY;COUNT=10"),
    ("Europe/Amsterdam", "2026-01-07T02:00", "FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=25"),
    ("Europe/Amsterdam", "2026-01-07T02:00", "FREQ=WEEKLY;UNTIL=20261025T020000"),
    ("Europe/Amsterdam", "2026-01-07T02:00", "FREQ=DAILY;UNTIL=20260328T010000Z"),
    ("Europe/Amsterdam", "2026-01-07T02:00", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR"),
    ("Europe/Amsterdam", "2026-01-07T02:00", "FREQ=DAILY;BYMONTHDAY=1,-1"),
    ("America/New_York", "2026-01-04T02:30", "FREQ=WEEKLY;BYDAY=SU"),
    ("America/New_York", "2026-01-04T01:30", "FREQ=DAILY"),
    ("America/New_York", "2026-01-04T01:30", "FREQ=MONTHLY;BYDAY=1SU"),
    ("America/New_York", "2026-01-04T02:00", "FREQ=MONTHLY;BYDAY=2SU"),
    ("America/Chicago", "2026-02-28T23:59", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("Pacific/Auckland", "2026-01-04T02:30", "FREQ=WEEKLY;BYDAY=SU"),
    ("Pacific/Auckland", "2026-01-04T02:30", "FREQ=MONTHLY;BYDAY=-1SU"),
    ("Australia/Lord_Howe", "2026-01-04T02:10", "FREQ=DAILY"),
    ("Asia/Kolkata", "2026-01-04T00:30", "FREQ=WEEKLY;BYDAY=SU"),
    ("Asia/Tokyo", "2026-01-04T00:30", "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR"),
    ("America/Sao_Paulo", "2026-01-04T00:00", "FREQ=WEEKLY;INTERVAL=4;BYDAY=SA"),
    ("Atlantic/Azores", "2026-01-04T00:30", "FREQ=WEEKLY;BYDAY=SU"),
    ("Europe/London", "2026-01-04T01:30", "FREQ=MONTHLY;BYDAY=-1SU;INTERVAL=1"),
    ("Europe/Dublin", "2026-01-04T01:15", "FREQ=DAILY;INTERVAL=7"),
    # Winter is the time that is set apart there, by minus an hour.
    ("Europe/Dublin", "2026-01-04T01:30", "FREQ=WEEKLY;BYDAY=SU"),
    ("Europe/Dublin", "2026-01-04T01:59", "FREQ=MONTHLY;BYDAY=-1SU;UNTIL=20271031T015900"),
    # Clocks change by half an hour, by two hours, and at midnight.
    ("Australia/Lord_Howe", "2026-01-04T02:15", "FREQ=WEEKLY;BYDAY=SU"),
    ("Australia/Lord_Howe", "2026-01-04T01:45", "FREQ=MONTHLY;BYDAY=1SU"),
    ("Antarctica/Troll", "2026-01-04T02:30", "FREQ=WEEKLY;BYDAY=SU"),
    ("America/Santiago", "2026-01-04T00:15", "FREQ=WEEKLY;BYDAY=SU,SA"),
    ("Africa/Cairo", "2026-01-02T00:30", "FREQ=WEEKLY;BYDAY=FR"),
    # Days begin far from those of UTC, or by quarters of an hour.
    ("Pacific/Apia", "2026-01-04T03:30", "FREQ=WEEKLY;BYDAY=SU"),
    ("Pacific/Apia", "2026-01-31T00:00", "FREQ=MONTHLY;BYMONTHDAY=-1,1"),
    ("Pacific/Kiritimati", "2026-01-01T00:00", "FREQ=MONTHLY;BYDAY=1MO,3MO"),
    ("Pacific/Chatham", "2026-01-04T02:45", "FREQ=WEEKLY;BYDAY=SU"),
    ("Pacific/Chatham", "2026-01-04T03:15", "FREQ=MONTHLY;BYDAY=1SU,-1SU"),
    ("Asia/Kathmandu", "2026-01-04T05:45", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU"),
    ("America/St_Johns", "2026-01-04T02:15", "FREQ=WEEKLY;BYDAY=SU"),
    ("Pacific/Norfolk", "2026-01-04T02:30", "FREQ=WEEKLY;BYDAY=SU"),
    ("Etc/GMT+12", "2026-01-04T23:59", "FREQ=MONTHLY;BYMONTHDAY=15;BYDAY=MO,TU,WE"),
    ("UTC", "2026-02-28T12:00", "FREQ=MONTHLY;BYMONTHDAY=29,30"),
    ("UTC", "2024-02-29T12:00", "FREQ=MONTHLY;INTERVAL=12"),
    ("UTC", "2020-05-13T12:00", "FREQ=WEEKLY;INTERVAL=5;BYDAY=WE,SA"),
    ("UTC", "2021-05-13T12:00", "FREQ=DAILY;INTERVAL=11"),
    ("UTC", "2025-12-13T12:00", "FREQ=WEEKLY;BYDAY=SA;COUNT=30"),
]


def moments(zone, starts, rule):
    place = zoneinfo.ZoneInfo(zone)
    starts = datetime.datetime.fromisoformat(starts)
    if rule.endswith("Z"):
        # Compared as UTC: the rule is given its start with its zone.
        rule = rrulestr(rule, dtstart=starts.replace(tzinfo=place))
        begins = (at.replace(tzinfo=None) for at in rule)
    else:
        begins = iter(rrulestr(rule, dtstart=starts))
    for at in begins:
        # A skipped time is shifted forward, and of a time that comes twice the first counts.
        at = at.replace(tzinfo=place, fold=0).astimezone(datetime.UTC).replace(tzinfo=None)
        if at >= LAST:
            return
        if at >= FIRST:
            yield at.isoformat() + "Z"


def main():
    text = "# Made by scripts/recurrence.py: a rule on a line, and below it the moments when it begins.\n"
    for zone, starts, rule in RULES:
        begins = list(moments(zone, starts, rule))
        lines = [" ".join(begins[n : n + 5]) for n in range(0, len(begins), 5)]
        text += "\n".join([f"{zone} {starts} {rule}", *lines]) + "\n\n"
    root = pathlib.Path(__file__).resolve().parent.parent
    (root / "crates/model/src/planned/tests/recurrence.txt").write_text(text)


main()
