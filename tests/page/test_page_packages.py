# SPDX-License-Identifier: Apache-2.0
"""What stands beside the signers: package metadata, types, documents; and the places
they run in: no dependency, an edge without a process, the oldest versions promised.
"""
import ast
import importlib.util
import json
import re
import shutil
import subprocess
import tomllib

import pytest

import page_reference as reference
from page_signers import ALL_KEYS, NOW, PAGE, environment, page_key

README = (PAGE / "README.md").read_text()
SOURCES = {name: (PAGE / name).read_text() for name in ("avcsec.py", "avcsec.php", "avcsec.mjs")}
EXAMPLES = dict(re.findall(r"```(php|js|python)\n(.*?)```", README, re.S))


def output(command, cwd, **env):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120,
                          env=environment(**env))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def npm(tmp_path, *arguments, cwd=PAGE):
    quiet = {"npm_config_cache": str(tmp_path / "npm"), "npm_config_update_notifier": "false",
             "npm_config_offline": "true", "npm_config_audit": "false"}
    return output(["npm", *arguments], cwd, **quiet)


@pytest.fixture
def page(tmp_path):
    """A copy of the folder, for what writes beside its source."""
    return shutil.copytree(PAGE, tmp_path / "page", ignore=shutil.ignore_patterns("__pycache__"))


