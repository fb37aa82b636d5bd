# SPDX-License-Identifier: Apache-2.0
# One private httpd: its own root below a temporary directory, ports of 127.0.0.1 checked free,
# its own session, an ordinary user (or started as root where a test is about that), stopped by
# its pid. Nothing is read from the machine's own httpd configuration but mime.types.
import contextlib
import itertools
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time

from . import client, processes, settings, tokens
from .logs import LogWatch, assert_no_mac, note_numbers
from .plant import certificate, fill, plant
from .ports import free_port, port_is_free

# What Debian enables on its own, and what sites with PHP add to it.
DEBIAN = ("access_compat alias auth_basic authn_core authn_file authz_core authz_host authz_user "
          "autoindex deflate dir env filter mime negotiation reqtimeout setenvif status").split()
USUAL = DEBIAN + "actions expires headers include proxy proxy_fcgi proxy_http rewrite".split()

BASE = """
ServerRoot "@root@"
DefaultRuntimeDir "@root@/run"
PidFile "@root@/run/httpd.pid"
Mutex file:@root@/run default
ServerName chat.example
Listen 127.0.0.1:@port@
ErrorLog "@root@/logs/error.log"
LogLevel @loglevel@
TypesConfig /etc/mime.types
Timeout 20
KeepAliveTimeout 5
GracefulShutdownTimeout 5
LogFormat "%h %u \\"%r\\" %>s %b \\"%{Referer}i\\" reason=%{avc-reason}n kid=%{avc-kid}n" tests
CustomLog "@root@/logs/access.log" tests
"""
MPM = {
    "event": "StartServers @processes@\nServerLimit 4\nThreadsPerChild 16\nThreadLimit 16\n"
             "MaxRequestWorkers 64\nMinSpareThreads 1\nMaxSpareThreads 64\n",
    "prefork": "StartServers 4\nMinSpareServers 2\nMaxSpareServers 8\nMaxRequestWorkers 24\n",
}
MPM["worker"] = MPM["event"]
# valgrind goes over every stack of every thread; Debian's 8 MB take it longer than all the rest.
STACK = "ThreadStackSize 262144\n" if settings.WRAP else ""

DOCROOT = "Options +FollowSymLinks\nAllowOverride All\nRequire all granted\n"

live = []


