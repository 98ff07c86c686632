"""`make run` and its processes: it can be repeated, what ends is restarted, and no process is left behind."""

import configparser
import json
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from pysqlite3 import dbapi2 as sqlite
from redis.connection import parse_url
from sqlalchemy.engine import make_url

from cohab_report.settings import Settings
from deploy import instance as instances
from deploy.instance import ROOT, prepare_instance
from deploy.run import is_ready, reserved_port
from deploy.supervision import supervisor_configuration

PROCESS_GROUP = str(ROOT / "deploy" / "process_group.py")


def test_help_names_what_can_be_made():
    told = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for target in (
        "run",
        "test",
        "check",
        "check-javascript",
        "format",
        "bench",
        "demo-reset",
        "screens",
        "lock",
        "mutants",
        "attack",
        "chaos",
        "translations",
        "clean",
        "profile-check",
    ):
        assert re.search(rf"^  {target} +\S", told, re.MULTILINE), f"make help is silent about {target}"


@pytest.mark.parametrize("name", ["run", "test", "mutants"])
def test_every_locked_library_has_its_hash_and_no_lock_names_where_it_comes_from(name: str):
    lock = (ROOT / "deploy" / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^[a-zA-Z0-9_.\[\]-]+==[^\n]*\\\n    --hash=sha256:", lock, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^[a-zA-Z0-9].*==", lock, re.MULTILINE)) > 40
    assert "://" not in lock
    assert "--index" not in lock


def test_the_lock_of_the_javascript_checkers_has_hashes_and_no_address():
    lock = json.loads((ROOT / "deploy" / "javascript" / "package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((ROOT / "deploy" / "javascript" / "package.json").read_text(encoding="utf-8"))[
        "devDependencies"
    ]
    packages = {path.removeprefix("node_modules/"): each for path, each in lock["packages"].items() if path}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values()), "versions are pinned exactly"
    assert {name: packages[name]["version"] for name in wanted} == wanted
    assert all("integrity" in each and "resolved" not in each for each in packages.values())
    assert "://" not in json.dumps(lock)


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path):
    first = prepare_instance(tmp_path / "home")
    keys = {path.name: path.read_text() for path in first.secrets.iterdir()}
    again = prepare_instance(tmp_path / "home")
    assert {path.name: path.read_text() for path in again.secrets.iterdir()} == keys
    assert set(keys) == {"secret_key", "code_key", "contact_key", "demo_password"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in first.secrets.iterdir()} == {0o600}
    assert stat.S_IMODE(first.secrets.stat().st_mode) == 0o700
    assert keys["secret_key"] != keys["code_key"]


def test_what_somebody_decided_is_left_alone(tmp_path: Path):
    given = {
        "COHAB_DATABASE_URL": "postgresql+psycopg:///city",
        "COHAB_SECRET_KEY": "x" * 40,
        "COHAB_DEMO_PASSWORD": "chosen",
    }
    environ = prepare_instance(tmp_path).environ(given, "http://127.0.0.1:1")
    assert environ["COHAB_DATABASE_URL"] == "postgresql+psycopg:///city"
    assert "COHAB_SECRET_KEY_FILE" not in environ
    assert "COHAB_DEMO_PASSWORD_FILE" not in environ
    assert environ["COHAB_CODE_KEY_FILE"].endswith("/secrets/code_key")


def test_production_is_given_no_demo_password(tmp_path: Path):
    assert "COHAB_DEMO_PASSWORD_FILE" not in prepare_instance(tmp_path).environ(
        {"COHAB_ENV": "production"}, "https://city.test"
    )


def test_a_home_too_deep_for_a_socket_gets_a_private_short_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/tmp")
    deep = prepare_instance(tmp_path / ("deep" * 30))
    try:
        assert deep.sockets.parent == Path("/tmp")
        assert stat.S_IMODE(deep.sockets.stat().st_mode) == 0o700
        assert len(str(deep.control_socket)) <= instances.LONGEST_SOCKET_PATH
        deep.sockets.chmod(0o755)
        with pytest.raises(PermissionError, match="not a private folder"):
            prepare_instance(deep.home)
    finally:
        deep.sockets.rmdir()