def python_signer():
    spec = importlib.util.spec_from_file_location("avcsec_under_test", PAGE / "avcsec.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


OPTIONS = {*python_signer()._TOKEN_OPTIONS, "carrier", "force"}


# Documents


@pytest.mark.parametrize("language, command", [
    ("php", ["php"]), ("js", ["node"]), ("python", ["/usr/bin/python3", "-B"])])
def test_the_readmes_examples_run_as_they_stand(language, command, page):
    file = page / ("example." + {"js": "mjs"}.get(language, language))
    file.write_text(EXAMPLES[language])
    lines = output([*command, str(file)], page, AVC_PAGE_KEY=ALL_KEYS).splitlines()
    assert len(lines) >= 2
    for line in lines:
        token = re.search(r"avc1~for\.[A-Za-z0-9._~-]+", line)[0]
        claims = reference.read(token)
        path, _, query = line.partition("?")
        canonical = "*" if claims["for"] == "session" else path.replace("/~" + token, "", 1)
        if line == token:  # the upload's path stands in the example only
            canonical = "/chat/upload.php"
        assert reference.mac_is_right(token, ALL_KEYS, canonical, query), line


def test_every_option_stands_in_the_readme_the_types_and_the_sources():
    table = re.search(r"## Options\n(.*)", README, re.S)[1]
    rows = re.findall(r"^\| ([^|]+) \|", table, re.M)
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == OPTIONS
    types = (PAGE / "avcsec.d.mts").read_text()
    assert set(re.findall(r"^  (\w+)\?:", types, re.M)) == OPTIONS
    options = re.findall(r"^        (\w+): ", SOURCES["avcsec.py"].split("_LATEST =")[0], re.M)
    assert set(options) == OPTIONS
    for source in SOURCES.values():
        documented = source.split("// What is signed")[0].split("# What is signed")[0]
        assert not [o for o in OPTIONS if not re.search(rf"\b{o}\b", documented)]


# Packages


def test_the_npm_package_holds_the_signer_and_its_types(tmp_path):
    (packed,) = json.loads(npm(tmp_path, "pack", "--dry-run", "--json"))
    assert {f["path"] for f in packed["files"]} == {
        "README.md", "avcsec.d.mts", "avcsec.mjs", "package.json", "player.d.mts", "player.mjs"}


def test_the_npm_package_is_imported_by_its_name(tmp_path, page):
    npm(tmp_path, "pack", "--pack-destination", str(tmp_path), cwd=page)
    site = tmp_path / "site"
    site.mkdir()
    (site / "package.json").write_text('{"private": true}')
    npm(tmp_path, "install", "--no-save", "../avcsec-0.1.0.tgz", cwd=site)
    (site / "use.mjs").write_text("import { sign } from 'avcsec'\n"
                                  "console.log(await sign('/a', { expires: 5 }))\n")
    assert output(["node", "use.mjs"], site, AVC_PAGE_KEY=page_key("file")).startswith("/a?avc=avc1~")


def test_the_javascript_types_take_right_calls_and_refuse_wrong_ones(page):
    (page / "right.mts").write_text("""
        import { AvcsecError, sign, token } from './avcsec.mjs'
        import { freshLinks } from './player.mjs'
        const url: Promise<string> = sign('/a', { expires: '1h', args: new URLSearchParams('a=1') })
        const more = sign('/a', { ip: ['::1'], args: [['a', 1]], unsigned: true, carrier: 'path' })
        const session = token(null, { purpose: 'session', sub: 7, claim: { xa: 'b' } })
        const links: Promise<string> = freshLinks(() => Promise.resolve('/a')).current()
        console.log(url, more, session, links, new AvcsecError('x').message)
    """)
    tsc = ["tsc", "--strict", "--noEmit", "--module", "nodenext", "--target", "es2022",
           "--lib", "es2022,dom,dom.iterable"]
    wrong = ["sign('/a', { ips: '::1' })", "sign(null)", "token('/a', { carrier: 'path' })",
             "sign('/a', { purpose: 'files' })", "sign('/a', { args: ['a'] })"]
    lines = ["import { sign, token } from './avcsec.mjs'", *wrong]
    (page / "wrong.mts").write_text("\n".join(lines) + "\n")
    done = subprocess.run([*tsc, "right.mts", "wrong.mts"], cwd=page, capture_output=True, text=True)
    failing = re.findall(r"^(\S+?)[(:](\d+).*: error", done.stdout, re.M)
    assert set(failing) == {("wrong.mts", str(n)) for n in range(2, 2 + len(wrong))}, done.stdout


def test_the_python_types_take_right_calls_and_refuse_wrong_ones(page):
    mypy = ["mypy", "--strict", "--enable-incomplete-feature=Unpack", "--cache-dir=/dev/null"]
    (page / "right.py").write_text("import avcsec\n"
                                   "avcsec.sign('/a', expires='1h', ip=['::1'], args={'a': 1})\n"
                                   "avcsec.token(purpose='session', until=5, sub='x')\n")
    wrong = ["avcsec.sign('/a', ips='::1')", "avcsec.sign(None)", "avcsec.token('/a', carrier='path')",
             "avcsec.sign('/a', purpose='files')", "avcsec.sign('/a', ip=None)"]
    (page / "wrong.py").write_text("\n".join(["import avcsec", *wrong]) + "\n")
    done = subprocess.run([*mypy, "avcsec.py", "right.py", "wrong.py"], cwd=page, capture_output=True, text=True)
    failing = re.findall(r"^(\S+?):(\d+): error", done.stdout, re.M)
    assert set(failing) == {("wrong.py", str(n)) for n in range(2, 2 + len(wrong))}, done.stdout


def test_composer_takes_the_package_and_loads_the_class(tmp_path, page):
    root = {"COMPOSER_ALLOW_SUPERUSER": "1", "COMPOSER_HOME": str(tmp_path / "composer"),
            "COMPOSER_DISABLE_NETWORK": "1"}
    output(["composer", "validate", "--strict", "--no-interaction"], page, **root)
    site = tmp_path / "site"
    site.mkdir()
    (site / "composer.json").write_text(json.dumps({
        "repositories": [{"type": "path", "url": "../page", "options": {"symlink": False}},
                         {"packagist.org": False}],
        "require": {"mod-avcsec/avcsec": "*"}, "minimum-stability": "dev"}))
    output(["composer", "install", "--no-interaction", "--no-progress"], site, **root)
    code = "require 'vendor/autoload.php'; echo Avcsec::sign('/a', ['expires' => 5]), new AvcsecError('!');"
    assert output(["php", "-r", code], site, AVC_PAGE_KEY=page_key("file")).startswith("/a?avc=avc1~")


def test_the_python_project_names_its_module_and_builds(page, tmp_path):
    project = tomllib.loads((PAGE / "pyproject.toml").read_text())
    assert project["tool"]["setuptools"]["py-modules"] == ["avcsec"]
    build = "import sys, setuptools.build_meta as b; print(b.build_wheel(sys.argv[1]))"
    wheel = output(["/usr/bin/python3", "-c", build, str(tmp_path)], page).splitlines()[-1]
    code = "import sys, avcsec; print(avcsec.__file__, avcsec.sign('/a', expires=5))"
    out = output(["/usr/bin/python3", "-B", "-c", code], tmp_path, PYTHONPATH=str(tmp_path / wheel),
                 AVC_PAGE_KEY=page_key("file"))
    assert wheel in out and "/a?avc=avc1~" in out


def test_the_packages_agree_in_name_version_and_licence():
    python = tomllib.loads((PAGE / "pyproject.toml").read_text())["project"]
    node = json.loads((PAGE / "package.json").read_text())
    php = json.loads((PAGE / "composer.json").read_text())
    assert (python["name"], node["name"], php["name"]) == ("avcsec", "avcsec", "mod-avcsec/avcsec")
    assert python["version"] == node["version"] == "0.1.0"
    assert python["license"]["text"] == node["license"] == php["license"] == "Apache-2.0"
    assert python["description"] == node["description"] == php["description"]


# Where they run


def test_the_signers_depend_on_nothing():
    tree = ast.parse(SOURCES["avcsec.py"], feature_version=(3, 9))
    imports = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import)
               for alias in node.names}
    assert imports <= {"base64", "datetime", "hashlib", "hmac", "ipaddress", "os", "re", "secrets", "time"}
    assert not re.search(r"^import\b|\brequire\(|from '", re.sub(r"^//.*", "", SOURCES["avcsec.mjs"], flags=re.M),
                         re.M)
    assert not re.search(r"^\s*(require|include|use)\b", SOURCES["avcsec.php"], re.M)


