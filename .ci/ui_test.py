#!/usr/bin/env python3
"""The Temporal UI and `inkling serve` in a real browser, as somebody uses them.

    .ci/ui_test.py SCREENSHOTS [--libraries HOME] [--chromium PATH]

Needs Playwright for Python and a Chromium. Everything happens in an INKLING_HOME of its own; --libraries names one
whose unpacked libraries and Temporal server are used, which saves the download. Writes a screenshot of every step
into the directory SCREENSHOTS; exit code 1 with a message and failure.png if something is not as it should be.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Error, sync_playwright

REPOSITORY = Path(__file__).resolve().parent.parent

# Long enough that a person, and this script, sees the stages change; a few seconds of work.
SMALL = {"preset": "mnist", "models": {"initial": {"models": 2}}, "datasets": {"noise": {"rows": 6000}}}
# Long enough that it is surely under way when it is cancelled.
LONG = {"preset": "mnist", "seeds": [7], "models": {"initial": {"models": 10}}, "datasets": {"noise": {"rows": 60000}}}
WRONG = {"preset": "mnits"}


class Failure(Exception):
    """Something is not as a user should find it."""


def eventually(what, condition, seconds=30, every=0.3):
    """The first true value of a condition."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"after {seconds} s still not: {what}")
        time.sleep(every)


class Inkling:
    """A running `./inkling` command; ended, with the processes of its own, by number."""

    def __init__(self, home, *arguments):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TEMPORAL_")}
        self.log = home / f"{arguments[0]}.log"
        self.name = arguments[0]
        with open(self.log, "w") as out:
            self.process = subprocess.Popen(
                ["./inkling", *arguments], cwd=REPOSITORY, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                env=environment | {"INKLING_HOME": str(home)})

    def link(self, pattern):
        """The first link in the output that matches."""

        def found():
            text = self.log.read_text()
            if self.process.poll() is not None:
                raise Failure(f"inkling {self.name} ended with {self.process.returncode}:\n{text}")
            return re.search(pattern, text)

        return eventually(f"inkling {self.name} prints its link", found, 120)[0]

    def end(self):
        """As Ctrl-C does it; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


def end_server(home):
    """The Temporal server, if a worker that had to be killed has left it behind."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        process = json.loads((home / "temporal" / "server.json").read_text())["process"]
        if str(home).encode() in Path(f"/proc/{process}/cmdline").read_bytes():
            os.kill(process, signal.SIGTERM)


class Browser:
    """What a user does in the Temporal UI."""

    def __init__(self, page, form, shots):
        self.page = page
        self.form = form
        self.list = form.split("/start-workflow")[0]
        self.shots = shots

    def shot(self, name, **more):
        self.page.screenshot(path=self.shots / f"{name}.png", **more)

    def start(self, workflow, spec, shot=None):
        """Fills in the form that the worker's link opens, and starts the experiment; its page."""
        page = self.page
        # On a slow machine the page may still be setting itself up, and then forgets what was typed.
        eventually(f"the form for {workflow} can be sent", lambda: self.fill(workflow, spec), 60)
        if shot:
            self.shot(shot)
        with page.expect_response(lambda r: r.request.method == "POST" and "/workflows" in r.url, timeout=30_000) as answer:
            page.get_by_test_id("start-workflow-button").click()
        if not answer.value.ok:
            raise Failure(f"starting {workflow} was answered with {answer.value.status}: {answer.value.text()}")
        # Links to a workflow lead somewhere only with the run's id.
        return f"{self.list}/{workflow}/{answer.value.json()['runId']}"

    def fill(self, workflow, spec):
        """Fills in the form; whether its button can be pressed then."""
        page = self.page
        page.goto(self.form)
        page.wait_for_load_state("networkidle")
        page.wait_for_selector("#workflowId")
        for field, wanted in (("#workflowType", "Experiment"), ("#taskQueue", "inkling")):
            if page.input_value(field) != wanted:
                raise Failure(f"the form's {field} is {page.input_value(field)!r}, not {wanted!r}")
        page.fill("#workflowId", workflow)
        page.locator("[role=textbox][aria-label=Data]").first.click()
        # The form brings the input of an earlier workflow with the same type.
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.insert_text(json.dumps(spec))
        # The editor tidies the text when it loses the focus, which moves the button.
        page.locator("#workflowId").click()
        page.wait_for_timeout(500)
        return page.get_by_test_id("start-workflow-button").is_enabled()

    def find(self, workflow, query, shot=None):
        """The page of a workflow that the list shows for a query: its address, with the run's id."""

        def link():
            self.page.goto(f"{self.list}?query={quote(query)}")
            try:
                row = self.page.locator("table a", has_text=re.compile(f"^\\s*{re.escape(workflow)}\\s*$")).first
                row.wait_for(timeout=8000)
                return row.get_attribute("href")
            except Error:
                return None

        href = eventually(f"the list with {query} shows {workflow}", link)
        if shot:
            self.shot(shot)
        address = self.list.split("/namespaces")[0] + href
        return re.match(r".*/workflows/[^/]+/[0-9a-f-]{36}", address)[0]

    def text(self, address, wanted, seconds=20):
        """The text of a page once it holds what is wanted."""
        self.page.goto(address)

        def holds():
            text = self.page.inner_text("body")
            return text if wanted in text else None

        return eventually(f"{address} shows {wanted!r}", holds, seconds)

    def stages(self, address):
        """The stage table in the current details: state by stage, as a reader sees it."""
        self.page.goto(address + "/user-metadata")
        table = self.page.frame_locator("iframe").locator("tr")
        states = {}
        with contextlib.suppress(Error):  # before the plan is there, nothing is a table
            table.last.wait_for(timeout=5000)
            for row in table.all():
                cells = [c.strip() for c in row.locator("td").all_inner_texts()]
                if len(cells) == 4:
                    states[f"{cells[0]} {cells[1]}"] = cells[2]
        return states


