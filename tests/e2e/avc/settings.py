# SPDX-License-Identifier: Apache-2.0
# Where the parts under test are, and as whom servers run. The environment may say:
#   AVCSEC_MODULE   path of mod_avcsec.so      AVCSEC_TOOL  path of the avcsec command
#   AVCSEC_PLAIN_MODULE  one built without jansson and hiredis
#   AVCSEC_PRELOAD  LD_PRELOAD for httpd (a sanitizer's library; ASAN_OPTIONS etc. pass through)
#   AVCSEC_WRAP     command in front of httpd (valgrind …); waits are then longer
#   AVCSEC_PATIENCE how many times longer than on a machine of one's own a wait may last
# A part that is not there is an error, never a reason to skip.
import glob
import os
import pwd
import shlex
import time

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))
VECTORS = os.path.join(REPOSITORY, "tests", "vectors")
HTTPD = "/usr/sbin/apache2"
HTTPD_MODULES = "/usr/lib/apache2/modules"
AS_ROOT = os.geteuid() == 0
USER = "www-data" if AS_ROOT else pwd.getpwuid(os.geteuid()).pw_name
WRAP = shlex.split(os.environ.get("AVCSEC_WRAP", ""))
PRELOAD = os.environ.get("AVCSEC_PRELOAD", "")
# A wait ends when what it waits for has come; only a failure takes all of it. So it may be long.
PATIENCE = float(os.environ.get("AVCSEC_PATIENCE", 30 if WRAP else 10 if PRELOAD else 6))


def built(variable, *patterns):
    named = os.environ.get(variable)
    if named:
        return os.path.abspath(named)
    for pattern in patterns:
        found = sorted(glob.glob(os.path.join(REPOSITORY, pattern), recursive=True))
        if found:
            return found[0]
    raise FileNotFoundError("%s is not set and nothing is built under build/" % variable)


def module():
    return built("AVCSEC_MODULE", "build/**/.libs/mod_avcsec.so", "build/**/mod_avcsec.so")


def imports(symbol):
    with open(module(), "rb") as file:
        return symbol in file.read()


def reads_json():
    """Whether the module was built with jansson."""
    return imports(b"json_loadb")


def speaks_redis():
    """Whether the module was built with hiredis."""
    return imports(b"redisReaderFeed")


def tool():
    return built("AVCSEC_TOOL", "build/avcsec", "build/**/avcsec")


def as_user(command, user=None):
    """The same command for an ordinary user, if the tests run as root."""
    if not AS_ROOT or user == "root":
        return list(command)
    name = user or USER
    return ["setpriv", "--reuid=" + name, "--regid=" + name, "--clear-groups", "--"] + list(command)


def give(path, user=None):
    """Hands a tree to the user that servers run as; symbolic links themselves, not their targets."""
    if not AS_ROOT:
        return
    owner = pwd.getpwnam(user or USER)
    os.lchown(path, owner.pw_uid, owner.pw_gid)
    if os.path.isdir(path) and not os.path.islink(path):
        for folder, folders, names in os.walk(path):
            for name in folders + names:
                os.lchown(os.path.join(folder, name), owner.pw_uid, owner.pw_gid)


def until(condition, seconds=20, pause=0.05):
    """What condition() gives as soon as it is true, or at the end of the wait."""
    deadline = time.time() + seconds * PATIENCE
    while time.time() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(pause)
    return condition()
