#!/usr/bin/env python3
"""Makes every package from one program and tries each with its registry's own client, from the built files alone.

    tests/packages/install.sh FOLDER
    python3 tests/packages/try.py target/debug/snipara-orchestrator FOLDER

No registry is asked: what a client would fetch lies in a folder, or on a registry of our own on loopback.
"""

import hashlib
import http.server
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "clients"), str(ROOT / "packaging")]

import facts  # noqa: E402
import world as worlds  # noqa: E402

NAMES = (facts.PROGRAM, *facts.OTHER_NAMES)
VERSION = facts.facts().version
HANDSHAKE = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
    "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "try", "version": "1"}}}) + "\n"


def build(out, *programs, **variables):
    builder = [sys.executable, str(ROOT / "packaging" / "build.py")]
    environment = {**os.environ, **variables}
    subprocess.run([*builder, "programs", str(out), *map(str, programs)], check=True, stdout=subprocess.DEVNULL,
                   env=environment)
    subprocess.run([*builder, "release", str(out)], check=True, stdout=subprocess.DEVNULL, env=environment)


class Tried:
    """A world with the packages and the clients that try them."""

    def __init__(self, world, out, folder, program):
        self.world, self.out, self.folder, self.program = world, out, pathlib.Path(folder).resolve(), program
        self.place = world.folder / "place"
        self.place.mkdir()

    def one(self, pattern):
        found = sorted(self.out.glob(pattern))
        self.world.check(len(found) == 1, f"one file is {pattern}", found)
        return str(found[0])

    def wheel(self):
        return self.one("*.whl")

    def environment(self, *bins):
        """No index, no cache of ours; the clients' own programs and those of `bins` on PATH."""
        tools = [*map(str, bins), str(self.folder / "python" / "bin")]
        path = ":".join([*tools, "/usr/local/bin:/usr/bin:/bin"])
        return self.world.environment(
            PATH=path, PIP_NO_INDEX="1", PIP_DISABLE_PIP_VERSION_CHECK="1", UV_OFFLINE="1", UV_NO_CONFIG="1",
            UV_PYTHON=sys.executable, UV_PYTHON_DOWNLOADS="never", PIPX_HOME=str(self.place / "pipx"),
            PIPX_BIN_DIR=str(self.place / "pipx-bin"), PIPX_DEFAULT_BACKEND="uv", npm_config_update_notifier="false",
            npm_config_audit="false", npm_config_fund="false")

    def run(self, *command, bins=(), code=0, said=None, **more):
        ran = self.world.run([*map(str, command)], {**self.environment(*bins), **more}, self.place)
        seen = (ran.returncode, ran.stdout[-1500:], ran.stderr[-1500:])
        self.world.check(ran.returncode == code, f"{' '.join(map(str, command[:3]))} ends with {code}", seen)
        if said:
            self.world.check(said in ran.stdout + ran.stderr, f"it says {said!r}", seen)
        return ran.stdout

    def python(self, *words, **more):
        return self.run(self.folder / "python" / "bin" / words[0], *words[1:], **more)

    def works(self, *start, demo=False, bins=()):
        """Whatever starts the program hands on its words, its answer over standard output, and its exit code."""
        self.run(*start, "--version", bins=bins, said=VERSION)
        self.run(*start, "run", bins=bins, code=2, said="error")
        answer = subprocess.run([*map(str, start), "mcp", "--prod-url", self.world.url], input=HANDSHAKE, text=True,
                                cwd=self.world.repository, env=self.environment(*bins), capture_output=True,
                                timeout=worlds.PATIENCE_S)
        name = json.loads(answer.stdout or "{}").get("result", {}).get("serverInfo", {}).get("name")
        self.world.check(name == facts.PROGRAM and answer.returncode == 0, "the handshake is answered", answer)
        if demo:
            self.run(*start, "demo", bins=bins)


