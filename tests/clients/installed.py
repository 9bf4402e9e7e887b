#!/usr/bin/env python3
"""Lets `install` tell real Claude Code and real Codex of this server, and looks with their own programs; the optional
Stop hook then sends a real Claude Code back once that ends its turn with a task that is not done.

    tests/clients/install.sh FOLDER
    python3 tests/clients/installed.py target/debug/snipara-orchestrator FOLDER
"""

import json
import os
import pathlib
import sys

import story
import world as worlds
from scripted_model import Model

NAME = "snipara-orchestrator"
GATE = pathlib.Path(__file__).resolve().parents[2] / "plugins" / "claude-code-stop-gate"


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


def stop_gate(folder, broken):
    """A session that ends after one run; with the gate's plugin it may end when the run was done, and goes on when not."""

    def script(world):
        def calls(_tools):
            result = yield story.Call("run_task", worlds.task("Ship the cart"))
            found = story.document(result.text)
            wanted = "prod_fail" if broken else "done"
            world.check(found.get("status") == wanted, f"the run is {wanted}", result)
            return "All done."

        return calls

    def part(world):
        world.production.broken = broken
        with Model(script(world), NAME) as model:
            variables = environment(
                world, folder, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY="dummy", ENABLE_TOOL_SEARCH="false",
                HTTPS_PROXY=model.url, HTTP_PROXY=model.url, NO_PROXY="127.0.0.1,localhost")
            succeeds(world, variables, NAME, "install", "claude", "--user", "--prod-url", world.url)
            ran = world.run(["claude", "-p", "Ship the cart.", "--plugin-dir", str(GATE), "--allowedTools", f"mcp__{NAME}",
                             "--output-format", "json"], variables, world.repository)
            if model.error:
                raise worlds.Failed(model.error)
            world.check(ran.returncode == 0 and model.finished, "the session ends", (ran.stdout, ran.stderr))
            [(task_id, status)] = world.rows("SELECT id, status FROM tasks")
            asked = [json.dumps(body) for path, body in model.requests if path == "/v1/messages"]
            sent_back = [text for text in asked if f"Task {task_id}" in text and "not done" in text]
            if broken:
                world.check(status == "prod_fail", "the store says prod_fail", status)
                world.check(len(sent_back) == 1, "the agent was sent back exactly once", asked[-1])
            else:
                world.check(status == "done", "the store says done", status)
                world.check(sent_back == [], "the agent may end", asked[-1])

    return part


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} BINARY FOLDER")
    where = sys.argv[2]
    worlds.main("installed", [("claude", claude(where)), ("codex", codex(where)),
                              ("stop gate, refused", stop_gate(where, True)), ("stop gate, done", stop_gate(where, False))])
