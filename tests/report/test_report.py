#!/usr/bin/python3
"""Shows the report in headless Chromium, and reads it with an independent HTML parser: is it one that everybody can read?

It needs Debian's python3-html5lib, so it is run by Debian's python3.
"""
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from urllib.parse import unquote, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))
import browser  # noqa: E402

PROJECT = Path(__file__).resolve().parent.parent.parent
PROGRAM = Path(os.path.abspath(os.environ.get("O", "out"))) / "trialseal"
NIGHTS = PROJECT / "sample-data" / "nights"
REASON = "a reason that Dr Example gave"
HOSTILE = "<img src=x onerror=alert(1)>\u202egpj.csv"


def report(name, found):
    print(f"ok {name}" if not found else f"not ok {name}: {len(found)} times; first: {str(found[0])[:300]}")


# --- a home with all that a report can say -------------------------------------------------------

class Home:
    def __init__(self, folder):
        self.path = folder / "home"
        self.run("init", self.path, "--origin", "demo.example", "--test")
        self.run("study", "add", "DEMO-101", now="2026-01-11T12:00:00Z")

    def run(self, *arguments, now=None):
        at = ["--now", now] if now else []
        done = subprocess.run([PROGRAM, "-C", self.path, *at, *arguments], capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"{arguments}: {done.returncode}: {done.stderr}")

    def nights(self):
        for night in (1, 2, 3):
            shutil.copytree(NIGHTS / str(night), self.path / "inbox/DEMO-101", dirs_exist_ok=True)
            self.run("run", now=f"2026-01-{11 + night}T22:00:00Z")
        self.run("withdraw", "DEMO-101/LB@2", "--reason", REASON, now="2026-01-16T09:00:00Z")

    def hostile_night(self):
        """A file whose name is markup and turns the direction of what follows; nothing that it says may act."""
        folder = self.path / "inbox/DEMO-101" / "<script>alert(2)</script>".replace("/", "\u2215")
        folder.mkdir()
        (folder / HOSTILE).write_text("<html></html>\n")
        digest = subprocess.run(["sha256sum", folder / HOSTILE], capture_output=True, text=True, check=True).stdout[:64]
        (folder / "MANIFEST.sha256").write_text(f"{digest}  {HOSTILE}\n")
        self.run("run", now="2026-01-17T22:00:00Z")

    def report(self, folder):
        self.run("report", "-o", folder)
        return sorted((folder / "DEMO-101").glob("*.html"))


# --- what an independent parser finds ------------------------------------------------------------