def test_the_supervisor_is_told_of_all_parts_and_survives_a_strange_path(tmp_path: Path):
    instance = prepare_instance(tmp_path / "50% d’été")
    parser = configparser.ConfigParser()
    parser.read_string(supervisor_configuration(instance, host="127.0.0.1", port=8000))
    parts = [name for name in parser.sections() if name.startswith("program:")]
    assert parts == [f"program:{name}" for name in PART_MARKS]
    assert all(parser[part]["autorestart"] == "true" for part in parts)


def test_a_folder_with_a_space_in_its_name_reaches_each_part_whole(tmp_path: Path):
    instance = prepare_instance(tmp_path / "Cohab Report")
    settings = Settings.from_env(instance.environ({"XDG_RUNTIME_DIR": "/tmp"}, "http://127.0.0.1:1"))
    assert make_url(settings.database_url).database == str(instance.home / "cohab.db")
    assert parse_url(settings.queue_url)["path"] == str(instance.queue_socket)
    parser = configparser.ConfigParser()
    parser.read_string(supervisor_configuration(instance, host="127.0.0.1", port=8000))
    queue = shlex.split(parser["program:queue"]["command"])
    assert queue[queue.index("--dir") + 1] == str(instance.queue)
    assert queue[queue.index("--unixsocket") + 1] == str(instance.queue_socket)
    assert all(
        Path(parser[part]["stdout_logfile"]).parent == instance.logs
        for part in parser
        if part != "DEFAULT" and "program" in part
    )


def test_the_process_group_ends_the_workers_of_a_part_that_was_killed(tmp_path: Path):
    with grouped_process(
        tmp_path, "import os, time; os.fork(); open('pids', 'a').write(f'{os.getpid()}\\n'); time.sleep(60)"
    ) as (leader, pids):
        os.kill(min(pids), signal.SIGKILL)
        leader.wait(timeout=10)
        assert becomes_true(lambda: not any(psutil.pid_exists(pid) for pid in pids))


def test_the_process_group_stops_its_part_when_its_own_parent_dies(tmp_path: Path):
    with grouped_process(
        tmp_path, "import os, time; os.fork(); open('pids', 'a').write(f'{os.getpid()}\\n'); time.sleep(60)"
    ) as (leader, pids):
        leader.kill()
        leader.wait(timeout=10)
        assert becomes_true(lambda: not psutil.pid_exists(min(pids)))
        for pid in pids:
            with suppress(*GONE):
                os.kill(pid, signal.SIGKILL)


def test_started_stopped_and_started_again_it_loses_nothing_and_doubles_nothing(tmp_path: Path):
    home, port = tmp_path / "Cohab Report d’été (essai)", free_port()
    with running_instance(home, port) as first:
        sign_ins = [line for line in first.output() if "@demo.test" in line]
        assert len(sign_ins) >= 5
        before = rows_by_table(home)
        beside = run_command(home, port)
        assert (beside.returncode, f"already runs at http://127.0.0.1:{port}" in beside.stdout) == (0, True)
        assert first.stop_by_keyboard() == 0
        assert first.left_behind() == []
        assert not (home / "cohab.db-wal").exists(), "the log is written back into the database file"
    with running_instance(home, port) as second:
        assert [line for line in second.output() if "@demo.test" in line] == sign_ins
        assert rows_by_table(home) == before
        assert run_command(home, port, "--stop").stdout == "Stopped.\n"
        assert becomes_true(lambda: second.left_behind() == [])
    assert run_command(home, port, "--stop").stdout == "Nothing runs.\n"


def test_each_part_that_is_killed_comes_back(tmp_path: Path):
    home, port = tmp_path / "home", free_port()
    with running_instance(home, port) as run:
        for name in PART_MARKS:
            assert run.has_another(name, NOBODY), f"{name} does not run"
            leader = run.parts()[name]
            with suppress(*GONE):  # a part whose queue was just killed may have fallen by itself
                leader.children()[0].kill()
            assert run.has_another(name, leader.pid), f"{name} stayed away"
        assert becomes_true(lambda: is_ready(f"http://127.0.0.1:{port}/readyz"), seconds=90)
        assert run.stop_by_keyboard() == 0
        assert run.left_behind() == []


def test_a_taken_port_is_told_in_one_sentence(tmp_path: Path):
    with closing(socket.create_server(("127.0.0.1", 0))) as neighbour:
        done = run_command(tmp_path / "home", neighbour.getsockname()[1])
    assert done.returncode == 1
    assert "can't be used" in done.stderr
    assert "make run PORT=" in done.stderr


