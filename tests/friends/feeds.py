"""Reads our feeds as a feed reader does. usage: feeds.py URL SLUG-OF-A-SITE-THAT-IS-DOWN"""

import json
import sys
import urllib.request

import feedparser
import jsonschema

url, slug = sys.argv[1:]

ITEM = {
    "type": "object",
    "required": ["id", "url", "title", "content_text", "date_published", "date_modified", "tags"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^tag:"},
        "url": {"type": "string", "format": "uri"},
        "title": {"type": "string", "minLength": 1},
        "content_text": {"type": "string", "minLength": 1},
        "date_published": {"type": "string", "format": "date-time"},
        "date_modified": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"enum": ["down", "partial", "slow"]}},
    },
}
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "home_page_url", "feed_url", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "authors": {"type": "array", "items": {"type": "object", "required": ["name"]}},
        "items": {"type": "array", "items": ITEM},
    },
}


def get(path, **headers):
    return urllib.request.urlopen(urllib.request.Request(url + path, headers=headers), timeout=10)


for base in ["", f"/sites/{slug}"]:
    feed = feedparser.parse(f"{url}{base}/feed.atom")
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == "atom10" and feed.status == 200, (feed.version, feed.status)
    assert feed.headers["content-type"].startswith("application/atom+xml")
    assert feed.feed.id and feed.feed.title and feed.feed.updated_parsed and feed.feed.author
    links = {link.rel: link.href for link in feed.feed.links}
    assert links["self"] == f"{url}{base}/feed.atom", links
    assert feed.entries, "an outage should be in it"
    for entry in feed.entries:
        assert entry.id.startswith("tag:") and entry.title and entry.link.startswith(url)
        assert entry.published_parsed <= entry.updated_parsed <= feed.feed.updated_parsed
        assert entry.content[0].value and entry.content[0].type == "text/plain"
    again = feedparser.parse(f"{url}{base}/feed.atom", etag=feed.etag)
    assert again.status == 304, again.status
    again = feedparser.parse(f"{url}{base}/feed.atom", modified=feed.modified)
    assert again.status == 304, again.status

    answer = get(f"{base}/feed.json")
    assert answer.headers["content-type"].startswith("application/feed+json")
    document = json.load(answer)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.validate(document, JSON_FEED, format_checker=checker)
    assert [item["id"] for item in document["items"]] == [entry.id for entry in feed.entries]

print("the feeds are well")
