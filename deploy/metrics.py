"""Serves the metrics to Prometheus, `python -m deploy.metrics --host 127.0.0.1 --port 9464`, and nothing else.

A port of its own, so that no front passes it on by mistake: keep it on a private address.
"""

import argparse
import ipaddress

from prometheus_client import start_wsgi_server

from cohab_report.metrics import metric_registry

PORT = 9464


def private_address(word: str) -> str:
    """Returns the IP address; raises ArgumentTypeError unless it is private or this machine's own."""
    try:
        address = ipaddress.ip_address(word)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{word} is not an IP address") from error
    if not address.is_private or address.is_unspecified:
        raise argparse.ArgumentTypeError(f"{word} is not a private address: metrics are for nobody outside")
    return word


def parse_arguments() -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(prog="deploy.metrics", description="Serves metrics to Prometheus.")
    parser.add_argument("--host", type=private_address, default="127.0.0.1", help="a private IP address")
    parser.add_argument("--port", type=int, default=PORT)
    return parser.parse_args()


if __name__ == "__main__":
    arguments = parse_arguments()
    from wsgi import app

    _server, thread = start_wsgi_server(arguments.port, arguments.host, metric_registry(app))
    thread.join()