def test_a_second_start_on_a_port_is_refused_while_the_first_one_is_still_getting_ready(tmp_path: Path):
    port, second = free_port(), tmp_path / "second"
    with reserved_port("127.0.0.1", port):
        done = run_command(second, port)
        assert (done.returncode, "can't be used" in done.stderr) == (1, True)
        assert not (second / "cohab.db").exists(), "no database is made beside the first one's"
        with socket.socket() as own_server:
            own_server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            own_server.bind(("127.0.0.1", port))
    with reserved_port("127.0.0.1", port):
        pass


class RunningInstance:
    """One run of `deploy.run` and all its child processes."""

    def __init__(self, process: subprocess.Popen[str], output: Path) -> None:
        self.process, self._output = process, output
        self._seen: set[psutil.Process] = set()

    def output(self) -> list[str]:
        return self._output.read_text(encoding="utf-8").splitlines()

    def parts(self) -> dict[str, psutil.Process]:
        """Returns the process group leaders of the running parts, by the part's name."""
        with suppress(*GONE):  # one of them ended meanwhile; the next call sees the rest
            self._seen |= set(psutil.Process(self.process.pid).children(recursive=True))
        leaders = {}
        for each in self._seen:
            with suppress(*GONE):
                words = each.cmdline()
                if (
                    PROCESS_GROUP in words
                    and "--follow" not in words
                    and any(child.cmdline()[1:3] != ["-S", PROCESS_GROUP] for child in each.children())
                ):
                    leaders[next(name for name, mark in PART_MARKS.items() if mark in " ".join(words))] = each
        return leaders

    def has_another(self, name: str, old: int) -> bool:
        """Returns whether another process than `old` soon runs the part."""
        return becomes_true(lambda: name in (now := self.parts()) and now[name].pid != old)

    def stop_by_keyboard(self) -> int:
        self.parts()
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=40)

    def left_behind(self) -> list[psutil.Process]:
        return [each for each in self._seen if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


NOBODY = 0
GONE = (psutil.NoSuchProcess, ProcessLookupError)
PART_MARKS = {
    "queue": "valkey-server",
    "web": "deploy.serve",
    "worker": "deploy.worker clock events",
    "worker-email": "deploy.worker email",
    "worker-pictures": "deploy.worker pictures",
    "clock": "deploy.clock",
}


@contextmanager
def running_instance(home: Path, port: int) -> Iterator[RunningInstance]:
    output = home.parent / f"output-{time.monotonic_ns()}"
    with output.open("w", encoding="utf-8") as out:
        words = _command_line(home, port)
        process = subprocess.Popen(
            words, cwd=ROOT, env=_environ(), stdin=subprocess.DEVNULL, stdout=out, stderr=out, text=True
        )
    try:
        assert becomes_true(
            lambda: "Ctrl-C stops" in output.read_text(encoding="utf-8") or process.poll() is not None, seconds=300
        )
        assert process.poll() is None, output.read_text(encoding="utf-8")
        yield RunningInstance(process, output)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=40)


def run_command(home: Path, port: int, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_command_line(home, port), *more],
        cwd=ROOT,
        env=_environ(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _command_line(home: Path, port: int) -> list[str]:
    return [sys.executable, "-m", "deploy.run", "--instance", str(home), "--port", str(port)]


def _environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("COHAB_")}


@contextmanager
def grouped_process(folder: Path, program: str) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    leader = subprocess.Popen(
        [sys.executable, "-S", PROCESS_GROUP, sys.executable, "-c", program], cwd=folder, start_new_session=True
    )
    pids = folder / "pids"
    try:
        assert becomes_true(lambda: pids.exists() and len(pids.read_text().split()) == 2)
        yield leader, [int(pid) for pid in pids.read_text().split()]
    finally:
        leader.kill()
        leader.wait()


def rows_by_table(home: Path) -> dict[str, int]:
    with closing(sqlite.connect(f"file:{home / 'cohab.db'}?mode=ro", uri=True)) as database:
        own_tables = (
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            " AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT GLOB 'idx_*'"
        )
        tables = [name for (name,) in database.execute(own_tables)]
        return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port: int = probe.getsockname()[1]
        return port


def becomes_true(truth: Callable[[], bool], *, seconds: float = 40) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if truth():
            return True
        time.sleep(0.1)
    return False