NODE = """
    const real = globalThis.crypto
    PREPARE
    const { token } = await import('./avcsec.mjs')
    const options = { expires: 60, max: 1, now: NOW, id: '0123456789abcdef' }
    console.log(await token('/a', { ...options, ...KEY }))
"""


def node_token(prepare, key, **env):
    code = NODE.replace("PREPARE", prepare).replace("NOW", str(NOW)).replace("KEY", json.dumps(key))
    return subprocess.run(["node", "--input-type=module", "-e", code], cwd=PAGE, capture_output=True,
                          text=True, env=environment(**env))


def test_javascript_runs_where_crypto_is_no_global_as_in_node_18():
    usual = node_token("", {}, AVC_PAGE_KEY=page_key("file"))
    old = node_token("Object.defineProperty(globalThis, 'crypto', { value: undefined })", {},
                     AVC_PAGE_KEY=page_key("file"))
    assert usual.returncode == old.returncode == 0, usual.stderr + old.stderr
    assert usual.stdout == old.stdout and usual.stdout.startswith("avc1~")


def test_javascript_runs_without_a_process_as_at_an_edge():
    edge = "Object.defineProperty(globalThis, 'process', { value: undefined })"
    given = node_token(edge, {"key": page_key("file")})
    assert given.returncode == 0 and given.stdout.startswith("avc1~"), given.stderr
    assert "no page key" in node_token(edge, {}, AVC_PAGE_KEY=page_key("file")).stderr
    bare = edge + "; Object.defineProperty(globalThis, 'crypto', { value: {} })"
    assert "a secure context is needed" in node_token(bare, {"key": page_key("file")}).stderr


@pytest.mark.parametrize("path, options", [
    ("/a", "'expires' => 5, 'key' => getenv('K') . 'x'"), ("/a", "'expires' => 5, 'purpose' => 'call'"),
    ("/a", "'expires' => 5, 'ip' => 'x'"), ("/a", "'expires' => 5, 'args' => ['a.b' => 1]"),
    ("/a", "'expires' => 'x'"), ("/a", "'expires' => 5, 'claim' => ['y' => 1]"), ("/a", "'ips' => 1"),
    ("/a", "'expires' => 5, 'dir' => 1"), ("a", "'expires' => 5"), ("/a", "'expires' => 5, 'max' => 0"),
    ("/a", "'expires' => 5, 'unsigned' => 1")])
def test_a_php_trace_with_arguments_holds_no_page_key(path, options):
    code = f"""require 'avcsec.php';
        try {{ Avcsec::sign('{path}', [{options}] + ['key' => getenv('K')]); }}
        catch (AvcsecError $e) {{ print_r($e->getTrace()); echo $e; }}"""
    trace = output(["php", "-d", "zend.exception_ignore_args=0", "-d", "zend.exception_string_param_max_len=500",
                    "-r", code], PAGE, K=page_key("file"))
    assert "[class] => Avcsec" in trace and "SensitiveParameterValue" in trace
    assert page_key("file").split("~")[3][:10] not in trace
