# SPDX-License-Identifier: Apache-2.0
# What is written before a server starts: files, configurations with names filled in, a certificate.
import os
import re
import subprocess


def fill(text, names):
    """The text with each @name@ that is known replaced by its value."""
    return re.sub(r"@(\w+)@", lambda found: str(names.get(found.group(1), found.group(0))), text)


def plant(directory, files):
    """Writes {relative name: text, bytes, or ('link', target) / ('mode', bits, text)}."""
    for name, content in files.items():
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(content, tuple) and content[0] == "link":
            os.symlink(content[1], path)
            continue
        mode = 0o644
        if isinstance(content, tuple):
            _, mode, content = content
        if content is None:
            os.makedirs(path, exist_ok=True)
            continue
        with open(path, "wb") as out:
            os.fchmod(out.fileno(), mode)
            out.write(content if isinstance(content, bytes) else content.encode())


def certificate(directory, name, *others):
    """(key, certificate) in this directory, for a name and others ("DNS:…", "IP:…"); nobody signed it."""
    key, cert = os.path.join(directory, "tls.key"), os.path.join(directory, "tls.crt")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", key, "-out", cert, "-days", "30", "-subj", "/CN=" + name,
         "-addext", "basicConstraints=critical,CA:FALSE",
         "-addext", "subjectAltName=" + ",".join(("DNS:" + name,) + others)],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return key, cert
