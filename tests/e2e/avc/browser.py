# SPDX-License-Identifier: Apache-2.0
# Headless Chromium for the tests, with names of chat.example leading to this machine, and the
# media it plays: made by ffmpeg; hls.js and Ruffle from npm, all in the run's temporary directory.
import json
import os
import subprocess

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from . import httpd, settings


def chromium(profile, downloads, insecure=False):
    """insecure: takes the certificate of these tests, which nobody signed."""
    options = Options()
    options.accept_insecure_certs = insecure
    options.binary_location = "/usr/bin/chromium"
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--autoplay-policy=no-user-gesture-required", "--mute-audio", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 "--host-resolver-rules=MAP *.chat.example 127.0.0.1, MAP chat.example 127.0.0.1",
                 "--user-data-dir=" + profile):
        options.add_argument(word)
    options.add_experimental_option("prefs", {"download.default_directory": downloads,
                                              "download.prompt_for_download": False})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver", port=httpd.free_port()), options=options)
    driver.set_page_load_timeout(30 * settings.PATIENCE)
    driver.set_script_timeout(30 * settings.PATIENCE)
    return driver


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", "-nostdin"] + list(arguments), check=True)


def make_media(directory):
    """index.m3u8 with its segments, clip.mp4, picture.png and sound.mp3 in a directory."""
    os.makedirs(directory, exist_ok=True)
    source = ["-f", "lavfi", "-i", "testsrc=size=160x120:rate=10:duration=6",
              "-f", "lavfi", "-i", "sine=frequency=440:duration=6"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10",
              "-c:a", "aac", "-b:a", "48k"]
    ffmpeg(*source, *codecs, "-movflags", "+faststart", os.path.join(directory, "clip.mp4"))
    ffmpeg("-i", os.path.join(directory, "clip.mp4"), "-c", "copy", "-hls_time", "1",
           "-hls_playlist_type", "vod", os.path.join(directory, "index.m3u8"))
    ffmpeg("-f", "lavfi", "-i", "testsrc=size=64x48:rate=1:duration=1", "-frames:v", "1",
           os.path.join(directory, "picture.png"))
    ffmpeg("-f", "lavfi", "-i", "sine=frequency=440:duration=1", os.path.join(directory, "sound.mp3"))


def npm_package(directory, name):
    """The directory of a package at its pinned version, from npm."""
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(settings.REPOSITORY, "tests", "site", "package.json"), encoding="utf-8") as pinned:
        version = json.load(pinned)["dependencies"][name]
    subprocess.run(["npm", "install", "--no-save", "--ignore-scripts", "--prefix", directory,
                    name + "@" + version], check=True, stdout=subprocess.DEVNULL)
    return os.path.join(directory, "node_modules", *name.split("/"))


def hls_js(directory):
    """The text of hls.js."""
    with open(os.path.join(npm_package(directory, "hls.js"), "dist", "hls.min.js"), "rb") as script:
        return script.read()
