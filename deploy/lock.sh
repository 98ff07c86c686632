#!/bin/sh
# `make lock`: the lock files anew, with hashes and without the address of an index or a registry: the libraries from pyproject.toml, for
# every platform and Python from 3.11 on, and the checkers of JavaScript from deploy/javascript/package.json.
# It uses uv, which is not part of the product: it is installed into a throw-away environment.
set -eu
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT INT TERM
.venv/bin/python -m venv "$tools/venv"
"$tools/venv/bin/python" -m pip install --quiet --disable-pip-version-check uv

# compile OUT OPTION…: the versions chosen are those of an existing lock where they still fit, unless UPGRADE=1.
compile() {
    out=deploy/locks/$1.txt
    shift
    "$tools/venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
        --no-emit-find-links ${UPGRADE:+--upgrade} "$@" --output-file "$out" pyproject.toml
}

compile run
compile test --extra test --constraint deploy/locks/run.txt
compile mutants --extra mutants --constraint deploy/locks/test.txt

npm install --prefix deploy/javascript --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --silent --no-audit --no-fund
.venv/bin/python - deploy/javascript/package-lock.json <<'END'
import json
import pathlib
import sys

path = pathlib.Path(sys.argv[1])
lock = json.loads(path.read_text(encoding="utf-8"))
for package in lock["packages"].values():
    package.pop("resolved", None)
    package.pop("funding", None)
path.write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")
END

if grep -nE '(^|[^a-z])(--(extra-)?index-url|--find-links|https?://)' deploy/locks/*.txt deploy/javascript/package-lock.json; then
    echo "A lock names a place that packages come from; it must not." >&2
    exit 1
fi
