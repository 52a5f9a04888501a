"""Real front ends in a real browser; skipped, with a reason, where there is none."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chromium import FLAGS, chromium
from environment import clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from front_ends import FrontEnd
    from panel_page import PanelPage
    from playwright.sync_api import Browser

HERE = Path(__file__).parent


def _what_is_missing() -> str:
    absent = [m for m in ("playwright", "jupyterlab", "notebook") if not find_spec(m)]
    if absent:
        return f"pip install {' '.join(absent)}"
    return "" if chromium() else "apt-get install -y chromium"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark this folder's tests, and skip what cannot run."""
    missing = _what_is_missing()
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            if missing:
                item.add_marker(pytest.mark.skip(reason=f"needs: {missing}"))


@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for all tests of this folder.

    It ends with them: Playwright keeps an event loop running in this thread, and with
    it no other test could start one.
    """
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=20_000)  # however busy the machine is
    environment = clean_environment(tmp_path_factory.mktemp("chromium"))
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium(), args=list(FLAGS), env=dict(environment)
        )
        yield launched
        launched.close()


def _serve(
    name: str, browser: Browser, factory: pytest.TempPathFactory
) -> Iterator[FrontEnd]:
    from front_ends import FrontEnd
    from jupyter_servers import APPLICATIONS, serve

    home = factory.mktemp(name)
    root = home / "notebooks"
    root.mkdir()
    with serve(APPLICATIONS[name], clean_environment(home), root) as server:
        yield FrontEnd(server, browser)


@pytest.fixture(scope="package")
def lab_server(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FrontEnd]:
    """JupyterLab, running for all tests of this folder."""
    yield from _serve("lab", browser, tmp_path_factory)


@pytest.fixture(scope="package")
def notebook7_server(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FrontEnd]:
    """Notebook 7, running for all tests of this folder."""
    yield from _serve("notebook7", browser, tmp_path_factory)


@pytest.fixture
def lab(lab_server: FrontEnd) -> Iterator[FrontEnd]:
    """JupyterLab with no page open."""
    yield lab_server
    lab_server.close_pages()


@pytest.fixture
def notebook7(notebook7_server: FrontEnd) -> Iterator[FrontEnd]:
    """Notebook 7 with no page open."""
    yield notebook7_server
    notebook7_server.close_pages()


@pytest.fixture(scope="package")
def _panel_page(browser: Browser) -> Iterator[PanelPage]:
    from panel_page import PanelPage

    page = PanelPage(browser)
    yield page
    page.page.context.close()


@pytest.fixture
def panel_page(_panel_page: PanelPage) -> Iterator[PanelPage]:
    """A page that can show a panel; nothing may fail on it."""
    yield _panel_page
    assert _panel_page.errors == []


@pytest.fixture(params=["lab", "notebook7"])
def front_end(request: pytest.FixtureRequest) -> FrontEnd:
    """Each of the two front ends in turn."""
    found: FrontEnd = request.getfixturevalue(request.param)
    return found
