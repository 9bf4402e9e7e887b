#!/usr/bin/env python3
"""Drives the built binary with `fastmcp`'s client, every transport, both eras.

    tests/clients/install.sh FOLDER
    FOLDER/python/bin/python tests/clients/fastmcp_client.py target/debug/snipara-orchestrator [stdio,http,sse]
"""

import asyncio
import json

from fastmcp import Client
from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport

import story
import world as worlds
from matrix import VERSIONS, address, parts


def server(world, transport):
    if transport == "stdio":
        return StdioTransport(world.binary, world.stdio(), env=world.environment(), keep_alive=False)
    kind = StreamableHttpTransport if transport == "http" else SSETransport
    return kind(address(world, transport), auth=world.token)


async def whole_task(world, transport, era):
    check = world.check
    logged = []

    async def log(message):
        logged.append(message)

    async with Client(server(world, transport), mode=era, timeout=worlds.PATIENCE_S, log_handler=log) as client:
        # fastmcp itself speaks the older protocol over legacy SSE.
        version = VERSIONS["legacy" if transport == "sse" else era]
        check(client.session.protocol_version == version, f"the protocol is {version}", client.session.protocol_version)
        told = []

        async def progress(done, total, message):
            told.append(done)

        async def call(asked):
            result = await client.call_tool_mcp(asked.tool, asked.arguments, progress_handler=progress)
            text = "\n".join(block.text for block in result.content if block.type == "text")
            return story.both_forms(world, asked, story.Result(text, result.is_error, result.structured_content))

        tools = [tool.name for tool in await client.list_tools()]
        await story.play_async(story.script(world, "fastmcp"), tools, call)
        check(told, "progress was told")
        # In the older era a client asks for the log with a request of its own, which fastmcp does not send by itself.
        refusals = [message for message in logged if "prod_fail" in str(message.data)]
        check(bool(refusals) == (version == VERSIONS["auto"]), "the log comes to who asked for it", logged[-3:])

        (task_id, ), = world.rows("SELECT id FROM tasks WHERE title = 'Deploy the shop'")
        contents = await client.read_resource(f"task://{task_id}")
        check(json.loads(contents[0].text)["status"] == "done", "the whole report is a resource", contents)


def drive(transport, era):
    def part(world):
        asyncio.run(asyncio.wait_for(whole_task(world, transport, era), timeout=4 * worlds.PATIENCE_S))
        story.after(world)

    return part


if __name__ == "__main__":
    worlds.main("fastmcp", parts(drive))
