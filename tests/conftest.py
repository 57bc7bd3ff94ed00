"""Configure all tests: the `needs` mark, a fixed environment, and settings of Hypothesis that repeat a run exactly."""

from __future__ import annotations

import os
import signal
import tempfile

import pytest
from hypothesis import settings

from tests.support.needs import OPTIONAL_DATA, missing, required

settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*names): skip, or fail in CI, when one of these is absent")
    # No test reads or writes the settings of the user who runs it; processes and fixtures of modules inherit this.
    own = tempfile.TemporaryDirectory(prefix="notebind-tests-")
    config.add_cleanup(own.cleanup)
    os.environ |= dict.fromkeys(("XDG_CONFIG_HOME", "XDG_STATE_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA"), own.name)
    # A shell's background jobs ignore Ctrl-C, and the commands that tests interrupt would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    wanted = {name for mark in item.iter_markers("needs") for name in mark.args}
    absent = sorted(name for name in wanted if missing(name))
    if not absent:
        return
    message = f"needs {', '.join(absent)}"
    if required() and not OPTIONAL_DATA.issuperset(absent):
        pytest.fail(message + " (NOTEBIND_REQUIRE_TOOLS is set)", pytrace=False)
    pytest.skip(message)


@pytest.fixture(autouse=True)
def steady_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own settings away from the tests."""
    for name in ("SOURCE_DATE_EPOCH", "COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