def platforms(tried):
    """Of programs that others built: the tags are those of their own wheels."""
    def told(path):
        script = f"import binary, json; print(json.dumps(binary.read({str(path)!r}).wheel_tags))"
        return [sys.executable, "-B", "-c", script]

    place, = (tried.folder / "python" / "lib").glob("python3*/site-packages")
    own, = place.glob("uv-*.dist-info/WHEEL")
    tags = [line.removeprefix("Tag: py3-none-") for line in own.read_text().splitlines() if line.startswith("Tag: ")]
    more = {"PYTHONPATH": str(ROOT / "packaging")}
    read = json.loads(tried.run(*told(tried.folder / "python" / "bin" / "uv"), **more))
    # For other processors its authors promise more than the program needs.
    if platform.machine() == "x86_64":
        tried.world.check(read == tags, "a wheel that maturin built has these tags", (read, tags))
    for name, tag in (("t64.exe", "win_amd64"), ("t64-arm.exe", "win_arm64")):
        tried.run(*told(place / "pip" / "_vendor" / "distlib" / name), said=tag, **more)
    tried.run(*told(shutil.which("git")), code=1, said="which not every Linux has", **more)
    tried.run(*told(__file__), code=1, said="it is no program of", **more)


def same_bytes(tried):
    """Any program will do: the smallest there is."""
    prints = []
    zones = [{"TZ": "UTC"}, {"TZ": "Pacific/Auckland"}, {"SOURCE_DATE_EPOCH": "1700000000"}]
    for number, variables in enumerate(zones):
        out = tried.place / str(number)
        build(out, "/bin/true", **variables)
        prints.append({file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in out.iterdir()})
    tried.world.check(prints[0] == prints[1] and len(prints[0]) == 7, "the same input gives the same bytes", prints)
    differ = [name for name in prints[0] if prints[0][name] != prints[2][name]]
    tried.world.check(len(differ) == 7, "SOURCE_DATE_EPOCH is the time that they hold", differ)


def checked(tried):
    tried.python("twine", "check", "--strict", tried.wheel(), tried.one("*_mcp-*.tar.gz"))
    tried.python("check-wheel-contents", tried.wheel())
    # Compares every file with its digest in RECORD.
    tried.python("wheel", "unpack", "--dest", tried.place, tried.wheel())
    mcpb = tried.folder / "node_modules" / ".bin" / "mcpb"
    tried.run(mcpb, "unpack", tried.one("*.mcpb"), tried.place / "bundle")
    tried.run(mcpb, "validate", tried.place / "bundle" / "manifest.json")
    tried.works(tried.place / "bundle" / "server" / facts.PROGRAM)
    document = json.loads((tried.out / "server.json").read_text())
    kinds = [package["registryType"] for package in document["packages"]]
    tried.world.check(kinds == ["oci", "npm", "pypi", "mcpb"], "the registry's document lists every way", kinds)
    digest = hashlib.sha256(pathlib.Path(tried.one("*.mcpb")).read_bytes()).hexdigest()
    tried.world.check(document["packages"][3]["fileSha256"] == digest, "with the bundle's digest", document)


def release_archive(tried):
    with tarfile.open(tried.one(f"{facts.PROGRAM}-*-linux-*.tar.gz")) as archive:
        archive.extractall(tried.place, filter="data")
    folder, = tried.place.iterdir()
    for name in NAMES[:2]:
        tried.run(folder / name, "--version", said=VERSION)


def pip(tried):
    tried.run(sys.executable, "-m", "venv", "venv")
    bin = tried.place / "venv" / "bin"
    tried.run(bin / "pip", "install", tried.wheel())
    tried.works(bin / NAMES[0], demo=True)
    for name in NAMES[1:]:
        tried.works(bin / name)
    tried.works(bin / "python", "-m", "snipara_orchestrator_mcp")
    tried.run(bin / "pip", "uninstall", "--yes", facts.PACKAGE)
    left = [name for name in NAMES if (bin / name).exists()]
    tried.world.check(left == [], "nothing is left behind", left)
    tag = tried.wheel().removesuffix(".whl").split("-")[-1].split(".")[0]
    tried.run(bin / "pip", "install", tried.one("*_mcp-*.tar.gz"), code=1, said=tag)


