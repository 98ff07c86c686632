"""Measures the weight of a first visit: the page and all its subresources, compressed with gzip."""

import gzip
from urllib.parse import urlsplit
from uuid import uuid4

import lxml.html
from flask import Flask

from tests.bench.figures import print_figure

KILOBYTE = 1024
MAX_FIRST_PAGE = 60  # kilobytes
MAX_MAP_PAGE = 160


def measure_page_weights(app: Flask, *, database: str) -> None:
    """Measures the first page and the page with the map."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["danger_passed"], session["sketch"] = True, {"client_id": str(uuid4()), "kind": "safety"}
    for name, address, allowed in (
        ("weight of the first page", "/", MAX_FIRST_PAGE),
        ("weight with the map", "/signaler/lieu", MAX_MAP_PAGE),
    ):
        page = client.get(address)
        assert page.status_code == 200, (address, page.status_code)
        needed = sorted({urlsplit(link).path for link in subresource_paths(page.text)})
        bodies = [page.data, *(client.get(each).data for each in needed)]
        total = sum(len(gzip.compress(body, 6)) for body in bodies) / KILOBYTE
        facts = {
            "address": page.request.path,
            "kilobytes": total,
            "allowed": allowed,
            "within": total <= allowed,
            "files": len(bodies),
        }
        print_figure(name, database=database, **facts)


def subresource_paths(text: str) -> list[str]:
    """Returns the paths of styles, scripts, images and map files that the page loads, those on demand too."""
    root = lxml.html.fromstring(text)
    found = root.xpath(
        "//link[@rel='stylesheet' or @rel='icon' or @rel='modulepreload']/@href | //script/@src | //img/@src"
    )
    found += [href.split("#")[0] for href in root.xpath("//*[local-name()='use']/@href")]
    found += root.xpath("//@data-leaflet | //@data-leaflet-css | //@data-source")
    found += [f"/static/js/{name}.js" for names in root.xpath("//@data-behaviour") for name in names.split()]
    return [str(each) for each in found if str(each).startswith("/")]
