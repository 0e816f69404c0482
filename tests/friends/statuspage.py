"""Holds every answer in Statuspage's shape against a strict schema of its fields: each must be there,
and nothing else. usage: statuspage.py URL SLUG"""

import json
import sys
import urllib.request

import jsonschema

url, slug = sys.argv[1:]

ID = {"type": "string", "pattern": "^[0-9a-z]{12}$"}
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$"}
TEXT = {"type": "string"}
NAME = {"type": "string", "minLength": 1}
LINK = {"type": "string", "pattern": "^https?://"}
FLAG = {"type": "boolean"}
COMPONENT_STATUS = {
    "enum": ["operational", "degraded_performance", "partial_outage", "major_outage"]
}
INCIDENT_STATUS = {"enum": ["investigating", "identified", "monitoring", "resolved", "postmortem"]}


def strict(**properties):
    return {
        "type": "object",
        "required": sorted(properties),
        "additionalProperties": False,
        "properties": properties,
    }


def maybe(schema):
    return {"anyOf": [{"type": "null"}, schema]}


def many(schema):
    return {"type": "array", "items": schema}


PAGE = strict(id=ID, name=NAME, url=LINK, time_zone=NAME, updated_at=TIME)
STATUS = strict(indicator={"enum": ["none", "minor", "major", "critical"]}, description=NAME)
COMPONENT = strict(
    id=ID, page_id=ID, name=NAME, status=COMPONENT_STATUS, description=maybe(TEXT),
    position={"type": "integer", "minimum": 1}, group=FLAG, group_id=maybe(ID), showcase=FLAG,
    only_show_if_degraded=FLAG, start_date=maybe(TEXT), created_at=TIME, updated_at=TIME,
)
AFFECTED = strict(
    code=ID, name=NAME, old_status=COMPONENT_STATUS, new_status=COMPONENT_STATUS
)
UPDATE = strict(
    id=ID, incident_id=ID, status=INCIDENT_STATUS, body=NAME, created_at=TIME, updated_at=TIME,
    display_at=TIME, affected_components=maybe(many(AFFECTED)), deliver_notifications=FLAG,
    custom_tweet=maybe(TEXT), tweet_id=maybe(TEXT),
)
INCIDENT = strict(
    id=ID, page_id=ID, name=NAME, status=INCIDENT_STATUS,
    impact={"enum": ["none", "minor", "major", "critical"]}, created_at=TIME, updated_at=TIME,
    started_at=TIME, monitoring_at=maybe(TIME), resolved_at=maybe(TIME), shortlink=LINK,
    components=many(COMPONENT), incident_updates={**many(UPDATE), "minItems": 1},
)
MAINTENANCES = strict(page=PAGE, scheduled_maintenances={"type": "array", "maxItems": 0})
INCIDENTS = strict(page=PAGE, incidents=many(INCIDENT))
ANSWERS = {
    "summary.json": strict(
        page=PAGE, status=STATUS, components=many(COMPONENT), incidents=many(INCIDENT),
        scheduled_maintenances={"type": "array", "maxItems": 0},
    ),
    "status.json": strict(page=PAGE, status=STATUS),
    "components.json": strict(page=PAGE, components=many(COMPONENT)),
    "incidents.json": INCIDENTS,
    "incidents/unresolved.json": INCIDENTS,
    "scheduled-maintenances.json": MAINTENANCES,
    "scheduled-maintenances/upcoming.json": MAINTENANCES,
    "scheduled-maintenances/active.json": MAINTENANCES,
}

incidents = 0
for base in ["/api/v2", f"/sites/{slug}/api/v2"]:
    pages = set()
    for name, schema in ANSWERS.items():
        with urllib.request.urlopen(f"{url}{base}/{name}", timeout=10) as answer:
            assert answer.headers["access-control-allow-origin"] == "*"
            document = json.load(answer)
        jsonschema.validate(document, schema)
        pages.add(document["page"]["id"])
        incidents += len(document.get("incidents", []))
    assert len(pages) == 1, pages
assert incidents > 0, "an outage should be in it"
print("every field is there and nothing else")
