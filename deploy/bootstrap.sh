#!/bin/sh
# From a bare machine to a working .venv: the only part that runs before Python is sure to be there.
#
#   sh deploy/bootstrap.sh run     what running needs: .venv with the locked libraries, SpatiaLite
#   sh deploy/bootstrap.sh production  a release on a city's own server: .venv that the service's account can run, compiled translations
#   sh deploy/bootstrap.sh test    what testing needs besides: PostgreSQL with PostGIS, Chromium, nginx, systemd's checker of units
#   sh deploy/bootstrap.sh check   what reading the code critically needs: the same libraries, and Node with its checkers of JavaScript
#   sh deploy/bootstrap.sh mutants what breaking the code on purpose needs: the libraries of tests, and mutmut
#
# Repeating it changes nothing and takes no time. It never removes a package and never touches a database.
set -eu
cd "$(dirname "$0")/.."
WANTED=${1:-run}
VENV=.venv
PYTHON_WANTED='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'

say() { printf '%s\n' "$*"; }
stop() { printf '%s\n' "$*" >&2; exit 1; }

# --- The machine's own packages -----------------------------------------------------------------------------------------------

# as_root COMMAND…: runs it as root, or tells the one line to type.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        if [ -t 0 ]; then sudo "$@"; else sudo -n "$@"; fi || return 1
    else
        stop "This needs root and there is no sudo. As root: $*"
    fi
}

# install_packages PACKAGE…: Debian's packages are there; elsewhere one line says what to install.
install_packages() {
    if ! command -v apt-get >/dev/null 2>&1; then
        stop "$(advice_without_apt)"
    fi
    say "Installing from Debian's packages: $*"
    lists=$(find /var/lib/apt/lists -name '*Packages*' -print 2>/dev/null | head -n 1)
    if [ -z "$lists" ]; then update_lists; fi
    if ! apt_install "$@"; then
        update_lists
        apt_install "$@" || stop "apt-get could not install: $*"
    fi
}

update_lists() { as_root apt-get -qq update || stop "apt-get update failed: is the network there?"; }
apt_install() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" </dev/null >/dev/null; }

advice_without_apt() {
    case "$(uname -s)" in
        Darwin) say "macOS: brew install python@3.12 libspatialite (tests also: postgresql@17 postgis chromium nginx; checks: node), then the same command again." ;;
        MINGW* | MSYS* | CYGWIN*) say "Windows: use WSL with Debian or Ubuntu (wsl --install -d Debian), then the same command inside it." ;;
        *)
            if command -v dnf >/dev/null 2>&1; then
                say "Fedora: sudo dnf install python3 libspatialite (tests also: postgresql-server postgis chromium nginx; checks: nodejs npm), then the same command again."
            else
                say "Install Python 3.11 or later and SpatiaLite's loadable module (tests also: PostgreSQL with PostGIS, Chromium, nginx; checks: Node and npm), then the same command again."
            fi ;;
    esac
}

# --- Python and the locked libraries ------------------------------------------------------------------------------------------

# The first Python that is recent enough and can make a virtual environment, or nothing.
find_python() {
    for python in ${PYTHON:-} python3 /usr/bin/python3 python3.13 python3.12 python3.11 python3.14; do
        if "$python" -c "$PYTHON_WANTED" >/dev/null 2>&1 && "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 && may_be_used "$python"; then
            command -v "$python"
            return
        fi
    done
}

# may_be_used PYTHON: in production other accounts must reach it too; one below root's home, or another closed folder, is passed over.
may_be_used() {
    [ "$WANTED" != production ] || "$1" - <<'END'
import pathlib
import sys

needed = [pathlib.Path(path).resolve() for path in (sys._base_executable, sys.base_prefix)]
sys.exit(any(not folder.stat().st_mode & 0o001 for path in needed for folder in path.parents))
END
}

make_venv() {
    if "$VENV/bin/python" -c "$PYTHON_WANTED" >/dev/null 2>&1 && "$VENV/bin/python" -m pip --version >/dev/null 2>&1 \
        && may_be_used "$VENV/bin/python"; then return; fi
    python=$(find_python)
    if [ -z "$python" ]; then
        install_packages python3 python3-venv
        python=$(find_python)
    fi
    [ -n "$python" ] || stop "Python 3.11 or later is needed, and this system's packages have none: $(python3 --version 2>&1)"
    say "Creating $VENV with $("$python" --version)"
    "$python" -m venv --clear "$VENV"
}

# install_lock NAME: the libraries of deploy/locks/NAME.txt are installed, each checked against its hash; asked again only when the lock changes.
install_lock() {
    stamp="$VENV/.installed-$1"
    sum=$(cksum <"deploy/locks/$1.txt")
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ]; then return; fi
    say "Installing the locked libraries ($1), the first time a minute or so"
    rm -f "$stamp"
    "$VENV/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes -r "deploy/locks/$1.txt" \
        || stop "The locked libraries could not be installed; nothing else was changed."
    printf '%s\n' "$sum" >"$stamp"
}

# --- SpatiaLite, libseccomp, PostgreSQL, Chromium ------------------------------------------------------------------------------

