# SPDX-License-Identifier: Apache-2.0
"""Opens a report in a browser: report_browser.py RENDERER [SCREENSHOT.png]. Fails on any script error, on a chart that
was not drawn and on a number that differs from the JSON; exits with 77 (skipped) where there is no Chromium."""

import html.parser
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from report_browser_sample import SECTIONS

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--enable-logging=stderr",
    "--v=0",
    "--hide-scrollbars",
)
WINDOW = "--window-size=1200,9000"


class Page(html.parser.HTMLParser):
    """The tables of a page as rows of (exact value or None, text), and how many marks each chart holds."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.numbers, self.marks, self.cell, self.table, self.svg_depth = {}, [], [], None, None, 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "data-value" in attributes:
            self.numbers.append(attributes["data-value"])
        if tag == "table":
            self.table = self.tables.setdefault(attributes.get("id"), [])
        elif tag == "tr" and self.table is not None:
            self.table.append([])
        elif tag == "td" and self.table is not None:
            self.cell = [attributes.get("data-value"), ""]
            self.table[-1].append(self.cell)
        elif "data-chart" in attributes:
            self.marks.append(0)
        elif tag in ("path", "circle") and self.svg_depth:
            self.marks[-1] += 1
        self.svg_depth += tag == "svg"

    def handle_data(self, data):
        if self.cell is not None:
            self.cell[1] += data

    def handle_endtag(self, tag):
        self.svg_depth -= tag == "svg"
        if tag == "td":
            self.cell = None
        elif tag == "table":
            self.table = None


def browse(page, *flags):
    """What the browser prints, after a check that the page's scripts logged nothing."""
    browser = next(filter(None, map(shutil.which, BROWSERS)))
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [browser, *FLAGS, *flags, WINDOW, f"--user-data-dir={profile}", page.as_uri()],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    logged = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert not logged, "\n".join(logged)
    return done.stdout


def shows(cell, value):
    """Whether a table cell says `value`: its exact form, and a text that rounds it."""
    exact, text = cell
    if value is None:
        return exact is None and text == "–"
    if isinstance(value, str):
        return exact is None and text == value
    rounded = float(text.rstrip("%").replace(",", "").replace("−", "-")) / (100 if text.endswith("%") else 1)
    return json.loads(exact) == value and abs(rounded - value) <= max(
        0.01 * abs(value), 0.05 if abs(value) > 100 else 0, 0.0005 if text.endswith("%") else 0
    )


def check_tables(page):
    cells = 0
    for step, section in enumerate(SECTIONS):
        for number, table in enumerate(section["result"]["tables"]):
            rows = page.tables.get(f"step-{step}-{number}-table", [[]])[1:]
            assert len(rows) == len(table["rows"]), f"{table['name']}: {len(rows)} rows shown"
            for shown, expected in zip(rows, table["rows"]):
                for cell, value in zip(shown, expected, strict=True):
                    assert shows(cell, value), f"{table['name']}: {cell} is not {value!r}"
                    cells += 1
    return cells


def numbers_in(value):
    if isinstance(value, (dict, list)):
        return {
            number for part in (value.values() if isinstance(value, dict) else value) for number in numbers_in(part)
        }
    return {value} if isinstance(value, (int, float)) else set()


def main(renderer, screenshot=None):
    if not any(map(shutil.which, BROWSERS)):
        print("SKIPPED: no Chromium on this machine")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "report.html")
        made = subprocess.run(
            [renderer, "Retail customers, spring review"],
            input=json.dumps(SECTIONS),
            capture_output=True,
            text=True,
            check=True,
        )
        file.write_text(made.stdout, encoding="utf-8")
        page = Page(browse(file, "--dump-dom"))
        if screenshot:
            browse(file, f"--screenshot={screenshot}")
            browse(file, f"--print-to-pdf={pathlib.Path(screenshot).with_suffix('.pdf')}", "--no-pdf-header-footer")
    drawn = [table["chart"] for section in SECTIONS for table in section["result"]["tables"] if table["chart"]]
    charts = sum(len(chart) if isinstance(chart, list) else 1 for chart in drawn) + len(SECTIONS)
    assert len(page.marks) == charts and all(marks > 3 for marks in page.marks), (
        f"marks in {charts} charts: {page.marks}"
    )
    strangers = {json.loads(number) for number in page.numbers} - numbers_in(SECTIONS)
    assert not strangers, f"numbers of no section: {strangers}"
    print(
        f"{charts} charts, {check_tables(page)} cells, {len(page.numbers)} numbers: all as in the JSON, no script errors"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
