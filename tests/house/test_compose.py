"""docker-compose.yml and the Dockerfile against the settings, the commands and the URLs."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from django.urls import resolve

from kommunepost.celery import app as celery_app
from kommunepost.env import DECLARED

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
# Programs that are not `python`, and the package of the lock that brings them.
PROGRAMS = {"celery": "celery", "granian": "granian"}


def commands(service: dict[str, Any]) -> list[list[str]]:
    """The programs that a service runs, one list of words for each."""
    words = service["command"]
    if words[:2] == ["sh", "-c"]:
        return [shlex.split(part) for part in words[2].split("&&")]
    return [words]


def checked(service: dict[str, Any]) -> str:
    """The health check as one line."""
    return " ".join(service["healthcheck"]["test"][1:])


def test_all_parts_of_an_installation_are_there() -> None:
    assert set(SERVICES) == {
        "migrate",
        "web",
        "worker",
        "sender",
        "beat",
        "receiver",
        "postgres",
        "valkey",
        "clamav",
        "mailpit",
    }
    assert set(OURS) == {"migrate", "web", "worker", "sender", "beat", "receiver"}


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_a_service_is_a_setting(name: str) -> None:
    assert set(OURS[name]["environment"]) <= set(DECLARED)


def test_every_required_setting_is_given() -> None:
    required = {name for name, declared in DECLARED.items() if type(declared.default) is object}
    assert required
    assert required <= set(OURS["web"]["environment"])


def test_only_the_migration_runs_as_owner_of_the_tables() -> None:
    roles = {name: service["environment"]["DATABASE_ROLE"] for name, service in OURS.items()}
    assert {name for name, role in roles.items() if not role} == {"migrate"}


def test_no_secret_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("SECRET|PASSWORD|KEY", name):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?[^}]+\}", value), name
            assert not re.search(r"://[^/@$]+:[^/@$]+@", value), name


@pytest.mark.parametrize("name", OURS)
def test_every_command_resolves(name: str) -> None:
    for words in commands(OURS[name]):
        if words[0] == "python":
            assert words[1] == "manage.py"
            assert words[2] in get_commands()
        else:
            assert importlib.util.find_spec(PROGRAMS[words[0]])
            assert f"\n{PROGRAMS[words[0]]}==" in (ROOT / "requirements.runtime.lock").read_text()


def test_celery_is_given_the_name_of_our_application() -> None:
    for name in ("worker", "sender", "beat"):
        words = OURS[name]["command"]
        assert words[words.index("-A") + 1] == celery_app.main


def test_letters_have_a_worker_of_their_own() -> None:
    route = celery_app.amqp.router.route({}, "outbox.tasks.send_letters")
    assert f"--queues={route['queue'].name}" in OURS["sender"]["command"]
    assert (
        celery_app.amqp.router.route({}, "intake.tasks.screen_messages")["queue"].name == "celery"
    )


def test_the_web_server_is_given_our_application() -> None:
    module, _, attribute = OURS["web"]["command"][-1].partition(":")
    assert hasattr(importlib.import_module(module), attribute)


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_everything_that_stays_up_has_a_health_check(name: str) -> None:
    assert checked(SERVICES[name])


def test_the_health_check_of_the_web_asks_a_page_that_exists_without_signing_in() -> None:
    paths = re.findall(r"http://127\.0\.0\.1:8000(/[^\"']*)", checked(OURS["web"]))
    assert paths
    for path in paths:
        view = resolve(path).func
        assert view.login_required is False


def test_health_checks_ask_at_the_port_that_is_listened_on() -> None:
    assert "--port=8000" in OURS["web"]["command"]
    port = OURS["receiver"]["command"][-1].rpartition(":")[2]
    assert f'"127.0.0.1", {port}' in checked(OURS["receiver"])


def test_published_ports_are_reachable_from_this_machine_alone() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_waited_for_exists_and_can_be_waited_for(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        if how["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        else:
            assert how["condition"] == "service_completed_successfully"
            assert SERVICES[other]["restart"] == "no"


@pytest.mark.parametrize("name", SERVICES)
def test_every_volume_is_declared(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        assert volume.partition(":")[0] in COMPOSE["volumes"]


def test_hosts_named_in_addresses_are_services() -> None:
    environment = OURS["web"]["environment"]
    for name in ("DATABASE_URL", "REDIS_URL", "OUTGOING_SMTP_URL"):
        host = re.search(r"(?:://|@)([a-z]+)[:/}]", environment[name].rpartition("@")[2] or "")
        named = host[1] if host else environment[name].rpartition("@")[2].split("/")[0]
        assert named in SERVICES, name


def test_the_image_runs_as_a_user_without_rights_and_keeps_blobs_in_its_volume() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    user = next(line.split()[1] for line in lines if line.startswith("USER "))
    assert user != "root"
    volume = next(line.split()[1] for line in lines if line.startswith("VOLUME "))
    assert OURS["web"]["environment"]["BLOB_DIR"] == volume
    assert all(f"blobs:{volume}" in service["volumes"] for service in OURS.values())


def test_what_the_image_copies_is_let_through() -> None:
    allowed = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages | {"manage.py", "requirements.runtime.lock", "templates", "static"} <= allowed
