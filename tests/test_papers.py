"""Tests the documentation: names exist, tables are current, and no file contains what must not be published."""

from __future__ import annotations

import ast
import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import pytest
import yaml

import convert
from convert.report import CODES
from tests.support.needs import ROOT

PAPERS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
DIAGNOSTICS = ROOT / "docs" / "diagnostics.md"
REWRITE = os.environ.get("NOTEBIND_GOLDEN") == "write"


def tracked() -> list[Path]:
    """Return the files that git tracks, or all files of an unpacked archive."""
    names: list[str] = []
    if shutil.which("git"):
        git = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
        names = [name for name in git.stdout.split("\0") if name]
    made = {"output", "build", "dist", "node_modules", "__pycache__"}
    return [ROOT / name for name in names] or [
        path
        for top in ROOT.glob("[!.]*")
        for path in (top, *top.rglob("*"))
        if path.is_file() and made.isdisjoint(path.parts)
    ]


def diagnostics_page() -> str:
    """Return the text of docs/diagnostics.md, made from `CODES`."""
    rows = [f"| `{name}` | {code.severity} | {code.meaning} |" for name, code in sorted(CODES.items())]
    return (
        "# Diagnostics\n\n"
        "`notebind check` and `notebind build` report these. *error*: something is missing from the outputs;\n"
        "*warning*: something was repaired or is doubtful; *info*: a remark, for your information.\n"
        "`--strict` fails on errors and warnings.\n"
        "`make golden` makes this page from the code.\n\n"
        "| code | severity | meaning |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"
    )


def test_diagnostics_page_is_current() -> None:
    if REWRITE:
        DIAGNOSTICS.write_text(diagnostics_page(), "utf-8")
    assert DIAGNOSTICS.read_text("utf-8") == diagnostics_page(), "run `make golden`"


def test_every_code_has_a_test() -> None:
    files = [path for path in (ROOT / "tests").rglob("*") if path.suffix in (".py", ".txt", ".json")]
    texts = [path.read_text("utf-8", "replace") for path in files]
    assert [code for code in CODES if not any(code in text for text in texts)] == []


LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")


@pytest.mark.parametrize("paper", PAPERS, ids=lambda p: p.name)
def test_links_lead_to_files_and_headings(paper: Path) -> None:
    assert dead_links(paper) == []


def dead_links(paper: Path) -> list[str]:
    """Return the links of a page whose file or heading is missing."""
    found = []
    for name, heading in LINK.findall(CODE.sub("", FENCED.sub("", paper.read_text("utf-8")))):
        target = paper.parent / name if name else paper
        if not target.exists() or (heading and heading not in headings(target)):
            found.append(f"{name}#{heading}")
    return found


FENCED = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")


