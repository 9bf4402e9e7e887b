#!/usr/bin/env python3
"""Drives the built binary with npm's SDKs, both lines: @modelcontextprotocol/sdk (1.x) and /client (2.x).

    tests/clients/install.sh FOLDER
    python3 tests/clients/npm_sdk.py target/debug/snipara-orchestrator FOLDER [stdio,http,sse]

The client is the process npm_sdk.mjs; the script and its claims are ours.
"""

import json
import pathlib
import subprocess
import sys
import threading

import story
import world as worlds
from matrix import TRANSPORTS, VERSIONS, address


def server(world, transport):
    if transport == "stdio":
        return {"command": world.binary, "args": world.stdio(), "env": world.environment()}
    return {"url": address(world, transport), "headers": world.bearer()}


def drive(folder, line, transport, era):
    def part(world):
        check = world.check
        node = worlds.program(folder, "node_modules/node/bin/node")
        script = pathlib.Path(__file__).with_name("npm_sdk.mjs")
        environment = world.environment(NPM_FOLDER=str(pathlib.Path(folder).resolve()))
        client = subprocess.Popen([node, script, line], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True)
        world.cleanup.callback(worlds.end, client)
        said = []
        threading.Thread(target=lambda: said.extend(client.stderr), daemon=True).start()
        # A hang ends with the client: its end of file is an answer, too.
        watchdog = threading.Timer(4 * worlds.PATIENCE_S, client.kill)
        watchdog.daemon = True
        watchdog.start()
        world.cleanup.callback(watchdog.cancel)

        def ask(document):
            client.stdin.write(json.dumps(document) + "\n")
            client.stdin.flush()
            answer = client.stdout.readline()
            if not answer:
                raise worlds.Failed(f"the client ended: {''.join(said)}")
            answer = json.loads(answer)
            if "failed" in answer:
                raise worlds.Failed(answer["failed"])
            return answer

        told = []

        def call(asked):
            result = ask({"tool": asked.tool, "arguments": asked.arguments})
            told.append(result["told"])
            text = "\n".join(block["text"] for block in result["content"] if block["type"] == "text")
            answer = story.Result(text, bool(result.get("isError")), result.get("structuredContent"))
            return story.both_forms(world, asked, answer)

        begun = ask({"transport": transport, "era": era, **server(world, transport)})
        check(begun["server"] == "snipara-orchestrator", "the server has our name", begun)
        if begun["version"]:
            check(begun["version"] == VERSIONS[era], f"the protocol is {VERSIONS[era]}", begun)
        story.play(story.script(world, f"npm-{line}"), begun["tools"], call)
        check(any(told), "progress was told", told)
        (task_id, ), = world.rows("SELECT id FROM tasks WHERE title = 'Deploy the shop'")
        contents = ask({"uri": f"task://{task_id}"})["contents"]
        check(json.loads(contents[0]["text"])["status"] == "done", "the whole report is a resource", contents)
        client.stdin.close()
        check(client.wait(timeout=worlds.PATIENCE_S) == 0, "the client ends well", said)
        story.after(world)

    return part


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(f"usage: {sys.argv[0]} BINARY FOLDER [TRANSPORTS]")
    chosen = sys.argv[3].split(",") if len(sys.argv) == 4 else TRANSPORTS
    matrix = [("1", transport, "legacy") for transport in chosen]
    matrix += [("2", transport, era) for transport in chosen for era in VERSIONS]
    worlds.main("npm_sdk", [(f"{line}.x {transport} {era}", drive(sys.argv[2], line, transport, era))
                            for line, transport, era in matrix])