def uvx(tried):
    start = [tried.folder / "python" / "bin" / "uvx", "--from", tried.wheel()]
    for name in NAMES:
        tried.works(*start, name)
    # As somebody says it who knows the package's name alone.
    tried.run(start[0], "--find-links", tried.out, facts.PACKAGE, "--version", said=VERSION)


def pipx(tried):
    tried.python("pipx", "install", tried.wheel())
    for name in NAMES:
        tried.works(tried.place / "pipx-bin" / name)


def npm_files(tried):
    """From the two files, without a registry and without scripts."""
    launcher, program = tried.one(f"{facts.PACKAGE}-{VERSION}.tgz"), tried.one(f"{facts.PACKAGE}-linux-*.tgz")
    tried.run("npm", "install", "--offline", "--ignore-scripts", launcher, program)
    bin = tried.place / "node_modules" / ".bin"
    tried.works(bin / NAMES[0], demo=True)
    for name in NAMES[1:]:
        tried.works(bin / name)
    elsewhere = "Object.defineProperty(process, 'arch', { value: 'riscv64' });"
    script = f"{elsewhere} require('{tried.place}/node_modules/{facts.PACKAGE}/launcher.js')"
    tried.run("node", "--eval", script, code=3, said="has no program for linux-riscv64; there are: linux-")
    # As npm leaves it where optional packages are omitted.
    shutil.rmtree(tried.place / "node_modules" / pathlib.Path(program).name.removesuffix(f"-{VERSION}.tgz"))
    tried.run(bin / NAMES[0], "--version", code=3, said="--include=optional")


def npm_registry(tried):
    """As people do: by name, from a registry that has a package of another platform, too."""
    store = tried.place / "store"
    store.mkdir()
    for file in tried.out.glob("*.tgz"):
        shutil.copy(file, store)
    other = facts.PACKAGE + "-darwin-arm64"
    with Registry(store, other) as url:
        more = {"npm_config_registry": url}
        tried.run("npm", "install", "--ignore-scripts", facts.PACKAGE, **more)
        installed = sorted(path.name for path in (tried.place / "node_modules").glob(f"{facts.PACKAGE}*"))
        tried.world.check(len(installed) == 2 and other not in installed, "this platform's alone is there", installed)
        tried.works(tried.place / "node_modules" / ".bin" / NAMES[0])
        apart = tried.place / "apart"
        apart.mkdir()
        tried.run("npx", "--yes", "--prefix", apart, facts.PACKAGE, "--version", said=VERSION, **more)