class Home:
    """The run's temporary directory: the module's copy, certificate, preloaded clock."""

    def __init__(self):
        os.umask(0o022)  # whatever the user's: the module refuses directories that a group may write to
        self.path = tempfile.mkdtemp(prefix="avcsec-e2e-")
        os.chmod(self.path, 0o755)
        settings.give(self.path)
        self.count = 0

    def module(self):
        copy = os.path.join(self.path, "mod_avcsec.so")
        if not os.path.exists(copy):
            shutil.copy(settings.module(), copy)
            os.chmod(copy, 0o644)
        return copy

    def certificate(self):
        key, cert = (os.path.join(self.path, name) for name in ("tls.key", "tls.crt"))
        if not os.path.exists(cert):
            certificate(self.path, "chat.example", "DNS:*.chat.example", "DNS:localhost", "IP:127.0.0.1")
            settings.give(key)
        return key, cert

    def preloaded(self, name):
        """clock.c, faults.c, haste.c or another beside this file, as a library."""
        library = os.path.join(self.path, name + ".so")
        if not os.path.exists(library):
            source = os.path.join(os.path.dirname(__file__), name + ".c")
            subprocess.run(["gcc", "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        return library

    def new_root(self):
        self.count += 1
        root = os.path.join(self.path, "s%d" % self.count)
        for name in ("", "conf", "logs", "run", "htdocs", "private"):
            os.makedirs(os.path.join(root, name), exist_ok=True)
        return root

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


home = None


class Httpd:
    """One instance. config may use @root@ @docroot@ @private@ @keys@ @port@ @tls@ and own @names@.

    With tls=True the configuration stands in two virtual hosts, plain and TLS, of one name. What
    must last lies in @state@; has_state=False: where the server would have it by itself. Uses are
    counted in a file of 4096 entries, as each start writes all of them; entries=None: the default.
    """

    def __init__(self, config="", modules=USUAL, docroot=None, private=None, keys=tokens.KEY_FILE,
                 mpm="event", tls=False, http2=False, directory=DOCROOT, loglevel="info",
                 clock=None, faults=False, preload=(), environment=(), processes=1, started_by=None,
                 avcsec="alphabetical", outside="", has_state=True, entries=4096, **names):
        self.root = home.new_root()
        self.mpm, self.tls, self.started_by = mpm, tls, started_by
        self.clock, self.faults = clock, faults
        self.preload, self.environment = preload, environment
        self.modules, self.avcsec, self.http2 = modules, avcsec, http2
        self.port = free_port()
        self.tls_port = free_port() if tls else None
        self.docroot = os.path.join(self.root, "htdocs")
        self.private = os.path.join(self.root, "private")
        self.keys = os.path.join(self.root, "conf", "avcsec.keys")
        self.process = None
        self.mounts, self.wrapped = [], []
        self.site = config
        self.outside = outside
        self.has_state, self.entries = has_state, entries
        self.state = os.path.join(self.root, "state")
        self.names = dict(names, root=self.root, state=self.state, docroot=self.docroot, private=self.private,
                          keys=self.keys, port=self.port, tls=self.tls_port or "", loglevel=loglevel,
                          processes=processes, directory=directory)
        plant(self.docroot, docroot or {})
        plant(self.private, private or {})
        settings.give(self.root, started_by and settings.USER)
        os.mkdir(self.state, 0o700)
        settings.give(self.state, started_by)
        if keys is not None:
            self.write_keys(keys)
        logs = os.path.join(self.root, "logs")
        self.stderr = os.path.join(self.root, "stderr.txt")
        self.log = LogWatch(self.stderr, os.path.join(logs, "error.log"))
        self.write_config()

    # -- configuration

    def fill(self, text):
        return fill(text, self.names)

    def write_keys(self, text, mode=0o600):
        self.write_secret(self.keys, text, mode)

    def write_secret(self, path, text, mode=0o600):
        """Replaces a file of the server's owner as an editor would: a new one is moved over the old."""
        path = os.path.join(self.root, path)
        with open(path + ".new", "w") as out:
            os.fchmod(out.fileno(), mode)
            out.write(text)
        settings.give(path + ".new", self.started_by)
        os.rename(path + ".new", path)

    def module_lines(self):
        wanted = {m for m in self.modules} | {"mpm_" + self.mpm}
        if self.tls:
            wanted |= {"ssl", "socache_shmcb"}
        if self.http2:
            wanted.add("http2")
        lines = {name: "LoadModule %s_module %s/mod_%s.so" % (name, settings.HTTPD_MODULES, name)
                 for name in wanted}
        if self.avcsec == "alphabetical":
            lines["avcsec"] = "LoadModule avcsec_module " + home.module()
        ordered = [lines[name] for name in sorted(lines)]
        if self.avcsec == "first":
            ordered.insert(0, "LoadModule avcsec_module " + home.module())
        elif self.avcsec == "last":
            ordered.append("LoadModule avcsec_module " + home.module())
        return "\n".join(ordered) + "\n"

    def config_text(self):
        text = self.module_lines() + BASE + MPM[self.mpm] + (STACK if self.mpm != "prefork" else "")
        if settings.AS_ROOT and self.started_by == "root":
            text += "User %s\nGroup %s\n" % (settings.USER, settings.USER)
        if "authz_core" in self.modules:
            text += ('<Directory "/">\nAllowOverride None\nRequire all denied\n</Directory>\n'
                     '<Directory "@docroot@">\n@directory@\n</Directory>\n')
        if "reqtimeout" in self.modules:
            text += "RequestReadTimeout header=20 body=20\n"
        if self.http2:
            text += "Protocols h2 h2c http/1.1\n"
        text += self.outside + "\n"
        if self.has_state:
            is_there = not self.entries or "AvcStore " in self.outside + self.site
            store = "" if is_there else "AvcStore file:uses:%d\n" % self.entries
            text += '<IfModule avcsec_module>\nAvcStateDir "@state@"\n%s</IfModule>\n' % store
        site = 'DocumentRoot "@docroot@"\n' + self.site
        if not self.tls:
            return text + site
        key, cert = home.certificate()
        return (text + "Listen 127.0.0.1:@tls@ https\nSSLSessionCache shmcb:@root@/run/ssl_cache(65536)\n"
                "<VirtualHost 127.0.0.1:@port@>\nServerName chat.example\n" + site +
                "\n</VirtualHost>\n<VirtualHost 127.0.0.1:@tls@>\nServerName chat.example\n"
                'SSLEngine on\nSSLCertificateFile "%s"\nSSLCertificateKeyFile "%s"\n' % (cert, key) +
                site + "\n</VirtualHost>\n")

    @property
    def config_file(self):
        return os.path.join(self.root, "conf", "httpd.conf")

    def write_config(self, site=None):
        if site is not None:
            self.site = site
        with open(self.config_file, "w") as out:
            out.write(self.fill(self.config_text()))
        os.chmod(self.config_file, 0o644)

    # -- life

    def command(self, *arguments):
        preload = [settings.PRELOAD] if settings.PRELOAD else []
        preload += [home.preloaded(name) for name, wanted in (("clock", self.clock), ("faults", self.faults),
                                                              ("haste", True), ("hangup", True)) if wanted]
        preload += [home.preloaded(name) for name in self.preload]
        run = ["env"] + ["AVC_%s_FILE=%s/run/%s" % (name.upper(), self.root, name)
                         for name in ("clock", "fault", "haste") + tuple(self.preload)] + list(self.environment)
        run.append("LD_PRELOAD=" + " ".join(preload))
        run += self.wrapped + settings.WRAP + [settings.HTTPD, "-f", self.config_file] + list(arguments)
        return self.among_mounts() + settings.as_user(run, self.started_by)

    def among_mounts(self):
        """Bind mounts, [(what, where)], that nobody but this server sees; needs root."""
        if not self.mounts:
            return []
        script = " && ".join(["mount --make-rprivate /"] + [
            "mount --bind '%s' '%s'" % mount for mount in self.mounts] + ['exec "$@"'])
        return ["unshare", "--mount", "sh", "-c", script, "sh"]

    def in_namespace(self, *command):
        """Runs a command where the server's mounts are."""
        subprocess.run(["nsenter", "--mount=/proc/%d/ns/mnt" % self.process.pid] + list(command), check=True)

    def configtest(self, *arguments):
        """(exit status, what httpd printed) of httpd -t."""
        done = subprocess.run(self.command("-t", *arguments), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60 * settings.PATIENCE)
        printed = done.stdout.decode("utf-8", "replace")
        for line in printed.splitlines():
            note_numbers(line)
        return done.returncode, printed

    def control(self, verb):
        """(exit status, output) of httpd -k VERB, as an admin's command would do it."""
        done = subprocess.run(self.command("-k", verb), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60 * settings.PATIENCE)
        self.shared(1, 0)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def set_clock(self, seconds):
        """The server's wall clock stands at this second from now on; None: real time."""
        path = os.path.join(self.root, "run", "clock")
        with open(path, "r+b" if os.path.exists(path) else "wb") as out:
            out.write(struct.pack("=q", int(seconds * 1000000) if seconds else 0))
        settings.give(path)

    def set_fault(self, which):
        """'i', 'u', 'F' or 's' of faults.c from now on; '-' for none."""
        path = os.path.join(self.root, "run", "fault")
        with open(path, "r+" if os.path.exists(path) else "w") as out:
            out.write(which)
        settings.give(path)

    def shared(self, place=None, value=0):
        """The three numbers of haste.c; place: sets one of them."""
        path = os.path.join(self.root, "run", "haste")
        if not os.path.exists(path):
            with open(path, "wb") as out:
                out.write(bytes(24))
            settings.give(path, self.started_by)
        with open(path, "r+b") as numbers:
            if place is not None:
                numbers.seek(8 * place)
                numbers.write(struct.pack("=q", value))
                numbers.seek(0)
            return struct.unpack("=3q", numbers.read())

    def looked(self, times=1):
        """Returns when the monitor hook has run that often since: it has seen a changed file."""
        wanted = self.shared()[0] + 10 * times + 1
        assert settings.until(lambda: self.shared()[0] >= wanted, 60), "the monitor does not run"

    @contextlib.contextmanager
    def unwatched(self):
        """The monitor hook does not run until the next signal(), control() or the end: a reload is
        the first to see what has changed."""
        self.shared(1, 1)
        assert settings.until(lambda: self.shared()[2], 60), "the parent goes on"
        yield
        self.shared(1, 0)

    def start(self):
        for port in (self.port, self.tls_port):
            assert port is None or port_is_free(port), "port %d is in use" % port
        if self.clock is not None:
            self.set_clock(self.clock)
        if self.faults:
            self.set_fault("-")
        self.shared(1, 0)
        begun = self.generations()
        with open(self.stderr, "ab") as errors:
            self.process = subprocess.Popen(
                self.command("-DFOREGROUND"), stdin=subprocess.DEVNULL, stdout=errors,
                stderr=errors, start_new_session=True, cwd="/")
        live.append(self)
        self.wait_generation(begun + 1)
        return self

    def error_log(self):
        path = os.path.join(self.root, "logs", "error.log")
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def generations(self):
        self.log.poll()
        return sum("resuming normal operations" in line for line in self.log.heard)

    def wait_generation(self, number):
        deadline = time.time() + 20 * settings.PATIENCE
        while self.generations() < number:
            gone = self.process.poll()
            if gone is not None or time.time() > deadline:
                with open(self.stderr, encoding="utf-8", errors="replace") as errors:
                    printed = errors.read()
                self.log.poll()
                raise AssertionError("httpd did not come up (exit %s):\n%s%s" % (
                    gone, printed, self.error_log()))
            time.sleep(0.01)

    def listening(self):
        """What descriptors of the sockets are open on, on which this server listens."""
        with open("/proc/net/tcp", encoding="ascii") as table:
            table.readline()
            # Those that listen come first; of connections there may be tens of thousands.
            rows = list(itertools.takewhile(lambda row: row[3] == "0A", map(str.split, table)))
        return {"socket:[%s]" % row[9] for row in rows
                if int(row[1].split(":")[1], 16) in (self.port, self.tls_port)}

    def signal(self, number):
        """SIGUSR1 graceful, SIGHUP full restart; returns when the next generation stands, and the
        last one accepts nothing any more (but for a prefork child that still answers)."""
        before, old, sockets = self.generations(), processes.children(self), self.listening()
        os.kill(self.process.pid, number)
        self.shared(1, 0)
        self.wait_generation(before + 1)
        settings.until(lambda: not any(sockets & set(processes.descriptors(pid).values()) for pid in old), 0.5, 0.02)

    def graceful(self):
        self.signal(signal.SIGUSR1)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def wait_stopped(self):
        """Returns when it has ended, as it was told."""
        try:
            self.process.wait(20 * settings.PATIENCE)
        except subprocess.TimeoutExpired:
            self.end()
            raise AssertionError("httpd did not stop as it was told")

    def end(self):
        assert processes.end(self.process, 20 * settings.PATIENCE), "httpd did not stop on SIGTERM"

    def stop(self):
        """Stops by pid, then holds every log file against the rules."""
        if self in live:
            live.remove(self)
        if self.is_running():
            self.end()
        self.log.disregard(r"AH00169: caught SIGTERM")
        assert_no_mac(os.path.join(self.root, "logs"))
        assert_no_mac(os.path.dirname(self.stderr) + "/run")
        self.log.assert_quiet()
        for port in (self.port, self.tls_port):
            assert port is None or port_is_free(port), "port %d is still in use" % port

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        self.stop()

    # -- asking

    def ask(self, target, method="GET", headers=(), body=b"", tls=False, **how):
        port = self.tls_port if tls else self.port
        return client.request(port, target, method, headers, body, tls=tls, **how)

    def raw(self, data, tls=False, **how):
        port = self.tls_port if tls else self.port
        return client.exchange(port, data if isinstance(data, bytes) else data.encode(), tls=tls, **how)

    def curl(self, target, *options, tls=False, **how):
        port = self.tls_port if tls else self.port
        return client.curl(port, target, *options, scheme="https" if tls else "http", **how)

    def allowed(self, target, *args, status=200, shows=None, **how):
        """Asks; a success that shows this text, and nothing loud is logged."""
        answer = self.ask(target, *args, **how)
        self.log.poll()
        assert answer.status == status, "%r\n%s" % (answer, "\n".join(self.log.pending))
        assert not self.log.pending, "\n".join(self.log.pending)
        if shows is not None:
            assert answer.text.strip() == shows.strip(), answer
        return answer

    def refused(self, target, reason, *args, status=403, lines=1, **how):
        """Asks; the answer is this refusal, with its one log line and no-store."""
        answer = self.ask(target, *args, **how)
        return self.is_refusal(answer, reason, status, lines)

    def is_refusal(self, answer, reason, status=403, lines=1):
        assert answer.status == status, "%r\n%s" % (answer, "\n".join(self.log.pending))
        self.log.claim(r"AVC\d{4}: %s: " % reason, count=lines)
        assert not self.log.pending, "\n".join(self.log.pending)
        assert "no-store" in answer.words("Cache-Control"), answer
        return answer

    def access_log(self):
        path = os.path.join(self.root, "logs", "access.log")
        with open(path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def logged(self, needle, patience=2.0):
        """The access-log lines that hold needle; waits for the first one."""
        deadline = time.time() + patience * settings.PATIENCE
        while True:
            found = [line for line in self.access_log().splitlines() if needle in line]
            if found or time.time() > deadline:
                return found
            time.sleep(0.02)


def stop_all(servers):
    """Stops each, whatever the others leave behind, and then says all that was wrong."""
    trouble = []
    for server in reversed(servers):
        try:
            server.stop()
        except AssertionError as wrong:
            trouble.append(str(wrong))
    assert not trouble, "\n".join(trouble)


def end_all():
    """The end of a run, however it came: no server of it goes on, by pid."""
    for server in list(live):
        if server.is_running():
            server.end()
