#!/usr/bin/env python3
"""Drives the built binary with the Python `mcp` package (2.x): another author's client, every transport, both eras.

    tests/clients/install.sh FOLDER
    FOLDER/python/bin/python tests/clients/python_mcp.py target/debug/snipara-orchestrator [stdio,http,sse]
"""

import asyncio
import json

from mcp import StdioServerParameters
from mcp.client import Client
from mcp.client.sse import sse_client
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

import story
import world as worlds
from matrix import VERSIONS, address, parts


def server(world, transport):
    if transport == "stdio":
        environment = world.environment()
        return StdioServerParameters(command=world.binary, args=world.stdio("--toolsets", "all"), env=environment)
    url = address(world, transport)
    if transport == "http":
        return streamable_http_client(url, http_client=create_mcp_http_client(headers=world.bearer()))
    return sse_client(url, headers=world.bearer())


async def whole_task(world, transport, era):
    check = world.check
    async with Client(server(world, transport), mode=era, read_timeout_seconds=worlds.PATIENCE_S) as client:
        check(client.protocol_version == VERSIONS[era], f"the protocol is {VERSIONS[era]}", client.protocol_version)
        check(client.server_info.name == "snipara-orchestrator", "the server has our name", client.server_info)
        told = []

        async def progress(done, total, message):
            told.append(done)

        async def call(asked):
            result = await client.call_tool(asked.tool, asked.arguments, progress_callback=progress)
            text = "\n".join(block.text for block in result.content if block.type == "text")
            return story.both_forms(world, asked, story.Result(text, result.is_error, result.structured_content))

        tools = [tool.name for tool in (await client.list_tools()).tools]
        check(tools[:2] == ["run_task", "task_status"], "the tools are listed in our order", tools)
        await story.play_async(story.script(world, "python"), tools, call)
        check(told, "progress was told")

        (task_id, ), = world.rows("SELECT id FROM tasks WHERE title = 'Deploy the shop'")
        contents = (await client.read_resource(f"task://{task_id}")).contents
        check(json.loads(contents[0].text)["status"] == "done", "the whole report is a resource", contents)


def drive(transport, era):
    def part(world):
        asyncio.run(asyncio.wait_for(whole_task(world, transport, era), timeout=4 * worlds.PATIENCE_S))
        story.after(world)

    return part


if __name__ == "__main__":
    worlds.main("python_mcp", parts(drive))
