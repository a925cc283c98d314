"""The workflows and hooks that the repository gives to projects, run step by step in a clean clone of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import REPOSITORY

GIT = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
       "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def steps(name: str) -> list[dict[str, Any]]:
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows" / name).read_text())
    [job] = workflow["jobs"].values()
    found = job["steps"]
    assert isinstance(found, list)
    return found


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `actions/checkout` leaves: the working tree, committed, cloned from a bare repository."""
    folder = tmp_path_factory.mktemp("runner")
    files = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=REPOSITORY,
                           capture_output=True, check=True).stdout.decode().split("\0")
    seed = folder / "seed"
    for name in filter(None, files):
        if (REPOSITORY / name).is_file():
            (seed / name).parent.mkdir(parents=True, exist_ok=True)
            (seed / name).write_bytes((REPOSITORY / name).read_bytes())
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "seed"]):
        subprocess.run(["git", *words], cwd=seed, check=True, env={**os.environ, **GIT})
    subprocess.run(["git", "clone", "-q", "--bare", str(seed), str(folder / "origin.git")], check=True)
    subprocess.run(["git", "clone", "-q", str(folder / "origin.git"), str(folder / "work")], check=True)
    return folder / "work"


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What `actions/setup-python` leaves: a Python of its own, first on the path. It sees the packages that are installed
    here, so that nothing is fetched; Calotype itself is installed by the workflow's own step."""
    folder = tmp_path_factory.mktemp("python")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    (packages / "installed.pth").write_text(next(path for path in sys.path if path.endswith("site-packages")) + "\n")
    return {**os.environ, **GIT, "PATH": f"{folder}/bin{os.pathsep}{os.environ['PATH']}", "PIP_NO_BUILD_ISOLATION": "0",
            "PIP_NO_INDEX": "1", "GITHUB_RUN_ID": "7", "TARGETS": "", "HOME": str(folder), "PIP_NO_CACHE_DIR": "1"}


def run(step: dict[str, Any], clone: Path, runner: dict[str, str], **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-eo", "pipefail", "-c", step["run"]], cwd=clone, env={**runner, **env},
                          capture_output=True, text=True)


def due(step: dict[str, Any], event: str) -> bool:
    """Whether a step runs a command, and does so for an event of this name."""
    condition = step.get("if", "")
    return "run" in step and ("github.event_name" not in condition or f"== '{event}'" in condition)


@pytest.mark.parametrize("name", ["check.yml", "regenerate.yml"])
def test_a_workflow_is_what_github_reads(name: str) -> None:
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows" / name).read_text())
    assert set(workflow["permissions"]) == {"contents"}
    assert True in workflow  # YAML 1.1 reads the key `on` so
    for step in steps(name):
        assert ("run" in step) is not ("uses" in step)
        assert "@v" in step.get("uses", "@v")


def test_the_check_runs_in_a_clean_clone(clone: Path, runner: dict[str, str]) -> None:
    for step in steps("check.yml"):
        if due(step, "push"):
            done = run(step, clone, runner)
            assert done.returncode == 0, (step["name"], done.stdout, done.stderr)
    assert not subprocess.run(["git", "status", "--porcelain", "content", "specs"], cwd=clone, capture_output=True).stdout


def test_a_pull_request_shows_what_it_does_to_pictures(
    clone: Path, runner: dict[str, str], tmp_path: Path
) -> None:
    """In what `actions/checkout` leaves of a pull request: its merge, cut short behind its parents."""
    author, work = tmp_path / "author", tmp_path / "pull"
    env = {**os.environ, **GIT}
    subprocess.run(["git", "clone", "-q", str(clone.parent / "origin.git"), str(author)], check=True)
    spec = author / "specs/exercises/neck/chin_tuck.yaml"
    spec.write_text(spec.read_text() + "\nseed: 77\n")
    for words in (["switch", "-q", "-c", "pull"], ["commit", "-qam", "another seed"], ["switch", "-q", "main"],
                  ["commit", "-q", "--allow-empty", "-m", "meanwhile"], ["merge", "-q", "--no-ff", "--no-edit", "pull"]):
        subprocess.run(["git", *words], cwd=author, check=True, env=env)
    subprocess.run(["git", "clone", "-q", "--depth", "2", f"file://{author}", str(work)], check=True)
    summary = tmp_path / "summary.md"
    codes = {}
    for step in steps("check.yml"):
        if due(step, "pull_request") and step["name"] not in ("Install", "Validate the specs"):
            done = run(step, work, runner, GITHUB_STEP_SUMMARY=str(summary), NUMBER="12")
            codes[step["name"]] = done.returncode
    assert codes == {"Show what the pull request does to pictures": 0, "Check the images": 1}
    assert "| `exercises/chin_tuck/01` | stale | seed: 42 -\\> 77 |" in summary.read_text()
    [kept] = [step for step in steps("check.yml") if step.get("uses", "").startswith("actions/upload-artifact")]
    folder = work / kept["with"]["path"]
    assert sorted(file.name for file in folder.iterdir()) == ["index.html", "number", "summary.md"]
    assert "exercises/chin_tuck/01" in (folder / "index.html").read_text()


