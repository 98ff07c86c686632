"""The WSGI entry point: `app` is what a web server loads."""

from cohab_report import create_app

app = create_app()
