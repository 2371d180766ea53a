"""The launcher, where it can be tried without installing or starting anything."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

from kommunepost import demo

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of nothing but the launcher and its lock."""
    for name in ("dev", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def dev(checkout: Path) -> ModuleType:
    """The launcher of that checkout as a module."""
    return load(checkout)


def load(checkout: Path) -> ModuleType:
    loader = SourceFileLoader("dev", str(checkout / "dev"))
    spec = spec_from_loader("dev", loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def run(checkout: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", str(checkout / "dev"), *arguments],
        text=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        env={**os.environ, **env},
    )


COMMANDS = [
    "demo",
    "run",
    "test",
    "manage",
    "shell",
    "stop",
    "reset",
    "bench",
    "lock",
    "tools",
    "help",
]


@pytest.mark.parametrize("asked", [(), ("help",), ("--help",)])
def test_help_names_every_command_with_one_line(checkout: Path, asked: tuple[str, ...]) -> None:
    done = run(checkout, *asked)
    assert done.returncode == 0
    lines = [line.split(maxsplit=1) for line in done.stdout.splitlines() if line.startswith("  ")]
    assert [name for name, _ in lines] == COMMANDS
    assert all(len(text) > 5 for _, text in lines)


def test_an_unknown_command_is_named_and_nothing_is_made(checkout: Path) -> None:
    done = run(checkout, "dmeo")
    assert done.returncode == 2
    assert done.stderr == "./dev: there is no command 'dmeo'; ./dev help lists them.\n"
    assert sorted(path.name for path in checkout.iterdir()) == ["dev", "requirements.lock"]


def test_the_launcher_imports_nothing_that_would_have_to_be_installed() -> None:
    words = [line.split() for line in (ROOT / "dev").read_text().splitlines()]
    imported = {line[1].split(".")[0] for line in words if line[:1] in (["import"], ["from"])}
    assert imported - set(sys.stdlib_module_names) == set()


def test_without_uv_venv_and_pip_one_line_says_what_to_install(checkout: Path) -> None:
    # A Python whose every `-m` fails, as venv and pip do where Debian's packages are missing.
    broken = checkout / "python"
    broken.write_text(f'#!/bin/sh\n[ "$1" = -m ] && exit 1\nexec {sys.executable} "$@"\n')
    broken.chmod(0o755)
    program = (
        "import sys, runpy; sys.executable = sys.argv.pop(1); runpy.run_path('dev', {}, '__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(broken), "run"],
        cwd=checkout,
        text=True,
        capture_output=True,
        env={**os.environ, "NO_UV": "1"},
    )
    assert done.returncode == 1
    assert "apt-get install -y python3-venv" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_tools_says_what_to_install_where_there_is_no_apt(checkout: Path) -> None:
    done = run(checkout, "tools", PATH="/nowhere")
    assert done.returncode == 1
    assert "no apt-get" in done.stderr
    assert "postfix" in done.stderr


def test_lock_says_that_it_needs_uv(checkout: Path) -> None:
    done = run(checkout, "lock", NO_UV="1")
    assert done.returncode == 1
    assert done.stderr == "./dev: uv is needed to write the lock files: pip install uv\n"


def test_a_command_without_arguments_refuses_one(checkout: Path) -> None:
    done = run(checkout, "stop", "everything")
    assert done.returncode == 1
    assert "takes no arguments" in done.stderr


def test_stop_with_nothing_running_says_so(checkout: Path) -> None:
    done = run(checkout, "stop")
    assert done.returncode == 0
    assert done.stdout == "Nothing is running in this checkout.\n"


def test_stop_trusts_no_pid_that_a_dead_run_left_behind(checkout: Path) -> None:
    (checkout / ".run").mkdir()
    (checkout / ".run" / "running").write_text(f'{{"pid": {os.getpid()}}}')
    done = run(checkout, "stop")
    assert done.stdout == "Nothing is running in this checkout.\n"


def test_stop_ends_the_run_that_holds_the_lock(checkout: Path) -> None:
    program = (
        "import sys, time\n"
        "with dev.only_run():\n"
        "    print('runs', flush=True)\n"
        "    time.sleep(60)\n"
    )
    start = (
        "from importlib.machinery import SourceFileLoader\n"
        "import importlib.util as u\n"
        "loader = SourceFileLoader('dev', 'dev')\n"
        "dev = u.module_from_spec(u.spec_from_loader('dev', loader))\n"
        "loader.exec_module(dev)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", start + program], cwd=checkout, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout
    assert other.stdout.readline() == "runs\n"
    second = run(checkout, "stop")
    assert second.stdout == "Stopped.\n"
    assert other.wait(10) == -signal.SIGTERM


def test_reset_deletes_nothing_without_a_yes(checkout: Path) -> None:
    kept = checkout / ".run" / "data" / "blobs"
    kept.mkdir(parents=True)
    done = run(checkout, "reset")
    assert done.returncode == 1
    assert done.stdout.endswith("Nothing deleted.\n")
    assert kept.exists()


def test_reset_with_yes_deletes_the_data_of_demo_and_run(checkout: Path) -> None:
    for name in ("data", "demo"):
        (checkout / ".run" / name / "blobs").mkdir(parents=True)
    assert run(checkout, "reset", "--yes").returncode == 0
    assert not list((checkout / ".run").glob("d*"))


def test_the_sample_letter_goes_to_the_central_address_of_the_demo(dev: ModuleType) -> None:
    central = {name: each.central_address for name, each in demo.MUNICIPALITIES.items()}
    assert central == dev.MUNICIPALITIES


def test_two_checkouts_side_by_side_share_no_socket_folder(tmp_path: Path) -> None:
    names = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        shutil.copy(ROOT / "dev", tmp_path / name / "dev")
        names.append(load(tmp_path / name).checkout_name())
    assert len(set(names)) == 2


def test_a_socket_path_stays_below_what_the_kernel_takes(dev: ModuleType) -> None:
    folder = Path("/tmp") / dev.checkout_name() / "bench-4194304"
    assert len(f"{folder}/.s.PGSQL.5432.lock") < 107  # sun_path of unix(7) is 108 with its NUL


def test_a_socket_folder_that_others_may_enter_is_refused(dev: ModuleType) -> None:
    outer = dev.socket_folder("demo").parent
    try:
        outer.chmod(0o755)
        with pytest.raises(dev.Trouble, match="open to others"):
            dev.socket_folder("demo")
    finally:
        shutil.rmtree(outer)


def test_a_port_that_someone_listens_on_is_passed_over(dev: ModuleType) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        with dev.claim_port(port) as claim:
            assert claim.getsockname()[1] > port


def test_two_checkouts_that_start_at_once_get_ports_of_their_own(dev: ModuleType) -> None:
    # Minutes lie between choosing a port and serving on it: the database is prepared meanwhile.
    with ExitStack() as stack:
        ports = [
            claim.getsockname()[1]
            for _ in range(2)
            for claim in dev.claim_ports(None, stack).values()
        ]
    assert len(set(ports)) == 6


def test_a_port_that_was_asked_for_and_is_taken_is_said_to_be(dev: ModuleType) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy, ExitStack() as stack:
        port = busy.getsockname()[1]
        with pytest.raises(dev.Trouble, match=f"Port {port} is taken"):
            dev.claim_ports(port, stack)


def test_the_key_is_made_once_and_readable_by_its_owner_alone(
    dev: ModuleType, tmp_path: Path
) -> None:
    first = dev.application_settings(tmp_path, "a", "b")["SECRET_KEY"]
    assert dev.application_settings(tmp_path, "a", "b")["SECRET_KEY"] == first
    assert len(first) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_letters_of_a_developers_shell_never_leave_the_machine(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTGOING_SMTP_URL", "smtps://mail.example.org")
    env = dev.application_settings(tmp_path, "a", "b")
    assert env["OUTGOING_SMTP_URL"].startswith("smtp://127.0.0.1:")


def sleeper(dev: ModuleType, folder: Path, program: str) -> object:
    return dev.Process(
        "child", [sys.executable, "-c", program], folder / "log", lambda: True, dict(os.environ)
    )


def test_a_child_that_dies_is_started_again_and_the_line_names_its_log(
    dev: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = dev.Watch()
    child = sleeper(dev, tmp_path, "import time; time.sleep(60)")
    watch.add(child)
    try:
        first = child.child.pid
        child.child.kill()
        child.child.wait(10)
        watch.revive()
        assert child.child.pid != first
        assert not child.ended()
        assert "child ended (code -9) and is started again" in capsys.readouterr().out
    finally:
        watch.stop()
    assert child.ended()


def test_a_child_that_keeps_dying_ends_the_run_with_the_end_of_its_log(
    dev: ModuleType, tmp_path: Path
) -> None:
    watch = dev.Watch()
    watch.add(sleeper(dev, tmp_path, "import sys; sys.exit('no such table')"))
    with pytest.raises(dev.Trouble, match="no such table"):
        watch.until_stopped()


def test_a_killed_launcher_takes_its_children_along(checkout: Path) -> None:
    program = (
        "from importlib.machinery import SourceFileLoader\n"
        "import importlib.util as u, pathlib, sys, time\n"
        "loader = SourceFileLoader('dev', 'dev')\n"
        "dev = u.module_from_spec(u.spec_from_loader('dev', loader))\n"
        "loader.exec_module(dev)\n"
        "command = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
        "child = dev.Process('x', command, pathlib.Path('log'), lambda: True, {})\n"
        "child.start()\n"
        "print(child.child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    launcher = subprocess.Popen(
        [sys.executable, "-c", program], cwd=checkout, stdout=subprocess.PIPE, text=True
    )
    assert launcher.stdout
    pid = int(launcher.stdout.readline())
    launcher.kill()
    launcher.wait(10)
    end = time.monotonic() + 20
    while running(pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not running(pid)


def running(pid: int) -> bool:
    """Whether the process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
