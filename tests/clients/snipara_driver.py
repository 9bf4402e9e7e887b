"""Makes calls with one of Snipara's own Python packages, unchanged; runs in that package's environment.

    PYTHON snipara_driver.py orchestrator|runtime|sandbox|stdio

Reads one JSON document a line, `{"call": name, "arguments": {…}}`, and answers each on a line of its own:
`{"result": …}`, or `{"error": "Type: words"}` where the package raised. Address, project and key are in the
environment under the names that the packages read themselves.
"""

import asyncio
import contextlib
import json
import os
import pathlib
import sys

URL = os.environ["SNIPARA_API_URL"]
PROJECT = os.environ["SNIPARA_PROJECT_SLUG"]
KEY = os.environ["SNIPARA_API_KEY"]


@contextlib.asynccontextmanager
async def orchestrator():
    from snipara_orchestrator.integrations.snipara import SniparaClient

    client = SniparaClient(api_key=KEY, project_slug=PROJECT, base_url=URL)
    yield lambda name, arguments: getattr(client, name)(**arguments)


@contextlib.asynccontextmanager
async def runtime():
    from snipara_mcp.rlm_tools import SniparaClient

    client = SniparaClient(api_key=KEY, project_slug=PROJECT)
    yield client.call_tool
    await client.close()


@contextlib.asynccontextmanager
async def sandbox():
    from rlm.tools.snipara import SniparaClient, get_native_snipara_tools

    client = SniparaClient(base_url=f"{URL}/mcp", project_slug=PROJECT, auth_header=f"Bearer {KEY}")
    tools = {tool.name: tool for tool in get_native_snipara_tools(client, memory_enabled=True)}
    yield lambda name, arguments: tools[name].handler(**arguments)
    await client.close()


@contextlib.asynccontextmanager
async def stdio():
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    server = StdioServerParameters(command=str(pathlib.Path(sys.executable).with_name("snipara-mcp")),
                                   env=dict(os.environ))

    async def call(name, arguments):
        if name == "tools/list":
            return [tool.name for tool in (await session.list_tools()).tools]
        result = await session.call_tool(name, arguments)
        return "\n".join(block.text for block in result.content if block.type == "text")

    async with stdio_client(server) as streams, ClientSession(*streams) as session:
        await session.initialize()
        yield call


async def main():
    kinds = {"orchestrator": orchestrator, "runtime": runtime, "sandbox": sandbox, "stdio": stdio}
    # What a package prints is not ours to read.
    answers, sys.stdout = sys.stdout, sys.stderr
    async with kinds[sys.argv[1]]() as call:
        while line := await asyncio.to_thread(sys.stdin.readline):
            asked = json.loads(line)
            try:
                answer = {"result": await call(asked["call"], asked["arguments"])}
            except Exception as error:  # Whatever the package raises is its answer.
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer, default=str), file=answers, flush=True)


asyncio.run(main())