def watch(browser, address):
    """The stage table while the experiment runs: stages that wait or run come to be done."""
    seen = {}

    def step():
        states = browser.stages(address)
        for stage, state in states.items():
            seen.setdefault(stage, []).append(state)
        if "running" in states.values() and "done" in states.values():
            browser.shot("ui-details")
        return states and set(states.values()) <= {"done", "reused"}

    eventually("every stage in the table is done", step, 90)
    changed = [s for s, states in seen.items() if states[0] in ("waiting", "running") and states[-1] == "done"]
    if len(changed) < 3:
        raise Failure(f"the stage table was not seen changing: {seen}")


def check_temporal_ui(browser):
    first = browser.start("my-first-experiment", SMALL, "ui-form")
    watch(browser, first)

    timeline = browser.text(first + "/timeline", "report.html")
    for summary in ("teacher", "noise", "student (ghost)"):
        if summary not in timeline:
            raise Failure(f"the timeline does not name {summary!r}")
    if "/experiments/" not in timeline:
        raise Failure("the result does not begin with the report's file and address")
    browser.shot("ui-run")

    for query in ('InklingPreset="mnist" AND InklingState="Completed"', 'InklingExperiment="mnist"'):
        browser.find("my-first-experiment", query, "ui-list")

    second = browser.start("to-be-cancelled", LONG)
    eventually("a stage of the second experiment runs", lambda: "running" in browser.stages(second).values())
    browser.page.goto(second)
    browser.page.get_by_role("button", name="Request Cancellation").click()
    browser.page.get_by_role("button", name="Confirm").click()
    browser.find("to-be-cancelled", 'InklingState="Cancelled"', "ui-cancelled")

    wrong = browser.start("wrong-spec", WRONG)
    browser.text(wrong, "did you mean 'mnist'")
    browser.shot("ui-wrong")
    return first


def check_serve(page, site, shots):
    page.goto(site)
    page.get_by_text("my-first-experiment").or_(page.get_by_role("link", name="mnist")).first.wait_for(timeout=5000)
    page.screenshot(path=shots / "serve-list.png")
    page.get_by_role("link", name="mnist", exact=True).first.click()
    figure = page.locator("figure img").first
    figure.wait_for(timeout=5000)
    if not figure.evaluate("image => image.complete && image.naturalWidth > 100"):
        raise Failure("the figure on the experiment's page does not show")
    for heading in ("Results", "What the data say", "Lineage"):
        page.get_by_role("heading", name=heading).wait_for(timeout=2000)
    page.screenshot(path=shots / "serve-experiment.png")
    page.get_by_role("link", name="report.html").click()
    page.wait_for_selector("svg")
    page.go_back()
    page.locator("td code a").first.click()
    page.get_by_role("heading", name="Files").wait_for(timeout=5000)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("screenshots", type=Path)
    parser.add_argument("--libraries", type=Path, help="an INKLING_HOME whose bin and djl are used")
    parser.add_argument("--chromium", default=shutil.which("chromium") or "/usr/bin/chromium")
    options = parser.parse_args()
    options.screenshots.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with contextlib.ExitStack() as ends:
        home = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="inkling-ui-")))
        for name in ("bin", "djl") if options.libraries else ():
            if (options.libraries / name).is_dir():
                (home / name).symlink_to((options.libraries / name).resolve())
        ends.callback(end_server, home)
        worker = Inkling(home, "worker")
        ends.callback(worker.end)
        playwright = ends.enter_context(sync_playwright())
        # No sandbox: build machines run as root. The rest keeps the browser from calling home.
        chromium = playwright.chromium.launch(
            executable_path=options.chromium,
            args=["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                  "--disable-component-update", "--disable-sync"])
        ends.callback(chromium.close)
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(20_000)
        try:
            check_temporal_ui(Browser(page, worker.link(r"http\S+start-workflow\S*"), options.screenshots))
            serve = Inkling(home, "serve", "--port", "0")
            ends.callback(serve.end)
            check_serve(page, serve.link(r"http://127\.0\.0\.1:\d+"), options.screenshots)
            if serve.end() != 130:
                raise Failure(f"Ctrl-C ended inkling serve with {serve.process.returncode}, not 130")
        except (Failure, Error) as e:
            with contextlib.suppress(Error):
                page.screenshot(path=options.screenshots / "failure.png")
            print(f"The browser test failed: {e}\nThe page was {page.url}; see {options.screenshots}/failure.png\n"
                  f"The worker said:\n{worker.log.read_text()[-3000:]}", file=sys.stderr)
            return 1
    print(f"The browser test passed in {time.monotonic() - began:.0f} s; screenshots in {options.screenshots}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
