"""Where a web server finds the application."""

from cohab_report import create_app

app = create_app()
