#!/usr/bin/env python3
"""Lets `install` tell real Claude Code and real Codex of this server, and looks with their own programs. Then real Claude
Code (plain and with the plugins), Codex and Gemini CLI live through a task that is refused: the hook sends the agent back,
once, it mends and runs again, and may end; a new session is told what is open.

    tests/clients/install.sh FOLDER
    python3 tests/clients/installed.py target/debug/snipara-orchestrator FOLDER
"""

import json
import os
import pathlib
import subprocess
import sys

import story
import world as worlds
from scripted_model import Model

NAME = "snipara-orchestrator"
PLUGINS = sorted((pathlib.Path(__file__).resolve().parents[2] / "plugins").iterdir())


def environment(world, folder, **more):
    """Our binary and the clients' programs on PATH, by their names."""
    here = world.folder / "bin"
    here.mkdir()
    (here / NAME).symlink_to(world.binary)
    programs = pathlib.Path(folder).resolve() / "node_modules" / ".bin"
    path = f"{here}:{programs}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    return {**world.environment(), "PATH": path, "SNIPARA_PROJECT": worlds.PROJECT, "DISABLE_AUTOUPDATER": "1",
            "DISABLE_TELEMETRY": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", **more}


def succeeds(world, variables, *command):
    ran = world.run([*command], variables, world.repository)
    world.check(ran.returncode == 0, f"{' '.join(command[:3])} succeeds", (ran.returncode, ran.stdout, ran.stderr))
    return ran.stdout


def claude(folder):
    def part(world):
        variables = environment(world, folder)
        install = [NAME, "install", "claude", "--user", "--prod-url", world.url]
        world.check("(by `claude mcp`)" in succeeds(world, variables, *install), "Claude Code's own program is used")
        world.check("unchanged" in succeeds(world, variables, *install), "the second time nothing changes")
        told = succeeds(world, variables, "claude", "mcp", "get", NAME)
        world.check("User config" in told and "Connected" in told, "Claude Code reaches the server", told)
        succeeds(world, variables, NAME, "uninstall", "claude", "--user")
        ran = world.run(["claude", "mcp", "get", NAME], variables, world.repository)
        world.check(ran.returncode != 0, "Claude Code does not know it any more", ran.stdout)

    return part


def codex(folder):
    def part(world):
        variables = environment(world, folder)
        install = [NAME, "install", "codex", "--user", "--prod-url", world.url]
        world.check("(by `codex mcp`)" in succeeds(world, variables, *install), "Codex's own program is used")
        world.check("unchanged" in succeeds(world, variables, *install), "the second time nothing changes")
        servers = json.loads(succeeds(world, variables, "codex", "mcp", "list", "--json"))
        world.check([server["name"] for server in servers] == [NAME], "Codex knows the server", servers)
        world.check(servers[0]["tool_timeout_sec"] == 650, "Codex waits as long as a run may take", servers)
        succeeds(world, variables, NAME, "uninstall", "codex", "--user")
        world.check(json.loads(succeeds(world, variables, "codex", "mcp", "list", "--json")) == [], "Codex forgot it")

    return part


def refused_then_mended(world):
    """The agent says that all is done when nothing is; sent back, it mends production and runs the task again."""

    def script(_tools):
        result = yield story.Call("run_task", worlds.task("Ship the cart"))
        world.check("prod_fail" in result.text and "/api/cart" in result.text, "the agent is told why", result)
        (task_id, ), = world.rows("SELECT id FROM tasks")
        told = yield story.Say("All done.")
        world.check(f"Task {task_id}" in told.text and "not done" in told.text, "the agent is sent back", told)
        world.production.broken = False
        result = yield story.Call("run_task", {"task_id": task_id})
        world.check("done" in result.text, "the agent mended it", result)
        return story.LAST_WORD

    return script


