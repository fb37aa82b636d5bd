#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Takes the tour of the demo in headless Chromium: check.py ADDRESS PROFILE-DIRECTORY

Prints one line a step, "ok" or "not ok", and ends with 0 only if every step is as
promised. It drives the packaged Chromium with the packaged driver and asks nothing of
the network. It starts no server and writes nowhere but into the profile directory.
"""

import os
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

TOUR_SECONDS = 480    # on a machine that does other things as well
CHAPTERS = {"scripts": 11, "files": 10, "uploads": 4, "admin": 7, "hidden": 4, "live": 9, "masks": 2}
FLAGS = (
    "--headless --no-sandbox --disable-dev-shm-usage --disable-gpu --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--window-size=1280,1000"
).split()


def browser(profile):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in [*FLAGS, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    os.makedirs(profile, exist_ok=True)  # the driver does not, and writes there first
    # A driver's path is given, so Selenium has no reason to look for one.
    service = Service("/usr/bin/chromedriver", log_output=os.path.join(profile, "driver.log"))
    return webdriver.Chrome(options=options, service=service)


class Report:
    """One line for each step; remembers whether all were as promised."""

    def __init__(self):
        self.steps = self.broken = 0

    def line(self, name, faults):
        self.steps += 1
        self.broken += bool(faults)
        print(f"not ok {name}: {faults}" if faults else f"ok {name}", flush=True)


def wait_for_tour(driver):
    WebDriverWait(driver, TOUR_SECONDS, poll_frequency=0.3).until(
        lambda d: d.execute_script("return document.documentElement.dataset.tour") == "done",
        "the tour did not come to its end",
    )


def take_tour(driver, report):
    wait_for_tour(driver)
    for chapter, promised in CHAPTERS.items():
        cards = driver.find_elements(By.CSS_SELECTOR, f"#{chapter} .step")
        for card in cards:
            report.line(*result(card))
        there = "" if len(cards) == promised else f"{len(cards)} steps, not {promised}"
        report.line(f"chapter {chapter} has its {promised} steps", there)


def result(card):
    state = card.get_attribute("data-state")
    title = card.find_element(By.TAG_NAME, "h3").text.split("\n")[0]
    answer = card.get_attribute("data-answer") or "no answer"
    faults = card.get_attribute("data-faults") or ""
    return f"{title}: {answer}", faults if state != "kept" else ""


def title_of(driver, address):
    driver.get(address)
    return driver.title


def is_shown(driver):
    script = (
        "return [...document.images].length > 0 && "
        "[...document.images].every((image) => image.complete && image.naturalWidth > 0)"
    )
    try:
        WebDriverWait(driver, 10).until(lambda d: d.execute_script(script))
    except Exception:  # whatever kept it from being shown, it was not
        return False
    return True


def walk_around(driver, report, address):
    """What a visitor does without the tour's script: opens pages, follows links."""
    title = title_of(driver, address)
    users = driver.find_element(By.ID, "now").text
    report.line("front page shows every shared picture", "" if is_shown(driver) else f"not on “{title}”")
    report.line("front page lists whom the media server named", "" if users.endswith(" 2") else users)
    link = driver.find_element(By.CSS_SELECTOR, ".gallery a").get_attribute("href")
    chat = driver.find_element(By.CSS_SELECTOR, ".welcome .button").get_attribute("href")
    driver.get(link)
    report.line("signed link opened in the address bar shows the picture", "" if is_shown(driver) else "not shown")
    driver.get(link.split("?")[0])
    refused = "Forbidden" in driver.title and not driver.find_elements(By.TAG_NAME, "img")
    report.line("the same without its signature is refused", "" if refused else driver.title)
    driver.get(chat)
    report.line("chat page shows what it names relatively", "" if is_shown(driver) else "not shown")
    before = title_of(driver, address)
    for name in ("hello.html", "badge.svg", "party.php"):
        open_upload(driver, report, address, name, before)


def open_upload(driver, report, address, name, before):
    """An uploaded file with a right link, typed into the address bar: the page stays."""
    step = {"hello.html": "run-html", "badge.svg": "run-svg", "party.php": "run-php"}[name]
    path = driver.execute_async_script(
        "const done = arguments[1]; fetch(`/tour/step.php?id=${arguments[0]}&as=request`)"
        ".then((answer) => answer.json()).then((request) => done(request.path))", step)
    driver.execute_script("window.location = arguments[0]", path)
    time.sleep(0.7)
    report.line(f"{name} opened in the address bar is no page", "" if driver.title == before else driver.title)
    if driver.title != before:
        driver.get(address)


def look_at_console(driver, report):
    """Nothing may be wrong with our own pages: no script error, nothing that their policy blocks."""
    severe = [e["message"] for e in driver.get_log("browser") if e["level"] == "SEVERE"]
    ours = [m for m in severe if "Failed to load resource" not in m]
    report.line("the browser's console has no error of our pages", "; ".join(ours))


def main():
    address, profile = sys.argv[1:3]
    report = Report()
    driver = browser(profile)
    try:
        driver.get(address + "tour/")
        take_tour(driver, report)
        look_at_console(driver, report)
        walk_around(driver, report, address)
        if len(sys.argv) > 3:
            take_pictures(driver, address, sys.argv[3])
    finally:
        driver.quit()
    print(f"{report.steps - report.broken} of {report.steps} as promised")
    return 1 if report.broken or not report.steps else 0


PICTURES = (
    ("front", "", 1280, "light"),
    ("tour", "tour/", 1280, "light"),
    ("tour-dark", "tour/", 1280, "dark"),
    ("tour-narrow", "tour/", 420, "light"),
)


def take_pictures(driver, address, directory):
    """For whoever works on the pages: how they look, wide and narrow, light and dark."""
    for name, path, width, scheme in PICTURES:
        feature = {"name": "prefers-color-scheme", "value": scheme}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        driver.set_window_size(width, 1000)
        driver.get(address + path)
        if path:
            wait_for_tour(driver)
        height = driver.execute_script("return document.documentElement.scrollHeight")
        driver.set_window_size(width, height + 150)
        driver.save_screenshot(os.path.join(directory, f"{name}.png"))


if __name__ == "__main__":
    sys.exit(main())
