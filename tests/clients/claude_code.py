#!/usr/bin/env python3
"""Drives real Claude Code, offline, through a whole task: its model is a script on loopback.

    tests/clients/install.sh FOLDER
    python3 tests/clients/claude_code.py target/debug/snipara-orchestrator FOLDER [stdio,http,sse]
"""

import json
import sys

import story
import world as worlds
from scripted_model import Model
from matrix import address

SERVER = "snipara-orchestrator"


def entry(world, transport):
    """The server as .mcp.json has it."""
    if transport == "stdio":
        return {"command": world.binary, "args": world.stdio(), "env": world.server_environment()}
    # The token stays in the environment, as it should in a file that others read.
    headers = {"Authorization": "Bearer ${SNIPARA_ORCHESTRATOR_TOKEN}"}
    return {"type": transport, "url": address(world, transport), "headers": headers}


def drive(folder, transport):
    def part(world):
        claude = worlds.program(folder, "node_modules/.bin/claude")
        with Model(story.script(world, "claude-code", reader="ReadMcpResourceTool"), SERVER) as model:
            configuration = world.folder / "mcp.json"
            configuration.write_text(json.dumps({"mcpServers": {SERVER: entry(world, transport)}}))
            environment = world.environment(
                ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY="dummy", ENABLE_TOOL_SEARCH="false",
                CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1", DISABLE_TELEMETRY="1", DISABLE_ERROR_REPORTING="1",
                DISABLE_AUTOUPDATER="1", SNIPARA_ORCHESTRATOR_TOKEN=world.token, HTTPS_PROXY=model.url,
                HTTP_PROXY=model.url, NO_PROXY="127.0.0.1,localhost")
            command = [claude, "-p", "Ship the cart and prove it.", "--mcp-config", str(configuration),
                       "--strict-mcp-config", "--allowedTools", f"mcp__{SERVER}", "--output-format", "json"]
            ran = world.run(command, environment, world.repository)
            if model.error:
                raise worlds.Failed(model.error)
            world.check(model.finished, "the script came to its end", (ran.returncode, ran.stdout, ran.stderr))
            told = json.loads(ran.stdout)
            world.check(ran.returncode == 0 and told["result"] == story.LAST_WORD, "Claude Code ends well", told)
            world.check(told["permission_denials"] == [], "nothing was denied", told["permission_denials"])
            world.check(world.token not in json.dumps(model.requests), "the model was sent no token of ours")
            story.after(world)

    return part


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(f"usage: {sys.argv[0]} BINARY FOLDER [TRANSPORTS]")
    transports = sys.argv[3] if len(sys.argv) == 4 else "stdio,http,sse"
    worlds.main("claude_code", [(name, drive(sys.argv[2], name)) for name in transports.split(",")])
