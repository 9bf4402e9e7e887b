#!/usr/bin/env python3
"""Drives the built binary with the MCP Inspector's command line: one process, one connection a call.

    tests/clients/install.sh FOLDER
    python3 tests/clients/inspector.py target/debug/snipara-orchestrator FOLDER [stdio,http,sse]

Over stdio each call has a server of its own, so this is also a test that nothing lives in a server's memory only.
"""

import json
import pathlib
import sys

import story
import world as worlds
from matrix import TRANSPORTS, address

# One era a transport, so that each is driven and the whole stays short.
ERAS = {"stdio": "modern", "http": "legacy", "sse": "legacy"}


def drive(folder, transport):
    def part(world):
        inspector = worlds.program(folder, "node_modules/.bin/mcp-inspector")
        node = pathlib.Path(worlds.program(folder, "node_modules/node/bin/node")).parent
        environment = world.environment(MCP_INSPECTOR_TELEMETRY="0")
        environment["PATH"] = f"{node}:{environment['PATH']}"
        if transport == "stdio":
            entry = {"command": world.binary, "args": world.stdio(), "env": world.environment()}
        else:
            kind = {"http": "streamable-http"}.get(transport, transport)
            entry = {"type": kind, "url": address(world, transport), "headers": world.bearer()}
        configuration = world.folder / "mcp.json"
        configuration.write_text(json.dumps({"mcpServers": {"ours": entry}}))

        def inspect(method, *more):
            command = [inspector, "--cli", "--config", str(configuration), "--server", "ours", "--protocol-era",
                       ERAS[transport], "--format", "json", "--quiet", "--method", method, *more]
            ran = world.run(command, environment)
            try:
                return ran.returncode, json.loads(ran.stdout)
            except ValueError:
                raise worlds.Failed(f"{method} {more}: exit {ran.returncode}, {ran.stdout!r} {ran.stderr!r}") from None

        def call(asked):
            code, answer = inspect("tools/call", "--tool-name", asked.tool, "--tool-args-json",
                                   json.dumps(asked.arguments))
            result = answer.get("result", answer)
            text = "\n".join(block["text"] for block in result["content"] if block["type"] == "text")
            is_error = bool(result.get("isError"))
            world.check((code != 0) == is_error, f"the exit code of {asked.tool} tells its error", (code, answer))
            return story.both_forms(world, asked, story.Result(text, is_error, result.get("structuredContent")))

        # 6 would be a schema that some host cannot use.
        code, answer = inspect("tools/list", "--strict")
        world.check(code == 0, "the inspector finds no fault in our schemas", answer)
        tools = [tool["name"] for tool in answer.get("result", answer)["tools"]]
        short = transport != "stdio"
        story.play(story.script(world, "inspector", short), tools, call)
        if not short:
            story.after(world)

    return part


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(f"usage: {sys.argv[0]} BINARY FOLDER [TRANSPORTS]")
    chosen = sys.argv[3].split(",") if len(sys.argv) == 4 else TRANSPORTS
    worlds.main("inspector", [(transport, drive(sys.argv[2], transport)) for transport in chosen])