def action(tried):
    """The scripts of action.yml as a runner starts them, with a `gh` that hands out the built files."""
    runner = {name: str(tried.place / name.lower()) for name in
              ("RUNNER_TEMP", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    bin = tried.place / "bin"
    for folder in (tried.place / "runner_temp", bin):
        folder.mkdir()
    served = tried.place / "served"
    served.mkdir()
    # The archive of a release is the static one; its content is this program's.
    name = f"{facts.PROGRAM}-{VERSION}-x86_64-unknown-linux-musl"
    with tarfile.open(served / f"{name}.tar.gz", "w:gz") as archive:
        archive.add(tried.program, f"{name}/{facts.PROGRAM}")
    digest = hashlib.sha256((served / f"{name}.tar.gz").read_bytes()).hexdigest()
    (served / "SHA256SUMS").write_text(f"{digest}  {name}.tar.gz\n{'0' * 64}  other.tar.gz\n")
    gh = bin / "gh"
    gh.write_text(f'#!/bin/sh\n[ "$3" = v{VERSION} ] && cp {served}/* .\n')
    gh.chmod(0o755)
    scripts = ROOT / "packaging" / "action"
    system = {"RUNNER_OS": "Linux", "RUNNER_ARCH": "X64"}
    tried.run(scripts / "install.sh", bins=[bin], **runner, **system)
    program = pathlib.Path(runner["GITHUB_ENV"]).read_text().strip().partition("=")[2]
    given = {"INPUT_PROD_URL": tried.world.url, "INPUT_TITLE": "--Deploy <b>`it`</b>", "INPUT_ENDPOINTS":
             "/api/users\n/api/cart\n", "SNIPARA_ORCHESTRATOR": program}
    tried.run(scripts / "run.sh", bins=[bin], **runner, **given)
    summary, outputs = (pathlib.Path(runner[name]) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"))
    tried.world.check("✅ DONE" in summary.read_text() and "<b>" not in summary.read_text(), "the summary says done",
                      summary.read_text())
    tried.world.production.broken = True
    tried.run(scripts / "run.sh", bins=[bin], code=5, **runner, **given)
    tried.world.check("| 401" in summary.read_text() or "got 401" in summary.read_text(), "and why not",
                      summary.read_text())
    said = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
    tried.world.check(said["status"] == "prod_fail" and said["exit-code"] == "5", "the outputs say it", said)
    tried.world.check(json.loads(pathlib.Path(said["report"]).read_text())["task_id"] == said["task-id"], "and where")
    tried.run(scripts / "run.sh", bins=[bin], code=2, **runner, **{**given, "INPUT_ENDPOINTS": ""})
    tried.world.check("No task was run" in summary.read_text(), "a wrong call is told", summary.read_text())
    tried.run(scripts / "install.sh", bins=[bin], code=3, said="there are: Linux", **runner,
              **{**system, "RUNNER_ARCH": "RISCV64"})
    (served / "SHA256SUMS").write_text(f"{'0' * 64}  {name}.tar.gz\n")
    tried.run(scripts / "install.sh", bins=[bin], code=1, **runner, **system)


class Registry:
    """npm's registry as far as `npm install` asks it: a document a package, and its file."""

    def __init__(self, store, other):
        documents = {}
        for file in store.iterdir():
            with tarfile.open(file) as archive:
                documents[file] = json.load(archive.extractfile("package/package.json"))
        first = next(document for document in documents.values() if document["name"] == facts.PACKAGE)
        first["optionalDependencies"][other] = VERSION
        with tarfile.open(store / f"{other}-{VERSION}.tgz", "w:gz"):
            pass
        documents[store / f"{other}-{VERSION}.tgz"] = {"name": other, "version": VERSION, "os": ["darwin"],
                                                       "cpu": ["arm64"]}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.lstrip("/")
                if (store / name).is_file():
                    return self.answer(200, (store / name).read_bytes())
                for file, document in documents.items():
                    if document["name"] == name:
                        dist = {"tarball": f"{self.server.url}/{file.name}",
                                "shasum": hashlib.sha1(file.read_bytes()).hexdigest()}
                        whole = {"name": name, "dist-tags": {"latest": VERSION},
                                 "versions": {VERSION: {**document, "dist": dist}}}
                        return self.answer(200, json.dumps(whole).encode())
                return self.answer(404, b"{}")

            def answer(self, status, body):
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.server.url

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def main(binary, folder):
    with tempfile.TemporaryDirectory(prefix="packages-") as scratch:
        program = pathlib.Path(scratch) / facts.PROGRAM
        # A program with debug information is three times as large; a release's has none.
        subprocess.run(["strip", "-o", str(program), binary], check=True)
        out = pathlib.Path(scratch) / "out"
        build(out, program)

        def with_packages(part):
            return lambda world: part(Tried(world, out, folder, program))

        parts = [platforms, same_bytes, checked, release_archive, pip, uvx, pipx, npm_files, npm_registry,
                 action]
        worlds.main("packages", [(part.__name__, with_packages(part)) for part in parts])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} BINARY FOLDER")
    main(*sys.argv[1:])