def running(world):
    """A quick answer: the run goes on when the agent ends its turn."""

    def script(_tools):
        # Production is asked again until it is mended.
        result = yield story.Call("run_task", worlds.task("Ship the slow cart", wait_seconds=0, settle_seconds=90))
        world.check("running" in result.text, "the run goes on", result)
        (task_id, ), = world.rows("SELECT id FROM tasks")
        told = yield story.Say("All done.")
        world.check(f"Task {task_id}" in told.text and "task_status" in told.text, "the agent is told to wait", told)
        world.production.broken = False
        result = yield story.Call("task_status", {"task_id": task_id, "wait_seconds": 90})
        world.check("done" in result.text, "the agent waited for it", result)
        return story.LAST_WORD

    return script


def claude_session(world, folder, model, *more, server=NAME):
    variables = environment(
        world, folder, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY="dummy", ENABLE_TOOL_SEARCH="false",
        HTTPS_PROXY=model.url, HTTP_PROXY=model.url, NO_PROXY="127.0.0.1,localhost")
    return variables, ["claude", "-p", "Ship the cart.", *more, "--allowedTools", f"mcp__{server}",
                       "--output-format", "json"]


def codex_session(world, folder, model):
    home = world.home / ".codex"
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text("\n".join([
        "# the person's own", 'model = "scripted"', 'model_provider = "scripted"', "check_for_update_on_startup = false",
        "[analytics]", "enabled = false", "[model_providers.scripted]", 'name = "scripted"',
        f'base_url = "{model.url}/v1"', 'wire_api = "responses"', 'env_key = "SCRIPTED_MODEL_KEY"',
        "request_max_retries = 0", "stream_max_retries = 0", ""]))
    variables = environment(world, folder, SCRIPTED_MODEL_KEY="dummy", HTTPS_PROXY=model.url, HTTP_PROXY=model.url,
                            NO_PROXY="127.0.0.1,localhost")
    return variables, ["codex", "exec", "--json", "--skip-git-repo-check", "Ship the cart."]


