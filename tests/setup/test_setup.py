"""``setup.sh``: quick when nothing is missing, and plain when it cannot help.  Machines are made of fake programs."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.peers import lack, need

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "resources" / "setup.sh"
TOOLS = ("awk", "cat", "dirname", "head", "ln", "mkdir", "printf", "sed", "sh", "sort", "tr", "xargs", "env", "id")


class Machine:
    """A machine with these programs and no others; what setup.sh asked of them stands in ``asked``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "bin"
        self.folder.mkdir()
        self.log = folder / "asked"
        self.home = folder / "home"
        self.home.mkdir()
        for tool in TOOLS:
            path = shutil.which(tool)
            if path is not None:
                (self.folder / tool).symlink_to(path)
        self.program("uv", 'case "$1" in --version) echo "uv 0.13.9";; esac')
        self.program("python3", "exit 0")
        self.program("aplay", "exit 0")
        self.program("fc-list", "echo 'Noto Sans CJK SC'")
        self.program("id", "echo 0")

    def program(self, name: str, does: str) -> None:
        file = self.folder / name
        file.unlink(missing_ok=True)
        file.write_text(f'#!/bin/sh\necho "{name} $*" >> "{self.log}"\n{does}\n', encoding="utf-8")
        file.chmod(0o755)

    def without(self, *names: str) -> None:
        for name in names:
            (self.folder / name).unlink(missing_ok=True)

    def debian(self, *, has: str) -> None:
        """A Debian where dpkg knows only the packages that match the shell pattern ``has``."""
        known = f'for name in "$@"; do case "$name" in {has}) echo "$name=installed";; esac; done'
        self.program("dpkg-query", f"shift 2\n{known}")
        self.program("apt-get", "exit 0")

    def run(self, *words: str, script: Path = SCRIPT) -> tuple[int, str]:
        done = subprocess.run(
            ["/bin/sh", str(script), *words],
            env={"PATH": str(self.folder), "HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            stdin=subprocess.DEVNULL,
        )
        assert done.stdout == ""
        return done.returncode, done.stderr

    @property
    def asked(self) -> str:
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script in a project of its own, cut off from the machine's own folders for programs."""
    resources = tmp_path / "project" / "resources"
    resources.mkdir(parents=True)
    text = SCRIPT.read_text(encoding="utf-8")
    assert 'PATH="$PATH:/usr/sbin:/sbin"' in text
    (resources / "setup.sh").write_text(text.replace('PATH="$PATH:/usr/sbin:/sbin"\n', ""), encoding="utf-8")
    return resources / "setup.sh"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_shell_takes_the_script_as_it_is() -> None:
    assert subprocess.run(["sh", "-n", str(SCRIPT)], check=False).returncode == 0


def test_wrong_use_is_told_and_ends_with_2(machine: Machine, script: Path) -> None:
    code, said = machine.run("--test", script=script)
    assert code == 2
    assert "--tests" in said
    assert not machine.asked


def test_where_nothing_is_missing_nothing_is_fetched_and_nothing_said(machine: Machine, script: Path) -> None:
    machine.debian(has="*")
    assert machine.run(script=script) == (0, "")
    assert "apt-get" not in machine.asked
    assert "uv sync --quiet --offline" in machine.asked


def test_libraries_that_newer_systems_renamed_count_as_there(machine: Machine, script: Path) -> None:
    machine.debian(has="*t64|lib[!g]*|libg[!l]*|libgl1|fontconfig")
    code, _ = machine.run(script=script)
    assert code == 0
    assert "apt-get" not in machine.asked


def test_only_what_is_missing_is_asked_for_after_the_lists_are_fetched(machine: Machine, script: Path) -> None:
    machine.debian(has="lib*")
    machine.run(script=script)
    lines = [line for line in machine.asked.splitlines() if line.startswith("apt-get")]
    assert "update" in lines[0]
    assert lines[1].endswith("install fontconfig")


def test_the_tests_programs_are_asked_for_with_tests_only(machine: Machine, script: Path) -> None:
    machine.debian(has="lib*|font*")
    assert machine.run(script=script)[0] == 0
    assert "apt-get" not in machine.asked
    assert machine.run("--tests", script=script)[0] == 0
    assert "gpsd" in machine.asked
    assert "--group dev" in machine.asked
    assert machine.asked.count("taky==") == 1
    machine.run("--tests", script=script)
    assert machine.asked.count("taky==") == 1, "what is there is not fetched again"


def test_a_machine_that_cannot_play_a_sound_gets_a_player(machine: Machine, script: Path) -> None:
    machine.debian(has="lib*|font*")
    machine.without("aplay")
    assert machine.run(script=script)[0] == 0
    assert "install alsa-utils" in machine.asked


def test_without_root_and_sudo_it_says_what_to_ask_the_administrator_for(machine: Machine, script: Path) -> None:
    machine.debian(has="lib*")
    machine.program("id", "echo 1000")
    code, said = machine.run(script=script)
    assert code == 1
    assert "apt-get install fontconfig" in said
    assert "apt-get -" not in machine.asked


def test_a_package_that_does_not_come_is_named_and_the_others_still_come(machine: Machine, script: Path) -> None:
    machine.debian(has="lib[!e]*|fontconfig")
    machine.program("apt-get", 'case "$*" in *libegl1*) exit 100;; esac')
    machine.program("fc-list", "true")
    code, said = machine.run(script=script)
    assert code == 1
    assert re.search("缺少 / lacking: libegl1", said)
    assert "lacking: fonts-noto-cjk" not in said
    assert "install fonts-noto-cjk" in machine.asked


def test_without_a_network_all_packages_are_named_at_once_and_not_tried_one_by_one(
    machine: Machine, script: Path
) -> None:
    machine.debian(has="none")
    machine.program("apt-get", "exit 100")
    code, said = machine.run(script=script)
    assert code == 1
    assert re.search("lacking: fontconfig .*libxcb-cursor0 .*libzstd1", said)
    assert machine.asked.count("apt-get") == 2


def test_where_python_is_too_old_the_systems_other_one_is_tried_and_then_uv_brings_the_tested_one(
    machine: Machine, script: Path
) -> None:
    machine.debian(has="*")
    machine.program("python3", "exit 1")
    machine.without("python3.11")
    assert machine.run(script=script)[0] == 0
    assert machine.asked.index("install python3.11") < machine.asked.index("--python 3.11")


def test_without_a_network_the_python_packages_are_named(machine: Machine, script: Path) -> None:
    machine.debian(has="*")
    machine.program("uv", 'case "$1" in --version) echo "uv 0.13.9";; *) exit 1;; esac')
    code, said = machine.run(script=script)
    assert code == 1
    assert "Python packages" in said
    assert "check the network" in said


def test_another_system_is_told_which_files_are_missing(machine: Machine, script: Path) -> None:
    machine.program("ldconfig", "echo ' libEGL.so.1 (libc6) => /x'")
    machine.program("fc-list", "true")
    machine.without("aplay")
    code, said = machine.run(script=script)
    assert code == 1
    assert "alarm sound" in said
    assert "libxcb-cursor.so.0" in said
    assert "libEGL.so.1" not in said
    assert "CJK" in said


def test_a_uv_that_is_too_old_is_not_taken_for_one(machine: Machine, script: Path) -> None:
    machine.debian(has="*")
    machine.program("uv", 'case "$1" in --version) echo "uv 0.4.30 (abc)";; esac')
    machine.program("id", "echo 1000")
    machine.program("python3", 'case "$1$2" in -mvenv) exit 1;; esac')
    code, said = machine.run(script=script)
    assert code == 1
    assert "lacking: uv" in said


def test_a_uv_that_the_callers_shell_would_not_find_is_told(machine: Machine, script: Path) -> None:
    machine.debian(has="*")
    machine.without("uv")
    machine.program("id", "echo 1000")
    bin_folder = machine.home / ".local/share/command-post/uv/bin"
    makes = f'mkdir -p "{bin_folder}"; cp "$0" "{bin_folder}/python"; printf "#!/bin/sh\\n" > "{bin_folder}/uv"; '
    machine.program("python3", f'case "$1$2" in -mvenv) {makes} chmod +x "{bin_folder}/uv";; esac')
    for tool in ("cp", "chmod"):
        (machine.folder / tool).symlink_to(shutil.which(tool) or "/nowhere")
    code, said = machine.run(script=script)
    assert code == 1
    assert 'export PATH="' in said
    assert (machine.home / ".local/bin/uv").is_symlink()


@pytest.mark.peer
def test_a_second_run_takes_less_than_two_seconds() -> None:
    need("uv")
    need("dpkg-query")
    words = ["sh", str(SCRIPT), "--tests"]
    first = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    if first.returncode != 0:
        lack(f"this machine is not set up: {first.stderr}")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Processor time: the machine may have other work.  What waits on a network is proven above not to be asked.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


@pytest.mark.peer
def test_the_lock_fits_the_project_and_needs_no_network_to_say_so() -> None:
    """Otherwise every ``uv run`` would want to solve the dependencies anew, over a network that is not there."""
    done = subprocess.run(
        [need("uv"), "lock", "--check", "--offline"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.peer
def test_the_console_starts_with_no_network_at_all(tmp_path: Path) -> None:
    words = [need("uv"), "run", "main.py", "--headless", "--for", "1s", "--journal", str(tmp_path / "journal")]
    unshare = [need("unshare"), "-n" if os.geteuid() == 0 else "-rn"]
    if subprocess.run([*unshare, "true"], check=False, capture_output=True).returncode == 0:
        words = [*unshare, "sh", "-c", 'ip link set lo up 2>/dev/null; exec "$@"', "sh", *words]
    environment = os.environ | {"UV_OFFLINE": "1"}  # where namespaces are forbidden, at least uv is without one
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["mode"] == "drill"


def test_ci_runs_what_the_readme_tells_a_newcomer_to_run() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "sh resources/setup.sh --tests && uv run pytest" in readme
    assert [line for line in ci.splitlines() if line.startswith(("uv", "sh"))] == [
        "sh resources/setup.sh --tests",
        "uv run ruff format --check",
        "uv run ruff check",
        "uv run lint-imports",
        "uv run mypy",
        "uv run pytest",
    ]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
