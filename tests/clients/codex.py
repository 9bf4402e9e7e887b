#!/usr/bin/env python3
"""Drives real Codex, offline, through a whole task: its model is a script on loopback.

    tests/clients/install.sh FOLDER
    python3 tests/clients/codex.py target/debug/snipara-orchestrator FOLDER [stdio,http]

Codex has no legacy SSE transport.
"""

import json
import sys

import story
import world as worlds
from scripted_model import Model
from matrix import address

SERVER = "snipara-orchestrator"


def configuration(world, model, transport):
    """config.toml: JSON's strings and lists of strings are TOML's, too."""
    if transport == "stdio":
        environment = ", ".join(f"{name} = {json.dumps(value)}" for name, value in world.server_environment().items())
        server = [f"command = {json.dumps(world.binary)}", f"args = {json.dumps(world.stdio())}",
                  f"env = {{ {environment} }}"]
    else:
        server = [f"url = {json.dumps(address(world, transport))}",
                  'bearer_token_env_var = "SNIPARA_ORCHESTRATOR_TOKEN"']
    return "\n".join([
        'model = "scripted"', 'model_provider = "scripted"', "check_for_update_on_startup = false",
        "[analytics]", "enabled = false",
        "[model_providers.scripted]", 'name = "scripted"', f'base_url = "{model.url}/v1"', 'wire_api = "responses"',
        'env_key = "SCRIPTED_MODEL_KEY"', "request_max_retries = 0", "stream_max_retries = 0",
        # `codex exec` asks nobody: without this it refuses each tool that may change something.
        f"[mcp_servers.{SERVER}]", *server, "tool_timeout_sec = 650", 'default_tools_approval_mode = "approve"', ""])


def drive(folder, transport):
    def part(world):
        codex = worlds.program(folder, "node_modules/.bin/codex")
        with Model(story.script(world, "codex", reader="read_mcp_resource"), SERVER) as model:
            codex_home = world.home / ".codex"
            codex_home.mkdir()
            (codex_home / "config.toml").write_text(configuration(world, model, transport))
            environment = world.environment(
                CODEX_HOME=str(codex_home), SCRIPTED_MODEL_KEY="dummy", SNIPARA_ORCHESTRATOR_TOKEN=world.token,
                HTTPS_PROXY=model.url, HTTP_PROXY=model.url, NO_PROXY="127.0.0.1,localhost")
            command = [codex, "exec", "--json", "--skip-git-repo-check", "Ship the cart and prove it."]
            ran = world.run(command, environment, world.repository)
            if model.error:
                raise worlds.Failed(model.error)
            world.check(model.finished, "the script came to its end", (ran.returncode, ran.stdout, ran.stderr))
            events = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
            said = [event["item"].get("text") for event in events if event["type"] == "item.completed"]
            world.check(ran.returncode == 0 and said[-1] == story.LAST_WORD, "Codex ends well", events[-3:])
            world.check(world.token not in json.dumps(model.requests), "the model was sent no token of ours")
            story.after(world)

    return part


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(f"usage: {sys.argv[0]} BINARY FOLDER [TRANSPORTS]")
    transports = sys.argv[3] if len(sys.argv) == 4 else "stdio,http"
    worlds.main("codex", [(name, drive(sys.argv[2], name)) for name in transports.split(",")])
