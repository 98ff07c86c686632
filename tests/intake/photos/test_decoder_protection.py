"""What somebody who took over the decoder could do: nothing but compute. Tried from within, where a library decodes."""

import ctypes
import json
import os
import runpy
import shutil
import socket
import sqlite3
import sys
import textwrap
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cohab_report.intake.photos import photo_sandbox
from cohab_report.intake.photos.photo_sandbox import DecoderUnprotected, PictureRefused
from tests.page import Page

DECODER = Path(photo_sandbox.__file__).with_name("decoder.py")
ESCAPES = """
import ctypes, os, signal, socket, sqlite3, subprocess, sys

def read_key(): return open(key_file).read()
def read_environment_of_parent(): return open(f"/proc/{os.getppid()}/environ", "rb").read()
def read_memory_of_parent(): return open(f"/proc/{os.getppid()}/mem", "rb").fileno()
def find_key(): return os.stat(key_file).st_size
def list_folder(): return os.listdir(os.path.dirname(key_file))
def delete_key(): os.unlink(copy_of_key)
def write_file(): return os.open(key_file + ".new", os.O_CREAT | os.O_WRONLY)
def read_database():
    database = sqlite3.connect(database_file)
    return database.execute("SELECT word FROM secret").fetchall()
def connect_to_queue(): socket.socket(socket.AF_UNIX).connect(queue_socket)
def connect_to_network(): socket.socket(socket.AF_INET).connect(("127.0.0.1", port))
def ask_network_without_connection(): socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port))
def make_pair_of_sockets(): socket.socketpair()
def fork():
    if os.fork() == 0:
        os._exit(0)
def run_program(): subprocess.run(["/bin/true"], check=True)
def become_a_program():
    libc = ctypes.CDLL(None, use_errno=True)
    if os.environ.get("TRIED_FREELY"):
        return
    libc.execve(b"/bin/true", None, None)
    raise OSError(ctypes.get_errno(), "execve")
def signal_parent(): os.kill(os.getppid(), 0)
def make_pipe(): os.pipe()
def file_in_memory(): os.memfd_create("x")

def try_all():
    outcomes = {}
    for escape in (read_key, read_environment_of_parent, read_memory_of_parent, find_key, list_folder, delete_key,
                   write_file, read_database, connect_to_queue, connect_to_network, ask_network_without_connection,
                   make_pair_of_sockets, fork, run_program, become_a_program, signal_parent, make_pipe, file_in_memory):
        try:
            escape()
            outcomes[escape.__name__] = "done"
        except BaseException as error:
            outcomes[escape.__name__] = type(error).__name__
    return outcomes
"""
WITHOUT_SECCOMP = f"""
import runpy
main = runpy.run_path({str(DECODER)!r}, run_name="decoder")["main"]
main.__globals__["give_up_rights"] = lambda: False
main.__globals__["reencoded_webp"] = lambda data: (1, 1, b"decoded", b"")
main()
"""
FREELY = """
import ctypes
import json
os.environ["TRIED_FREELY"] = "1"
sys.stdin.buffer.read()
print(json.dumps(try_all()))
"""
IN_THE_DECODER = f"""
import json, runpy
main = runpy.run_path({str(DECODER)!r}, run_name="decoder")["main"]
def escape(data):
    return 1, 1, json.dumps(try_all()).encode(), b""
main.__globals__["reencoded_webp"] = escape
main()
"""


@pytest.fixture
def targets(tmp_path: Path) -> Iterator[str]:
    """Makes what the decoder must not reach, and returns the lines of a program that name it."""
    key, copy, database = tmp_path / "code_key", tmp_path / "copy", tmp_path / "cohab.db"
    key.write_text("k" * 40)
    shutil.copy(key, copy)
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE secret (word TEXT)")
    with socket.socket(socket.AF_UNIX) as queue, socket.socket(socket.AF_INET) as network:
        queue.bind(str(tmp_path / "queue.sock"))
        network.bind(("127.0.0.1", 0))
        queue.listen()
        network.listen()
        names = {
            "key_file": str(key),
            "copy_of_key": str(copy),
            "database_file": str(database),
            "queue_socket": str(tmp_path / "queue.sock"),
            "port": network.getsockname()[1],
        }
        yield "\n".join(f"{name} = {value!r}" for name, value in names.items())