def headings(paper: Path) -> set[str]:
    """Return the anchors that code forges make from the headings of a page."""
    texts = re.findall(r"^#+ (.*)$", FENCED.sub("", paper.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in texts}


def test_dead_links_are_found(tmp_path: Path) -> None:
    paper = tmp_path / "page.md"
    paper.write_text("# A title, so\n[a](none.md) [b](#a-title-so) [c](#nothing) [d](page.md#nor-this)", "utf-8")
    assert dead_links(paper) == ["none.md#", "#nothing", "page.md#nor-this"]


def test_questions_are_answered_near_the_readme() -> None:
    """There are twenty questions, and each answer links only to the README or to pages that the README links."""
    readme = ROOT / "README.md"
    near = {(ROOT / name).resolve() for name, _ in LINK.findall(readme.read_text("utf-8"))} | {readme}
    questions = (ROOT / "docs" / "questions.md").read_text("utf-8")
    answers = re.findall(r"^\d+\. \*\*.*\?\*\*.*\n(?: +.*\n)*", questions, re.MULTILINE)
    assert len(answers) == 20
    for answer in answers:
        targets = [(ROOT / "docs" / name).resolve() for name, _ in LINK.findall(answer)]
        assert targets, answer
        assert all(near & {target, *target.parents} for target in targets), answer


@pytest.mark.parametrize("paper", PAPERS, ids=lambda p: p.name)
def test_paths_named_exist(paper: Path) -> None:
    named = re.findall(r"`((?:convert|tests|docs|seeds|\.ci)/[\w./-]*)`", paper.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("paper", [p for p in PAPERS if p.name != "CHANGELOG.md"], ids=lambda p: p.name)
def test_modules_and_names_named_exist(paper: Path) -> None:
    """Every `convert.x.y` of a page can be imported; the changelog also lists names that are gone."""
    named = sorted(set(re.findall(r"\bconvert(?:\.\w+)+", paper.read_text("utf-8"))))
    assert [name for name in named if not resolves(name)] == []


def resolves(name: str) -> bool:
    """Return whether a dotted name is a module or is defined in one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            pkgutil.resolve_name(name)
        except (ImportError, AttributeError):
            return False
    return True


def test_a_name_that_is_gone_is_found() -> None:
    assert resolves("convert.document.nodes.Stamp")
    assert not resolves("convert.document.nowhere")
    assert not resolves("convert.document.nodes.Nothing")


@pytest.mark.parametrize("paper", PAPERS, ids=lambda p: p.name)
def test_make_targets_named_exist(paper: Path) -> None:
    targets = set(re.findall(r"[a-z-]+", " ".join(re.findall(r"^([a-z -]+):", makefile(), re.MULTILINE))))
    named = set(re.findall(r"`make ([a-z-]+)", paper.read_text("utf-8")))
    assert named <= targets


def makefile() -> str:
    return (ROOT / "Makefile").read_text("utf-8")


def test_help_lists_every_target() -> None:
    phony = set(re.findall(r"^\.PHONY: (.*)", makefile(), re.MULTILINE)[0].split())
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert phony - {"install-tests"} <= set(shown.split())


WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"


def test_the_workflow_calls_targets_that_exist() -> None:
    """The public workflow uses the developer's commands, on every Python version that is declared."""
    jobs = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    made = {
        word for step in steps for word in shlex.split(step.get("run", "")) if step.get("run", "").startswith("make")
    }
    assert made - {"make"} <= set(re.findall(r"^([a-z-]+):", makefile(), re.MULTILINE))
    assert {"make", "make test", ".ci/run"} <= {step.get("run") for step in steps}
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    pythons = {found[1] for line in classifiers if (found := re.search(r"Python :: (3\.\d+)", line))}
    assert set(jobs["tests"]["strategy"]["matrix"]["python"]) == pythons


def test_ci_runs_the_test_command_of_the_readme() -> None:
    block = (ROOT / "README.md").read_text("utf-8").split("```sh\n")[1].split("```")[0]
    commands = [line.partition("#")[0].strip() for line in block.splitlines()]
    assert commands[0] == "make"
    assert commands[-1] == "make test"
    assert re.search(rf"\b{commands[-1]}\b", (ROOT / ".ci" / "run").read_text("utf-8"))


def test_changelog_knows_the_version() -> None:
    heading = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert heading
    assert heading[1] == convert.__version__


def test_pins_name_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line)] == []


def test_everything_that_is_installed_is_pinned() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = {canonical(line.partition("==")[0]) for line in lines if not line.startswith("#")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = (line for extra in ("cluster", "test") for line in project["optional-dependencies"][extra])
    asked = [line for line in (*project["dependencies"], *extras, "setuptools") if not line.startswith("notebind")]
    # llm asks for pip, which installs the others.
    assert sorted(needed(asked) - pins - {"pip"}) == []


def needed(requirements: list[str]) -> set[str]:
    """Return the names of all packages that these requirements install on this machine."""
    from packaging.requirements import Requirement

    found: set[str] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        one = waiting.pop()
        if canonical(one.name) in found or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        found.add(canonical(one.name))
        with suppress(PackageNotFoundError):
            waiting += [Requirement(text) for text in distribution(one.name).requires or ()]
    return found


USED_WITHOUT_IMPORT = {"pypandoc_binary", "s3fs"}
"""Pandoc is run as a program; fsspec finds s3fs itself."""


def test_dependencies_are_those_that_are_imported() -> None:
    """Every dependency is used, and no library is there only because another package needs it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["cluster"]]
    declared = {re.split(r"[^\w.-]", line)[0] for line in lines}
    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "convert").rglob("*.py")]
    names = {name.partition(".")[0] for tree in trees for name in imports(tree)} - sys.stdlib_module_names - {"convert"}
    providers = packages_distributions()
    imported = {canonical(providers[name][0]) for name in names}
    assert imported == {canonical(name) for name in declared - USED_WITHOUT_IMPORT}


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


FOREIGN = re.compile(
    rb"://[^ \"]*/(?:simple|packages/[0-9a-f]{2}/[0-9a-f]{2})/|index-url *[=:]"
    rb"|(?<![.\w])/(?:home|work|farm|root|tmp)/[a-z.]",
)
"""Addresses of package registries, and paths on somebody's machine."""


def test_no_registry_and_no_machine_is_named() -> None:
    own = {Path(__file__), ROOT / "LICENSE"}
    texts = {path: path.read_bytes() for path in tracked() if path.is_file() and path not in own}
    hits = {path: FOREIGN.search(text) for path, text in texts.items() if b"\0" not in text[:1024]}
    assert {str(path.relative_to(ROOT)): hit[0] for path, hit in hits.items() if hit} == {}