def trust_in_codex(world, variables):
    """What a person does with `/hooks`: Codex tells what it would run, and its settings record it."""
    asks = [{"id": 1, "method": "initialize", "params": {"clientInfo": {"name": "person", "version": "1"}}},
            {"method": "initialized"}, {"id": 2, "method": "hooks/list", "params": {"cwds": [str(world.repository)]}}]
    server = subprocess.Popen(["codex", "app-server"], env=variables, cwd=world.repository, text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    world.cleanup.callback(worlds.end, server)
    server.stdin.write("".join(json.dumps(ask) + "\n" for ask in asks))
    server.stdin.flush()
    answers = (json.loads(line) for line in server.stdout)
    listed = next(answer for answer in answers if answer.get("id") == 2)["result"]["data"][0]["hooks"]
    world.check([hook["trustStatus"] for hook in listed] == ["untrusted"] * 2, "Codex waits for a person", listed)
    finding, = hooks_of_doctor(world, variables)
    world.check("not trusted yet" in finding, "doctor says so", finding)
    with open(world.home / ".codex" / "config.toml", "a") as config:
        for hook in listed:
            config.write(f'\n[hooks.state.{json.dumps(hook["key"])}]\ntrusted_hash = "{hook["currentHash"]}"\n')
    finding, = hooks_of_doctor(world, variables)
    world.check("Codex trusts them" in finding, "doctor says when they are trusted", finding)


def hooks_of_doctor(world, variables):
    told = json.loads(world.run([NAME, "doctor", "--json"], variables, world.repository).stdout)
    return [check["detail"] for check in told["checks"] if check["name"].endswith(" hooks")]


def gemini_session(world, folder, model):
    home = world.home / ".gemini"
    home.mkdir(exist_ok=True)
    (home / "settings.json").write_text(
        '{\n  // the person\'s own\n  "security": {"auth": {"selectedType": "gemini-api-key"}}\n}\n')
    variables = environment(world, folder, GEMINI_API_KEY="dummy", GOOGLE_GEMINI_BASE_URL=model.url,
                            HTTPS_PROXY=model.url, HTTP_PROXY=model.url, NO_PROXY="127.0.0.1,localhost")
    return variables, ["gemini", "-p", "Ship the cart.", "--yolo", "--skip-trust", "--model", "gemini-2.5-flash"]


SESSIONS = {"claude": claude_session, "codex": codex_session, "gemini": gemini_session}


def once(world):
    """What the hook noted itself: the agents say its reason to their models in forms of their own."""
    noted = json.loads((world.folder / "state" / "projects" / worlds.PROJECT / "hooks.json").read_text())
    tasks = [task for task, in world.rows("SELECT id FROM tasks")]
    world.check(noted["sent_back"] == tasks, "the agent was sent back once", noted)


def ends_well(world, model, ran):
    if model.error:
        raise worlds.Failed(model.error)
    world.check(ran.returncode == 0 and model.finished, "the session ends", (ran.stdout[-1500:], ran.stderr[-1500:]))
    rows = world.rows("SELECT DISTINCT status FROM tasks")
    world.check(rows == [("done", )], "the store says done", rows)


def hooked(folder, client, script=refused_then_mended, more=()):
    """A fresh HOME, our `install` alone, a session; then a new session, and nothing of ours after `uninstall`."""

    def part(world):
        world.production.broken = True
        with Model(script(world), NAME) as model:
            variables, command = SESSIONS[client](world, folder, model)
            own = {path: path.read_bytes() for path in world.home.rglob("*") if path.is_file()}
            install = [NAME, "install", client, "--user", "--prod-url", world.url, "--hooks", *more]
            succeeds(world, variables, *install)
            if client == "codex":
                trust_in_codex(world, variables)
            ends_well(world, model, world.run(command, variables, world.repository))
            once(world)
            hooks = hooks_of_doctor(world, variables)
            world.check(len(hooks) == 1 and "last called 20" in hooks[0], "doctor knows when it was called", hooks)

            world.production.broken = True
            left_open = world.cli("run", "Ship the basket", "-e", "/api/cart")
            world.check(left_open.get("status") == "prod_fail", "a task is open", left_open)
            model.requests.clear()
            model.start(lambda _tools: nothing())
            world.run(command, variables, world.repository)
            asked = json.dumps([body for _, body in model.requests])
            world.check(left_open["task_id"] in asked and "Next for the first" in asked, "a new session is told", asked)

            if client == "claude":
                model.requests.clear()
                world.run(["claude", "-p", "--continue", "/compact"], variables, world.repository)
                asked = json.dumps([body for _, body in model.requests])
                world.check("Keep this in the summary:\\nsnipara" in asked and left_open["task_id"] in asked,
                            "the summary is told to keep it", asked[-3000:])

            succeeds(world, variables, NAME, "uninstall", client)
            changed = [str(path) for path, text in own.items() if path.read_bytes() != text]
            world.check(changed == [], "what was there is there to the byte", changed)
            # What a client writes itself (records of sessions, caches) is its own.
            ours = [str(path) for name in ("settings.json", "hooks.json", "config.toml") for path in world.home.rglob(name)
                    if NAME in path.read_text()]
            world.check(ours == [], "uninstall leaves nothing behind", ours)

    return part


def nothing():
    """The model says one word and ends."""
    return story.LAST_WORD
    yield


def plugins(folder, script):
    """Claude Code with both plugins and no `install`."""

    def part(world):
        world.production.broken = True
        server = "plugin_snipara_orchestrator"
        with Model(script(world), server) as model:
            more = [word for plugin in PLUGINS for word in ("--plugin-dir", str(plugin))]
            variables, command = claude_session(world, folder, model, *more, server=server)
            # As a person says it who starts Claude Code; a file in the repository would need `trust`.
            ends_well(world, model, world.run(command, {**variables, "PROD_URL": world.url}, world.repository))
            once(world)

    return part


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} BINARY FOLDER")
    where = sys.argv[2]
    worlds.main("installed", [
        ("claude", claude(where)), ("codex", codex(where)),
        ("claude, sent back", hooked(where, "claude")),
        ("claude, running", hooked(where, "claude", running)),
        ("claude with plugins, sent back", plugins(where, refused_then_mended)),
        ("claude with plugins, running", plugins(where, running)),
        ("codex exec, sent back", hooked(where, "codex", more=["--approve"])),
        ("codex exec, running", hooked(where, "codex", running, more=["--approve"])),
        ("gemini, sent back", hooked(where, "gemini")),
        ("gemini, running", hooked(where, "gemini", running))])
