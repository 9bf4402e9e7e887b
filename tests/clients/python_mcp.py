#!/usr/bin/env python3
"""Drives the built binary over stdio with the Python `mcp` package (2.x): another author's client.

    python3 -m venv VENV && VENV/bin/pip install 'mcp>=2.3,<3'
    VENV/bin/python tests/clients/python_mcp.py target/debug/snipara-orchestrator

Starts a small production of its own, proves a task (done), breaks production, and sees the next task refused
(prod_fail); completes an htask that needs a proof, remembers and recalls; once in each protocol era. Exit code 0 when
all of it holds.
"""

import asyncio
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

from mcp import StdioServerParameters
from mcp.client import Client

PATHS = ["/api/users", "/api/orders", "/api/cart"]
# `auto` speaks server/discover (2026-07-28), `legacy` the initialize handshake (2025-11-25).
ERAS = {"auto": "2026-07-28", "legacy": "2025-11-25"}
PATIENCE = 60


class Production(http.server.BaseHTTPRequestHandler):
    """Healthy until `broken`: then the cart asks for a login."""

    protocol_version = "HTTP/1.1"
    broken = False

    def do_GET(self):
        if self.path == "/health":
            status, body = 200, {"status": "ok"}
        elif self.path == "/api/cart" and Production.broken:
            status, body = 401, {"error": "login"}
        elif self.path in PATHS:
            status, body = 200, {"path": self.path}
        else:
            status, body = 404, {"error": "not found"}
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def repository(folder):
    path = folder / "repository"
    path.mkdir()
    git = ["git", "-C", str(path), "-c", "user.name=test", "-c", "user.email=test@example.com"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message", "first"], check=True)
    return path


def task(title):
    checks = [{"url": path} for path in PATHS]
    return {"title": title, "local_tests": ["git --version"], "live_checks": checks}


async def answer(client, tool, **arguments):
    result = await client.call_tool(tool, arguments)
    check(not result.is_error, (tool, result))
    document = result.structured_content
    check(document["next_step"] in result.content[0].text, (tool, result))
    return document


async def proven_htask(client, era):
    """An htask that needs a proof: refused on words, completed by a run that is done; and what was remembered."""
    required = [{"type": "proof", "description": "the deploy answers"}]
    made = await answer(client, "htask_create", title=f"Ship {era}", description="Ship the cart", owner="ada",
                        evidence_required=required)
    claimed = await answer(client, "htask_next", claim_for_agent="python")
    row = claimed["tasks"][0]
    check(row["task_id"] == made["task_id"] and row["fencing_token"] > 0, claimed)

    refused = await client.call_tool("htask_complete", {"task_id": made["task_id"]})
    check(refused.is_error and "proof (the deploy answers)" in refused.content[0].text, refused)

    done = await answer(client, "run_task", **task(f"Ship the cart in era {era}"), htask_id=made["task_id"])
    check(done["status"] == "done", done)
    completed = await answer(client, "htask_complete", task_id=made["task_id"], fencing_token=row["fencing_token"])
    verdicts = {item["verdict"] for item in completed["evidence"]}
    check(completed["status"] == "COMPLETED" and verdicts == {"verified"}, completed)

    kept = await answer(client, "remember", content=f"The cart of era {era} needs a login", type="learning")
    found = await answer(client, "recall", query=f"does the cart need a login in era {era}?")
    check(found["memories"][0]["memory_id"] == kept["memory_id"], found)


async def whole_task(binary, folder, url, era, version):
    server = StdioServerParameters(
        command=binary,
        args=["mcp", "--prod-url", url, "--repo", str(folder / "repository"), "--project", "python-client",
              "--toolsets", "all", "--allow-any-command"],
        env={"PATH": os.environ["PATH"], "SNIPARA_ORCHESTRATOR_HOME": str(folder / "state")},
    )
    told = []

    async def progress(done, total, message):
        told.append(done)

    Production.broken = False
    async with Client(server, mode=era, read_timeout_seconds=PATIENCE) as client:
        check(client.protocol_version == version, f"{era}: {client.protocol_version}")
        check(client.server_info.name == "snipara-orchestrator", client.server_info)
        tools = [tool.name for tool in (await client.list_tools()).tools]
        check(tools[:2] == ["run_task", "task_status"], tools)

        result = await client.call_tool("run_task", task(f"Deploy in era {era}"), progress_callback=progress)
        report = result.structured_content
        check(not result.is_error and report["status"] == "done", result)
        check(result.content[0].text.startswith("done"), result.content)
        check(report["next_step"] in result.content[0].text, result.content)
        check(told and told == sorted(set(told)), f"progress: {told}")

        contents = (await client.read_resource(f"task://{report['task_id']}")).contents
        check(json.loads(contents[0].text)["status"] == "done", contents)

        Production.broken = True
        result = await client.call_tool("run_task", task(f"Broken deploy in era {era}"))
        report = result.structured_content
        check(not result.is_error and report["status"] == "prod_fail", result)
        check(report["failing"][0]["response_code"] == 401, report)

        result = await client.call_tool("run_task", {"title": "Wrong", "live_check": []})
        error = json.loads(result.content[0].text)
        check(result.is_error and result.structured_content is None, result)
        check("did you mean `live_checks`?" in error["message"], error)

        Production.broken = False
        await proven_htask(client, era)

        result = await client.call_tool("verify_proofs", {})
        check(result.structured_content["verified"] is True, result)
    print(f"{version}: done, then prod_fail, an htask proven; {len(told)} progress notifications")


async def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} BINARY")
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    production = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Production)
    threading.Thread(target=production.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{production.server_address[1]}"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        repository(folder)
        for era, version in ERAS.items():
            await asyncio.wait_for(whole_task(binary, folder, url, era, version), timeout=4 * PATIENCE)
    production.shutdown()


if __name__ == "__main__":
    asyncio.run(main())