def outcomes_of(program: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(photo_sandbox, "DECODER_COMMAND", (sys.executable, "-I", "-B", "-c", textwrap.dedent(program)))
    output = photo_sandbox.decoder_output(b"a picture")
    return json.loads(output.splitlines()[-1])


def test_a_library_that_was_taken_over_reaches_nothing(targets: str, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = outcomes_of(targets + ESCAPES + IN_THE_DECODER, monkeypatch)
    assert outcomes and set(outcomes.values()) <= {"PermissionError", "OperationalError", "OSError"}


def test_without_protection_the_same_program_reaches_everything(targets: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(outcomes_of(targets + ESCAPES + FREELY, monkeypatch).values()) == {"done"}


def test_no_open_file_no_variable_and_no_terminal_is_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COHAB_CODE_KEY", "k" * 40)
    secret = os.open(tmp_path / "secret", os.O_CREAT | os.O_RDWR)
    os.set_inheritable(secret, True)
    program = """
        import json, os
        open_files = sorted(os.listdir("/proc/self/fd"), key=int)
        is_own_session = os.getsid(0) == os.getpid()
        print(json.dumps([open_files, [name for name in os.environ if "COHAB" in name], is_own_session, os.getcwd()]))
    """
    try:
        outcomes = outcomes_of(program, monkeypatch)
    finally:
        os.close(secret)
    assert outcomes == [["0", "1", "2", "3"], [], True, "/"], "3 is the folder that is listed"


def test_where_the_kernel_refuses_protection_nothing_is_decoded_unless_it_is_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = (sys.executable, "-I", "-B", "-c", WITHOUT_SECCOMP)
    monkeypatch.setattr(photo_sandbox, "DECODER_COMMAND", command)
    with pytest.raises(DecoderUnprotected):
        photo_sandbox.decoder_output(b"a picture")
    assert photo_sandbox.decoder_output(b"a picture", unprotected=True).endswith(b"decoded")
    with pytest.raises(PictureRefused):
        photo_sandbox.reencode(b"a picture", unprotected=True)


def test_a_decoder_that_writes_without_end_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = "import sys\nwhile True: sys.stdout.buffer.write(bytes(1 << 20))"
    monkeypatch.setattr(photo_sandbox, "DECODER_COMMAND", (sys.executable, "-I", "-B", "-c", endless))
    tracemalloc.start()
    with pytest.raises(PictureRefused, match="unreadable"):
        photo_sandbox.reencode(b"a picture")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * photo_sandbox.LARGEST_DECODER_OUTPUT


def test_a_decoder_that_falls_silent_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = "import os, time\nos.close(1)\ntime.sleep(600)"
    monkeypatch.setattr(photo_sandbox, "DECODER_COMMAND", (sys.executable, "-I", "-B", "-c", silent))
    monkeypatch.setattr(photo_sandbox, "SANDBOX_SECONDS", 1)
    with pytest.raises(PictureRefused, match="too_slow"):
        photo_sandbox.reencode(b"a picture" * 100_000)


def test_this_machine_can_protect_the_decoder() -> None:
    assert photo_sandbox.can_be_protected()


@pytest.fixture
def without_seccomp(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lets the decoder believe that this kernel protects nothing."""
    photo_sandbox.can_be_protected.cache_clear()
    monkeypatch.setattr(photo_sandbox, "DECODER_COMMAND", (sys.executable, "-I", "-B", "-c", WITHOUT_SECCOMP))
    yield
    photo_sandbox.can_be_protected.cache_clear()


def test_readyz_says_that_the_decoder_is_not_protected(page: Page, without_seccomp: None) -> None:
    answer = page._ask("GET", "/readyz", as_=None)
    assert answer.json and answer.json["parts"]["photos"] == "decoder not protected by the kernel"


def test_readyz_says_nothing_of_a_decoder_that_is(page: Page) -> None:
    answer = page._ask("GET", "/readyz", as_=None)
    assert answer.json and answer.json["parts"]["photos"] == "ok"


def test_the_calls_that_are_left_are_known_by_each_kind_of_processor_that_we_name() -> None:
    """A name that libseccomp does not know would take the filter away from everybody."""
    library = ctypes.CDLL("libseccomp.so.2")
    allowed = runpy.run_path(str(DECODER.with_name("system_calls.py")))["ALLOWED_CALLS"]
    for architecture in (0xC000003E, 0xC00000B7):  # x86_64 and aarch64, linux/audit.h
        numbers = [library.seccomp_syscall_resolve_name_arch(architecture, name.encode()) for name in allowed]
        assert all(number >= 0 for number in numbers), dict(zip(allowed, numbers, strict=True))