def test_the_comment_is_written_again_and_takes_what_it_is_given_for_text(tmp_path: Path) -> None:
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows/comment.yml").read_text())
    assert workflow["permissions"] == {"actions": "read", "pull-requests": "write"}
    assert workflow[True]["workflow_run"]["workflows"] == ["check"]  # YAML 1.1 reads the key `on` so
    assert not any("checkout" in step.get("uses", "") for step in steps("comment.yml"))
    step = steps("comment.yml")[-1]
    (tmp_path / "review").mkdir()
    (tmp_path / "review/number").write_text("12; rm -rf x $(touch ran)\n--web")
    (tmp_path / "review/summary.md").write_text("### Pictures since main\n`$(touch ran)`\n")
    gh = tmp_path / "bin/gh"
    gh.parent.mkdir()
    gh.write_text('#!/bin/sh\nprintf "%s " "$@" >> told\nprintf "\\n" >> told\ncase "$*" in *--edit-last*) exit 1;; esac\n')
    gh.chmod(0o755)
    env = {"PATH": f"{gh.parent}{os.pathsep}{os.environ['PATH']}", "GITHUB_REPOSITORY": "a/b", "CHECK": "https://example.org/7"}
    done = run(step, tmp_path, env)
    assert done.returncode == 0, done.stderr
    told = (tmp_path / "told").read_text().splitlines()
    assert told == [f"pr comment 12 --repo a/b {more}--body-file comment.md " for more in ("--edit-last ", "")]
    assert (tmp_path / "comment.md").read_text().endswith("[the check](https://example.org/7).\n")
    assert not (tmp_path / "ran").exists()


def test_regenerating_renders_what_is_stale_and_proposes_it(clone: Path, runner: dict[str, str]) -> None:
    spec = clone / "specs/exercises/neck/chin_tuck.yaml"
    spec.write_text(spec.read_text() + "\nseed: 77\n")
    subprocess.run(["git", "commit", "-qam", "another seed"], cwd=clone, check=True, env={**os.environ, **GIT})
    assert run(steps("check.yml")[-1], clone, runner).returncode == 1
    for step in steps("regenerate.yml"):
        if "run" in step:
            done = run(step, clone, runner)
            assert done.returncode == 0, (step["name"], done.stdout, done.stderr)
    branches = subprocess.run(["git", "ls-remote", "--heads", "origin"], cwd=clone, capture_output=True, text=True).stdout
    assert "refs/heads/calotype/7" in branches
    assert run(steps("check.yml")[-1], clone, runner).returncode == 0


def test_a_build_that_awaits_a_human_still_proposes_what_it_rendered(clone: Path, runner: dict[str, str]) -> None:
    spec = clone / "specs/exercises/neck/chin_tuck.yaml"
    spec.write_text(spec.read_text().replace("seed: 77", "seed: 78\nselect: human\ncandidates: 2"))
    other = clone / "specs/exercises/hip/piriformis_stretch.yaml"
    other.write_text(other.read_text() + "\nseed: 5\n")
    for step in steps("regenerate.yml"):
        if "run" in step and step["name"] != "Install":
            done = run(step, clone, runner, GITHUB_RUN_ID="8")
            assert done.returncode == 0, (step["name"], done.stdout, done.stderr)
    branches = subprocess.run(["git", "ls-remote", "--heads", "origin"], cwd=clone, capture_output=True, text=True).stdout
    assert "refs/heads/calotype/8" in branches


@pytest.fixture
def hooked(clone: Path, tmp_path: Path) -> Path:
    """A project with its images and the hooks of docs/ci.md, committed."""
    folder = tmp_path / "project"
    program = [sys.executable, "-m", "calotype"]
    subprocess.run([*program, "init", "-q", str(folder)], check=True)
    subprocess.run([*program, "--project", str(folder), "build", "-q"], check=True)
    told = (REPOSITORY / "docs/ci.md").read_text().partition("# .pre-commit-config.yaml\n")[2].partition("```")[0]
    rev = subprocess.run(["git", "rev-parse", "HEAD"], cwd=clone, capture_output=True, check=True, text=True).stdout
    config = told.replace("https://example.org/calotype", str(clone)).replace("v0.1.0", rev.strip())
    (folder / ".pre-commit-config.yaml").write_text(config)
    for words in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def test_pre_commit_installs_the_hooks_and_stops_what_is_wrong(
    hooked: Path, runner: dict[str, str], tmp_path: Path
) -> None:
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    env = {**runner, "PYTHONPATH": packages, "PRE_COMMIT_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never"]
    done = subprocess.run(command, cwd=hooked, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout.count("..Passed")) == (0, 2), (done.stdout, done.stderr)
    spec = next((hooked / "specs/exercises").rglob("*.yaml"))
    spec.write_text(spec.read_text().replace("view_angle", "veiw_angle", 1))
    done = subprocess.run(command, cwd=hooked, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout.count("..Failed")) == (1, 2), (done.stdout, done.stderr)
    assert "- exit code: 2" in done.stdout and "error[unknown-key]: unknown key `veiw_angle`" in done.stdout
    hooks = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())
    assert all(f"- hook id: {hook['id']}\n" in done.stdout for hook in hooks)