def parsed(pages, name):
    """Trees of pages; what the parser had to forgive is told."""
    import html5lib
    warnings.simplefilter("ignore")
    trees, found = {}, []
    for page in pages:
        parser = html5lib.HTMLParser(strict=True, tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
        try:
            trees[page] = parser.parse(page.read_text(encoding="utf-8"))
        except html5lib.html5parser.ParseError as error:
            found.append(f"{page.name}: {error}")
    report(name, found)
    return trees


def links(trees):
    """Every address in a page is that of a file beside it, with the fragment there, or carries its own data."""
    found = []
    ids = {page: {e.get("id") for e in tree.iter() if e.get("id")} for page, tree in trees.items()}
    for page, tree in trees.items():
        for element in tree.iter():
            for name in ("href", "src", "action", "data", "poster", "srcset"):
                address = element.get(name)
                if address is None or address == "data:,":
                    continue
                parts = urlsplit(address)
                target = page.parent / unquote(parts.path) if parts.path else page
                if name != "href" or parts.scheme or parts.netloc or target not in trees:
                    found.append(f"{page.name}: {address}")
                elif parts.fragment and parts.fragment not in ids[target]:
                    found.append(f"{page.name}: {address}: no such place")
    report("report__links_lead_to_pages_beside_it_and_nowhere_else", found)
    reached = {page.parent / unquote(urlsplit(e.get("href")).path) for page, tree in trees.items() for e in tree.iter("a")}
    report("report__every_page_can_be_reached", [p.name for p in trees if p not in reached])


def structure(trees):
    found = []
    for page, tree in trees.items():
        def fault(what, where=page):
            found.append(f"{where.name}: {what}")
        levels = [int(e.tag[1]) for e in tree.iter() if e.tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
        if levels.count(1) != 1 or levels[0] != 1 or any(b > a + 1 for a, b in zip(levels, levels[1:])):
            fault(f"headings {levels}")
        if tree.find(".").get("lang") != "en" and tree.get("lang") != "en":
            fault("no language")
        if not (tree.findtext(".//title") or "").strip():
            fault("no title")
        for tag in ("main", "header", "footer", "nav"):
            if tree.find(f".//{tag}") is None:
                fault(f"no {tag}")
        for header in tree.iter("th"):
            if header.get("scope") not in ("col", "row") or not "".join(header.itertext()).strip():
                fault("a header cell that is blank or has no scope")
        for region in tree.iter("div"):
            if region.get("role") == "region" and not region.get("aria-label"):
                fault("a region without a name")
        for drawing in tree.iter():
            if drawing.tag.endswith("svg") and not (drawing.get("aria-label") or drawing.get("aria-hidden") == "true"):
                fault("a drawing without a name")
        if any(e.tag in ("script", "iframe", "object", "embed", "form", "link") and e.get("rel") != "icon" for e in tree.iter()):
            fault("a script, a frame or a sheet from elsewhere")
        if any(name.startswith("on") for e in tree.iter() for name in e.attrib):
            fault("a handler of events")
    report("report__has_landmarks_headings_in_order_and_headers_of_tables", found)


# --- privacy -------------------------------------------------------------------------------------

def secrets():
    """What was in the sample data or said by persons: subjects, values, names of files and transfers, reasons."""
    words = {REASON, "Weekly cumulative transfer", "Results corrected after a query; two late samples"}
    for path in NIGHTS.rglob("*"):
        if path.is_file() and path.name != "MANIFEST.sha256":
            words.add(path.name)
        if path.is_dir() and path.parent.parent == NIGHTS:
            words.add(path.name)
        if path.suffix == ".csv":
            for row in csv.DictReader(path.read_text().splitlines()):
                words |= {row[c] for c in row if c.endswith(("USUBJID", "TEST", "TESTCD", "DTC", "ARM"))}
    return {w for w in words if len(w) > 3}


def privacy(pages, allowed):
    text = "".join(p.read_text(encoding="utf-8") for p in pages)
    words = secrets()
    found = [w for w in words if w in text]
    if not allowed:
        report("report__shows_no_subject_value_name_or_reason", found)
        return
    people = {w for w in words if w.endswith((".csv", ".xpt")) or w == REASON or w.startswith("Weekly")}
    report("report__shows_names_and_reasons_where_study_conf_allows_it", sorted(people - set(found) - {"TRANSFER.json"}))
    report("report__shows_no_subject_or_value_even_then", [w for w in found if w.startswith("DEMO-101-0") or w == "Alanine Aminotransferase"])


# --- in the browser ------------------------------------------------------------------------------

CONTRAST = """
const luminance = c => { const v = c.map(x => { x /= 255; return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; });
                         return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
const colour = s => s.match(/[\\d.]+/g).map(Number);
const behind = e => { for (; e; e = e.parentElement) { const c = colour(getComputedStyle(e).backgroundColor);
                                                       if (c.length < 4 || c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
for (let n; (n = walk.nextNode());) {
    if (!n.data.trim()) continue;
    const a = luminance(colour(getComputedStyle(n.parentElement).color).slice(0, 3)), b = luminance(behind(n.parentElement));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(ratio.toFixed(2) + ': ' + n.data.trim().slice(0, 40));
}
return found;
"""

FOCUS = """
const e = document.activeElement, s = getComputedStyle(e);
return e === document.body ? null : [e.outerHTML.slice(0, 60), s.outlineStyle, parseFloat(s.outlineWidth)];
"""

NARROW = """
const over = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.wide, .skip'));
return [document.documentElement.scrollWidth, innerWidth, over.slice(0, 3).map(e => e.outerHTML.slice(0, 80))];
"""


def shown(window, page, found):
    window.open(page)
    window.size(1280, 900)
    found["contrast"] += [f"{page.name}: {c}" for c in window.run(CONTRAST)]
    window.size(320, 640)
    width, room, over = window.run(NARROW)
    if width > room or over:
        found["narrow"].append(f"{page.name}: {width} > {room}: {over}")
    found["asked"] += [f"{page.name}: {r}" for r in window.requests() if not r.startswith(("file://", "data:"))]
    found["said"] += [f"{page.name}: {m}" for m in window.messages()]


def keyboard(window, page):
    """Tab goes through all that can be used, and what has the focus can be seen."""
    window.open(page)
    window.size(1280, 900)
    wanted = window.run("return document.querySelectorAll('a[href], [tabindex=\"0\"]').length")
    met, unseen = 0, []
    for _ in range(wanted):
        window.key("\ue004")
        state = window.run(FOCUS)
        if state is None:
            break
        met += 1
        if state[1] == "none" or state[2] < 2:
            unseen.append(state)
    report("report__what_has_the_focus_can_be_seen", unseen)
    report("report__tab_reaches_everything", [] if met == wanted else [f"{met} of {wanted}"])


def paper(window, page, folder):
    window.open(page)
    window.paper(folder / "page.pdf")
    if shutil.which("pdftotext") is None:
        print("skip report__prints: no pdftotext")
        return
    text = subprocess.run(["pdftotext", "-layout", folder / "page.pdf", "-"], capture_output=True, text=True, check=True).stdout
    report("report__prints_what_it_shows", [w for w in ("Study DEMO-101", "To look at", "format-malformed") if w not in text])


def hostile(window, pages):
    """A name that is markup is shown as text, and does nothing."""
    found = []
    for page in pages:
        window.open(page)
        found += window.run("return [...document.querySelectorAll('img, script, iframe')].map(e => e.outerHTML)")
        if HOSTILE.split("\u202e", maxsplit=1)[0] in window.run("return document.body.textContent"):
            break
    else:
        found.append("the name is nowhere to be read")
    report("report__a_hostile_name_is_only_text", found)


def in_browser(folder, plain, allowed):
    window = browser.Browser(folder)
    try:
        window.open(plain[0])
        window.requests()
        found = {"contrast": [], "narrow": [], "asked": [], "said": []}
        for page in plain:
            shown(window, page, found)
        report("report__text_stands_out_from_its_ground_by_4.5", found["contrast"])
        report("report__fits_320_pixels", found["narrow"])
        report("report__asks_for_nothing_from_elsewhere", found["asked"])
        report("report__the_browser_has_nothing_to_say", found["said"])
        index = next(p for p in plain if p.name == "index.html")
        keyboard(window, index)
        paper(window, index, folder)
        hostile(window, [p for p in reversed(allowed) if p.name.startswith("transfer-")])
    finally:
        window.close()


def main():
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=base) as name:
        folder = Path(name)
        home = Home(folder)
        home.nights()
        plain = home.report(folder / "plain")
        with open(home.path / "studies/DEMO-101/study.conf", "a", encoding="utf-8") as conf:
            conf.write("[report]\nnames = yes\nreasons = yes\n")
        home.hostile_night()
        allowed = home.report(folder / "allowed")
        privacy(plain, False)
        privacy(allowed, True)
        try:
            trees = parsed(plain, "report__is_html_without_a_fault")
            parsed(allowed, "report__is_html_whatever_names_are_in_it")
            links(trees)
            structure(trees)
        except ImportError:
            print("skip report__is_html_without_a_fault: python3-html5lib is not installed")
        missing = browser.available()
        if missing:
            print(f"skip report__in_a_browser: {missing}")
        else:
            in_browser(folder, plain, allowed)


main()