spatialite_loads() {
    "$VENV/bin/python" - "${COHAB_SPATIALITE:-mod_spatialite}" 2>/dev/null <<'END'
import sys
from pysqlite3 import dbapi2
connection = dbapi2.connect(":memory:")
connection.enable_load_extension(True)
connection.load_extension(sys.argv[1])
END
}

need_spatialite() {
    spatialite_loads || install_packages libsqlite3-mod-spatialite
    spatialite_loads || stop "SpatiaLite is installed but does not load; COHAB_SPATIALITE can name the library's path."
}

# libseccomp shuts the decoder of pictures off. Where there is none (macOS), the program says so and goes on for trying it.
need_seccomp() {
    "$VENV/bin/python" -c 'import ctypes; ctypes.CDLL("libseccomp.so.2")' 2>/dev/null || ! command -v apt-get >/dev/null 2>&1 || install_packages libseccomp2
}

has_postgis() {
    for control in /usr/share/postgresql/*/extension/postgis.control; do
        version=${control#/usr/share/postgresql/}
        if [ -f "$control" ] && [ -x "/usr/lib/postgresql/${version%%/*}/bin/initdb" ]; then return 0; fi
    done
    command -v initdb >/dev/null 2>&1 && ! command -v apt-get >/dev/null 2>&1
}

has_chromium() { [ -x /usr/bin/chromium ] || { ! command -v apt-get >/dev/null 2>&1 && command -v chromium >/dev/null 2>&1; }; }

need_test_servers() {
    missing=
    if ! has_postgis; then missing="$(postgis_package)"; fi
    if ! has_chromium; then missing="$missing chromium fonts-dejavu-core"; fi
    if command -v apt-get >/dev/null 2>&1 && ! command -v systemd-analyze >/dev/null 2>&1; then missing="$missing systemd"; fi
    # shellcheck disable=SC2086  # several names in one word
    if [ -n "$missing" ]; then install_packages $missing; fi
    has_nginx || install_nginx
}

has_nginx() { [ -x /usr/sbin/nginx ] || { ! command -v apt-get >/dev/null 2>&1 && command -v nginx >/dev/null 2>&1; }; }

# The program alone: no service of it may listen on this machine, neither now (a policy that refuses services while the package is
# being installed) nor after the next start.
install_nginx() {
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then own_policy=; else own_policy=yes; fi
    if [ -n "$own_policy" ]; then
        as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"
        trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    install_packages nginx
    if [ -n "$own_policy" ]; then
        as_root rm -f "$policy"
        trap - EXIT
    fi
    if command -v systemctl >/dev/null 2>&1; then as_root systemctl --quiet disable nginx.service || true; fi
}

# Debian 12 has PostgreSQL 15; a later system has a later one, and PostGIS for it under the same pattern.
postgis_package() {
    command -v apt-cache >/dev/null 2>&1 || { say postgis; return; }
    [ -n "$(find /var/lib/apt/lists -name '*Packages*' -print 2>/dev/null | head -n 1)" ] || update_lists
    apt-cache search --names-only '^postgresql-[0-9]+-postgis-3$' | sort -V | tail -n 1 | cut -d ' ' -f 1
}

compile_translations() {
    "$VENV/bin/python" -m babel.messages.frontend --quiet compile --directory cohab_report/translations \
        || stop "The translations could not be compiled."
}

# --- What checks the JavaScript -----------------------------------------------------------------------------------------------

JAVASCRIPT=deploy/javascript
NODE_WANTED='process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)'

has_node() { node -e "$NODE_WANTED" >/dev/null 2>&1 && npm --version >/dev/null 2>&1; }

# The locked checkers are there, each checked against its hash; asked again only when the lock changes.
need_javascript_checkers() {
    has_node || install_packages nodejs npm
    has_node || stop "Node 18 or later and npm are needed to check the JavaScript, and this system's packages have older ones."
    stamp="$JAVASCRIPT/node_modules/.installed"
    sum=$(cksum <"$JAVASCRIPT/package-lock.json")
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ]; then return; fi
    say "Installing the locked checkers of JavaScript"
    npm ci --prefix "$JAVASCRIPT" --silent --no-audit --no-fund --no-update-notifier --ignore-scripts </dev/null >/dev/null \
        || stop "The checkers of JavaScript could not be installed; nothing else was changed."
    printf '%s\n' "$sum" >"$stamp"
}

case "$WANTED" in
    run)
        make_venv
        install_lock run
        need_spatialite
        need_seccomp
        ;;
    production)
        umask 022
        make_venv
        install_lock run
        compile_translations
        chmod a+rX . && chmod -R a+rX "$VENV" cohab_report deploy migrations wsgi.py
        ;;
    test)
        make_venv
        install_lock test
        need_spatialite
        need_seccomp
        need_test_servers
        ;;
    check)
        make_venv
        install_lock test
        need_spatialite
        need_javascript_checkers
        ;;
    mutants)
        make_venv
        install_lock test
        install_lock mutants
        need_spatialite
        ;;
    *) stop "usage: sh deploy/bootstrap.sh run|production|test|check|mutants" ;;
esac
