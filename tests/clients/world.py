"""What every client program here needs: a pretend production, a repository, our binary, and the truth by another path.

The truth is never read through the client under test: it comes from our command line (`task list --json`), from the
store by sqlite3, and from the list of requests that production received.
"""

import contextlib
import http.server
import json
import os
import pathlib
import queue
import re
import secrets
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading

PATHS = ["/api/users", "/api/orders", "/api/cart"]
PROJECT = "client-test"
# Seconds for any one answer; a busy machine is slow, a hang is for ever.
PATIENCE_S = 120


class Production(http.server.BaseHTTPRequestHandler):
    """Healthy until `broken`: then the cart asks for a login. `PUT /pretend/broken` and `/pretend/healthy` deploy."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        broken = self.server.broken
        if self.path == "/health":
            status, body = 200, {"status": "ok"}
        elif self.path == "/api/cart" and broken:
            status, body = 401, {"error": "login"}
        elif self.path in PATHS:
            status, body = 200, {"path": self.path}
        else:
            status, body = 404, {"error": "not found"}
        self.server.received.append((self.command, self.path, status))
        self.answer(status, body)

    do_HEAD = do_GET

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.broken = self.path == "/pretend/broken"
        self.answer(200, {"broken": self.server.broken})

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_):
        pass


class Failed(Exception):
    """A claim that does not hold."""


class World:
    """One folder, one production, one project; as a context manager it cleans up."""

    def __init__(self, binary):
        self.binary = str(pathlib.Path(binary).resolve())
        if not os.access(self.binary, os.X_OK):
            sys.exit(f"{binary} is no program; build it with `cargo build`")
        self.passed = 0
        self.token = secrets.token_urlsafe(32)
        self.cleanup = contextlib.ExitStack()

    def __enter__(self):
        self.folder = pathlib.Path(self.cleanup.enter_context(tempfile.TemporaryDirectory(prefix="client-test-")))
        self.production = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Production)
        self.production.broken = False
        self.production.received = []
        threading.Thread(target=self.production.serve_forever, daemon=True).start()
        self.cleanup.callback(self.production.server_close)
        self.cleanup.callback(self.production.shutdown)
        self.url = f"http://127.0.0.1:{self.production.server_address[1]}"
        self.repository = self.folder / "repository"
        self.repository.mkdir()
        self.home = self.folder / "home"
        self.home.mkdir()
        git = ["git", "-C", str(self.repository), "-c", "user.name=test", "-c", "user.email=test@example.com"]
        subprocess.run([*git, "init", "--quiet"], check=True)
        (self.repository / "README.md").write_text("# Shop\n\nThe cart needs a login cookie from the gateway.\n")
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "--quiet", "--message", "first"], check=True)
        return self

    def __exit__(self, *_):
        self.cleanup.close()

    def check(self, holds, claim, seen=None):
        """Counts a claim that holds; raises on one that does not."""
        if not holds:
            raise Failed(claim if seen is None else f"{claim}; seen: {str(seen)[:2000]}")
        self.passed += 1

    # Our binary

    def settings(self):
        """The flags that make every process of this world see the same project."""
        return ["--prod-url", self.url, "--repo", str(self.repository), "--project", PROJECT]

    def stdio(self, *more):
        """The arguments of a server over stdio."""
        return ["mcp", *self.settings(), *more]

    def server_environment(self):
        return {"SNIPARA_ORCHESTRATOR_HOME": str(self.folder / "state")}

    def environment(self, **more):
        """A process environment without a trace of the caller's home, keys and settings."""
        path = os.environ.get("PATH", "/usr/bin:/bin")
        return {"PATH": path, "HOME": str(self.home), "LANG": "C.UTF-8", **self.server_environment(), **more}

    def bearer(self):
        """The header that lets a client in."""
        return {"Authorization": f"Bearer {self.token}"}

    def serve(self):
        """Starts a server over HTTP that asks for our token; returns its address, such as http://127.0.0.1:4711."""
        tokens = self.folder / "tokens"
        tokens.touch(mode=0o600)
        tokens.write_text(f"client read,validate,write {self.token}\n")
        arguments = [self.binary, "serve", "--bind", "127.0.0.1:0", "--token-file", str(tokens), *self.settings()]
        process = subprocess.Popen(arguments, env=self.environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.cleanup.callback(end, process)
        lines = queue.Queue()

        def read():
            for line in process.stderr:
                lines.put(line)
            lines.put(None)

        threading.Thread(target=read, daemon=True).start()
        said = ""
        while True:
            try:
                line = lines.get(timeout=PATIENCE_S)
            except queue.Empty:
                raise Failed(f"`serve` did not say where it listens: {said}") from None
            if line is None:
                raise Failed(f"`serve` ended: {said}")
            said += line
            if found := re.search(r"https?://(127\.0\.0\.1|localhost):\d+", said):
                return found.group(0)

    def run(self, command, environment, folder=None):
        """Runs a client to its end; what it started ends with it."""
        process = subprocess.Popen(command, env=environment, cwd=folder or self.folder, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        try:
            out, err = process.communicate(timeout=2 * PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise Failed(f"{command[0]} did not end in {2 * PATIENCE_S} s") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    # The truth

    def cli(self, *arguments):
        """Returns the JSON document of a command of ours, whatever its exit code."""
        command = [self.binary, *arguments, "--json", *self.settings()]
        ran = subprocess.run(command, env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             timeout=PATIENCE_S)
        try:
            return json.loads(ran.stdout)
        except ValueError:
            raise Failed(f"{arguments}: exit {ran.returncode}, {ran.stdout!r}, {ran.stderr!r}") from None

    def rows(self, query, *values):
        """Asks the store itself."""
        path = self.folder / "state" / "projects" / PROJECT / "store.sqlite3"
        try:
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
                return connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise Failed(f"the store {path.name} cannot be read: {error}") from None

    def status(self, task_id):
        """The status and attempt of a task, as the store has them."""
        found = self.rows("SELECT status, attempt FROM tasks WHERE id = ?", task_id)
        return found[0] if found else None

    def requests(self, path):
        return [request for request in self.production.received if request[1] == path]


def end(process):
    """Ends a process of ours, politely first."""
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def cause(error):
    """The first error inside the groups that asynchronous clients raise."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, Failed) else f"{type(error).__name__}: {error}"


def task(title, **more):
    """The arguments of a task whose three checks production answers while it is healthy."""
    return {"title": title, "local_tests": [], "live_checks": [{"url": path} for path in PATHS], **more}


def program(folder, name):
    """The path of a program that install.sh put into `folder`."""
    path = pathlib.Path(folder).resolve() / name
    if not path.exists():
        sys.exit(f"{path} is missing; run tests/clients/install.sh {folder}")
    return str(path)


def main(name, parts):
    """Runs each (title, function of a world) in a world of its own, prints the count, and exits with 1 on a failure."""
    binary = sys.argv[1]
    passed, failed = 0, 0
    for title, part in parts:
        with World(binary) as world:
            try:
                part(world)
                print(f"ok   {name} {title} ({world.passed} claims)", flush=True)
            except Exception as error:  # Whatever a client raises, the next part is tried.
                failed += 1
                print(f"FAIL {name} {title}: {cause(error)}", flush=True)
            passed += world.passed
    print(f"{name}: {passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)
