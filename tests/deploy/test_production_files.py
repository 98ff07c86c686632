"""What the production examples promise, read from their files: containers, image, units, settings."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.instance import ROOT
from deploy.serve import LEAVING_SECONDS, STOP_SECONDS

PRODUCTION = ROOT / "deploy" / "production"
UNITS = sorted((PRODUCTION / "systemd").glob("*.service"))
COMPOSE: dict[str, Any] = yaml.safe_load((PRODUCTION / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
MOST_EXPOSURE = 3.0


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_has_more_rights_than_it_needs(name: str):
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert int(service["user"].split(":")[0]) > 0
    assert not service.get("privileged")
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert service["restart"] == "unless-stopped"
    assert seconds(service["stop_grace_period"]) >= 20
    assert re.search(r":\d+[\w.-]*$", service["image"]), "the image's version is named"


def test_only_the_front_is_reached_from_outside_and_it_reaches_neither_database_nor_queue():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["front"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["database"]["networks"] == SERVICES["queue"]["networks"] == ["inside"]
    assert SERVICES["front"]["networks"] == ["front"]
    sharing = {name for name, service in SERVICES.items() if "sockets:/run/cohab-report" in service.get("volumes", [])}
    assert {"web-1", "web-2", "front"} <= sharing


@pytest.mark.parametrize("name", ["web-1", "web-2", "database", "queue", "front"])
def test_servers_are_asked_for_their_health(name: str):
    assert SERVICES[name]["healthcheck"]["test"]


def test_a_web_server_in_a_container_is_asked_on_its_own_socket():
    for name in ("web-1", "web-2"):
        assert SERVICES[name]["command"][-1] == SERVICES[name]["healthcheck"]["test"][-1]
        assert seconds(SERVICES[name]["stop_grace_period"]) > LEAVING_SECONDS + STOP_SECONDS


def test_passwords_stand_in_files_that_neither_the_repository_nor_the_image_takes():
    assert "requirepass" not in " ".join(SERVICES["queue"]["command"])
    for service in SERVICES.values():
        settings = service.get("environment", {})
        assert not [name for name in settings if re.search("KEY|PASSWORD|URL", name) and not is_harmless(name)]
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    folders = {Path(secret["file"]).parent for secret in COMPOSE["secrets"].values()}
    assert folders == {Path("secrets")}
    ignored = subprocess.run(
        ["git", "check-ignore", "--quiet", "deploy/production/secrets/secret_key"], cwd=ROOT, check=False
    )
    assert ignored.returncode == 0
    assert not is_in_image("deploy/production/secrets/secret_key")


def test_the_image_holds_what_runs_and_nothing_else():
    for kept in ("wsgi.py", "deploy/serve.py", "cohab_report/templates/base.html", "migrations/env.py"):
        assert is_in_image(kept), kept
    for kept_out in (
        ".git/config",
        ".venv/bin/python",
        "instance/secrets/code_key",
        "instance/cohab.db",
        "tests/conftest.py",
        "deploy/production/city/city.toml",
        "deploy/javascript/node_modules/x.js",
        "cohab_report/__pycache__/x.pyc",
        "notes.txt",
        "backup.tar",
    ):
        assert not is_in_image(kept_out), kept_out
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for path in filter(is_in_image, tracked.rstrip("\0").split("\0")):
        assert path.startswith(("cohab_report/", "deploy/", "migrations/")) or path in {"wsgi.py", "LICENSE"}


def test_what_the_image_holds_starts_without_the_rest(tmp_path: Path):
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for path in filter(is_in_image, tracked.rstrip("\0").split("\0")):
        if (ROOT / path).exists():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tmp_path / path)
    environ = {"PYTHONPATH": str(tmp_path), "COHAB_SECRET_KEY": "s" * 40, "COHAB_CODE_KEY": "c" * 40}
    program = "import deploy.web, deploy.serve, deploy.worker, deploy.clock; print(deploy.web.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, str(tmp_path / "deploy" / "web.py")), done.stderr


def test_nothing_in_the_image_runs_as_root():
    lines = (PRODUCTION / "Containerfile").read_text(encoding="utf-8").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["10001:10001"]
    assert any("babel" in line and "compile" in line for line in lines), "translations are compiled"
    (base,) = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert re.search(r":\d+\.\d+\.\d+", base), "the version is named"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_confined_and_ends_in_bounded_time(unit: Path, tmp_path: Path):
    analysed = analyse("security", "--offline=true", f"--threshold={MOST_EXPOSURE * 10:.0f}", str(unit))
    assert analysed.returncode == 0, analysed.stdout
    text = unit.read_text(encoding="utf-8")
    here = tmp_path / unit.name
    here.write_text(text.replace("/srv/cohab/current", str(ROOT)), encoding="utf-8")
    verified = analyse("verify", "--man=no", str(here))
    assert (verified.returncode, verified.stderr.strip()) == (0, "")
    assert "KillMode=mixed" in text
    (stop,) = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    assert int(stop) > LEAVING_SECONDS + STOP_SECONDS or unit.name == "cohab-clock.service"
    assert "Restart=always" in text


def test_the_city_s_own_profile_stands_in_every_example():
    settings = (PRODUCTION / "settings.env").read_text(encoding="utf-8")
    assert "COHAB_CITY=/etc/cohab/city\n" in settings
    for name in ("web-1", "worker", "worker-email", "worker-pictures", "clock"):
        assert SERVICES[name]["environment"]["COHAB_CITY"] == "/etc/cohab/city"
        assert "./city:/etc/cohab/city:ro" in SERVICES[name]["volumes"]


def analyse(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def is_harmless(name: str) -> bool:
    return name.endswith("_FILE") or name == "COHAB_BASE_URL"


def is_in_image(path: str) -> bool:
    """Returns whether `.dockerignore` lets the file into the image: the last line that matches it or a folder of it."""
    is_in = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern = re.escape(line.removeprefix("!")).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
            if re.fullmatch(f"{pattern}(/.*)?", path):
                is_in = line.startswith("!")
    return is_in
