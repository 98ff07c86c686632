"""How heavy a first visit is: the page, all that it asks for at once and what its scripts fetch, as gzip sends them."""

import gzip
from urllib.parse import urlsplit
from uuid import uuid4

import lxml.html
from flask import Flask

from tests.bench.figures import tell

KILOBYTE = 1024
FIRST = 60  # kilobytes a first page may weigh
WITH_MAP = 160


def weigh(app: Flask, *, database: str) -> None:
    """The weight of the first page, and of the page with the map."""
    client = app.test_client()
    with client.session_transaction() as kept:
        kept["danger_passed"], kept["sketch"] = True, {"client_id": str(uuid4()), "kind": "safety"}
    for name, address, allowed in (
        ("weight of the first page", "/", FIRST),
        ("weight with the map", "/signaler/lieu", WITH_MAP),
    ):
        page = client.get(address)
        assert page.status_code == 200, (address, page.status_code)
        needed = sorted({urlsplit(link).path for link in links(page.text)})
        bodies = [page.data, *(client.get(each).data for each in needed)]
        total = sum(len(gzip.compress(body, 6)) for body in bodies) / KILOBYTE
        facts = {
            "address": page.request.path,
            "kilobytes": total,
            "allowed": allowed,
            "within": total <= allowed,
            "files": len(bodies),
        }
        tell(name, database=database, **facts)


def links(text: str) -> list[str]:
    """Styles, scripts, pictures and map files that the page names, those fetched on demand too, and nothing that it only links to."""
    root = lxml.html.fromstring(text)
    found = root.xpath(
        "//link[@rel='stylesheet' or @rel='icon' or @rel='modulepreload']/@href | //script/@src | //img/@src"
    )
    found += [href.split("#")[0] for href in root.xpath("//*[local-name()='use']/@href")]
    found += root.xpath("//@data-leaflet | //@data-leaflet-css | //@data-source")
    found += [f"/static/js/{name}.js" for names in root.xpath("//@data-behaviour") for name in names.split()]
    return [str(each) for each in found if str(each).startswith("/")]
