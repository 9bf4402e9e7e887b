#!/usr/bin/env python3
"""Snipara's own Python packages, unchanged from PyPI, against `serve`: our server is their Snipara.

    tests/clients/install.sh FOLDER
    python3 tests/clients/snipara_python.py target/debug/snipara-orchestrator FOLDER

snipara-orchestrator 0.1.5 and 1.13.1 (every command that honours SNIPARA_API_URL, and the library behind them),
snipara-mcp 2.8.42 (its stdio server, its runtime tools, its `snipara` command) and snipara-sandbox 2.4.1 (its client).
What they say is checked against the store and against our own command line.
"""

import json
import pathlib
import subprocess
import sys
import threading

import world as worlds
from world import PROJECT, Failed, program

DRIVER = pathlib.Path(__file__).with_name("snipara_driver.py")
MEMORY = "Sessions of the gateway live in Redis for thirty minutes"


def environment(world, url, **more):
    """What the packages read; wide lines, so that what they print can be read back."""
    read = {"SNIPARA_API_URL": url, "SNIPARA_API_KEY": world.token, "SNIPARA_PROJECT": PROJECT,
            "SNIPARA_PROJECT_SLUG": PROJECT, "COLUMNS": "220", "NO_COLOR": "1", "TERM": "dumb"}
    return world.environment(**{**read, **more})


class Driver:
    """A package that makes calls one after the other."""

    def __init__(self, world, python, kind, url, **more):
        self.process = subprocess.Popen([python, str(DRIVER), kind], env=environment(world, url, **more), text=True,
                                        cwd=world.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.said = []
        threading.Thread(target=lambda: self.said.extend(self.process.stderr), daemon=True).start()
        world.cleanup.callback(worlds.end, self.process)

    def answer(self, call, arguments):
        alarm = threading.Timer(worlds.PATIENCE_S, self.process.kill)
        alarm.start()
        try:
            self.process.stdin.write(json.dumps({"call": call, "arguments": arguments}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            alarm.cancel()
        if not line:
            raise Failed(f"{call}: the package ended without an answer: {''.join(self.said)[-2000:]}")
        return json.loads(line)

    def call(self, call, **arguments):
        answer = self.answer(call, arguments)
        if "error" in answer:
            raise Failed(f"{call} raised {answer['error']}")
        return answer["result"]

    def refused(self, call, **arguments):
        """Returns the words of what the package raised."""
        answer = self.answer(call, arguments)
        if "error" not in answer:
            raise Failed(f"{call} was not refused: {answer}")
        return answer["error"]


def scalar(world, query, *values):
    found = world.rows(query, *values)
    return found[0][0] if found else None


def status(world, task):
    return scalar(world, "SELECT status FROM htasks WHERE id = ?", task)


# snipara-orchestrator


def commands(world, python, url):
    """Returns what runs a command of theirs and gives what it printed; a JSON document where it is one."""
    cli = str(pathlib.Path(python).with_name("snipara-orchestrator"))
    empty = world.folder / "elsewhere"
    empty.mkdir(exist_ok=True)

    def run(*words):
        ran = world.run([cli, *words], environment(world, url), folder=empty)
        if ran.returncode != 0:
            raise Failed(f"{words}: exit {ran.returncode}, {ran.stdout[-1500:]!r}, {ran.stderr[-1500:]!r}")
        try:
            return json.loads(ran.stdout)
        except ValueError:
            return ran.stdout

    return run


def orchestrator_cli(python, slash, version):
    def part(world):
        check = world.check
        # A slash at the end of the address doubles the one that they add.
        run = commands(world, python, world.serve() + slash)

        said = run("remember", MEMORY, "--type", "decision", "--category", "architecture", "--ttl", "30")
        memory = scalar(world, "SELECT id FROM memories WHERE content = ?", MEMORY)
        check(memory and memory in said, "remember prints the id that lies in the store", said)
        check(world.rows("SELECT memory_type, category FROM memories") == [("decision", "architecture")],
              "type and category are kept")
        said = run("recall", "where do sessions of the gateway live")
        check(MEMORY[:40] in said and "decision" in said, "recall shows it", said)
        check("No memories found" in run("recall", "zebra quagga okapi"), "recall says that there is nothing")

        swarm = run("swarm-create", "crew", "--description", "ships it")["swarm_id"]
        check(scalar(world, "SELECT name FROM swarms WHERE id = ?", swarm) == "crew", "the swarm lies in the store")
        run("swarm-join", "-s", swarm, "-a", "ada", "--name", "Ada", "--capability", "python")
        members = world.rows("SELECT agent_id, role, name FROM swarm_members WHERE swarm_id = ?", swarm)
        check(members == [("ada", "worker", "Ada")], "the agent is a member", members)

        feature = run("htask-create-feature", "Cart", "-s", swarm, "-d", "A cart", "-o", "ada", "-w", "API")
        check(scalar(world, "SELECT level FROM htasks WHERE id = ?", feature["feature_id"]) == "N1_FEATURE",
              "the feature is an N1", feature)
        api = feature["workstream_ids"]["API"]
        task = run("htask-create", "Serve the cart", "-s", swarm, "-d", "Answers", "-o", "ada", "--parent-id", api,
                   "-p", "P0", "--acceptance", '{"id": "1", "text": "it answers", "checked": false}',
                   "--evidence-required", '{"type": "test", "description": "green"}',
                   "--context-query", "login cookie of the gateway")["task_id"]
        row = world.rows("SELECT level, priority, parent_id, status FROM htasks WHERE id = ?", task)
        check(row == [("N3_TASK", "P0", api, "PENDING")], "the task is an N3 under its workstream", row)
        check("README.md" in scalar(world, "SELECT context_refs FROM htasks WHERE id = ?", task),
              "what the context query found is referred to")
        batch = run("htask-next", "-s", swarm, "-l", "3")
        check(batch["tasks"][0]["task_id"] == task, "what is most urgent comes first", batch)

        refused = run("htask-complete", task, "-s", swarm, "--result", "done")
        check(refused["success"] is False and refused["code"] == "evidence_missing",
              "without the evidence that it needs it is refused in-band", refused)
        check(status(world, task) == "PENDING", "and stays as it was")
        done = run("htask-complete", task, "-s", swarm, "-e", "test:12 passed", "--result", "done",
                   "--learning", "The cart needs a warm cache")
        check(done["status"] == "COMPLETED" and status(world, task) == "COMPLETED", "with it, it is completed", done)
        check(scalar(world, "SELECT count(*) FROM memories WHERE category = ?", f"htask:{task}") == 1,
              "a memory tells of it")
        tree = run("htask-tree", "-s", swarm, "-t", feature["feature_id"])
        check(tree["tree"]["task_id"] == feature["feature_id"] and tree["tree"]["children"], "the tree is shown", tree)
        ours = world.cli("htask-tree", "--swarm-id", swarm, "--task-id", feature["feature_id"])
        check(json.dumps(tree["tree"]["children"][0]["task_id"]) in json.dumps(ours), "our command line shows the same")
        if version == "1.13.1":
            newer(world, run)

    return part


def newer(world, run):
    """What 1.13.1 has besides."""
    check = world.check
    made = run("htask-bootstrap", "Search", "-d", "A search", "-o", "ada", "--swarm-name", "autonomous", "-w", "API")
    check(scalar(world, "SELECT name FROM swarms WHERE id = ?", made["swarm_id"]) == "autonomous",
          "the swarm is made by name", made)
    parent = scalar(world, "SELECT parent_id FROM htasks WHERE id = ?", made["feature_id"])
    check(scalar(world, "SELECT level FROM htasks WHERE id = ?", parent) == "N0_INITIATIVE", "with an initiative above")
    lone = run("htask-create", "Alone", "-d", "No parent", "-o", "ada", "--swarm-name", "autonomous")["task_id"]
    again = run("swarm-create", "autonomous", "--reuse-existing")
    check(again["swarm_id"] == made["swarm_id"], "a swarm is reused by name", again)
    batch = run("htask-next", "--swarm-name", "autonomous", "--claim-for-agent", "bob", "-l", "10")
    claimed = {task["task_id"] for task in batch["tasks"]}
    check(lone in claimed and len(claimed) == 2, "the starter task and the lone one are claimed", batch)
    rows = world.rows("SELECT id FROM htasks WHERE claimed_by = 'bob' AND status = 'IN_PROGRESS'")
    check({row[0] for row in rows} == claimed, "the store says the same", rows)


def orchestrator_library(python, version):
    def part(world):
        check = world.check
        client = Driver(world, python, "orchestrator", world.serve())
        swarm = client.call("ensure_swarm", agent_id="main", name="s", description="d")["swarm_id"]
        joined = client.call("ensure_swarm", agent_id="main", name="s", description="d", existing_swarm_id=swarm)
        check(joined["join"]["agent_id"] == "main", "an existing swarm is joined", joined)
        sections = client.call("query_context", query="login cookie of the gateway")["sections"]
        check(sections and sections[0]["file"] == "README.md", "documents answer", sections)
        set_to = client.call("set_state", swarm_id=swarm, agent_id="main", key="phase", value={"step": 1})
        check(set_to["version"] == 1, "state is written", set_to)
        read = client.call("get_state", swarm_id=swarm, key="phase")
        check(read["found"] and read["value"] == {"step": 1}, "and read", read)
        check(client.call("get_state", swarm_id=swarm, key="none")["found"] is False, "what is not there is not found")
        client.call("broadcast", swarm_id=swarm, agent_id="main", event_type="ready", payload={"n": 1})
        check(world.rows("SELECT event_type FROM swarm_events WHERE event_type = 'ready'"), "the event lies in the store")
        client.call("remember", content=MEMORY)
        check(client.call("list_memories")["memories"][0]["content"] == MEMORY, "memories are listed")

        first = client.call("create_task", swarm_id=swarm, agent_id="main", title="First", priority=2)["task_id"]
        check(scalar(world, "SELECT level FROM htasks WHERE id = ?", first) == "N3_TASK", "a flat task is an N3")
        done = client.call("complete_task", swarm_id=swarm, agent_id="main", task_id=first, success=True,
                           result={"ok": 1})
        if version == "0.1.5":
            check(done["status"] == "completed" and status(world, first) == "COMPLETED", "it is completed", done)
            second = client.call("create_task", swarm_id=swarm, agent_id="main", title="Second")["task_id"]
            client.call("complete_task", swarm_id=swarm, agent_id="main", task_id=second, success=False,
                        result={"why": "no disk"})
            check(status(world, second) == "BLOCKED", "what failed is blocked")
        else:
            # This version completes the htask itself and sends no evidence: the policy refuses that, in-band.
            check(done["success"] is False and done["code"] == "evidence_missing", "no evidence, no end", done)
            check(status(world, first) == "PENDING", "it stays open")
        asked = client.call("ask", question="anything")
        check(asked["success"] is False and asked["code"] == "not_offered", "what is not offered says so", asked)

    return part


def strangers(python):
    def part(world):
        url = world.serve()
        wrong = Driver(world, python, "orchestrator", url, SNIPARA_API_KEY="planted-wrong-key-000")
        error = wrong.refused("remember", content="never kept")
        world.check("401" in error, "a wrong key is refused", error)
        other = Driver(world, python, "orchestrator", url, SNIPARA_PROJECT_SLUG="elsewhere")
        error = other.refused("remember", content="never kept")
        world.check("404" in error, "another project is not found", error)
        good = Driver(world, python, "orchestrator", url)
        good.call("remember", content=MEMORY)
        world.check(world.rows("SELECT content FROM memories") == [(MEMORY,)], "only the right one is kept")

    return part


# snipara-mcp


def stdio_server(python):
    def part(world):
        check = world.check
        more = {"SNIPARA_TOOL_PROFILE": "full", "SNIPARA_IGNORE_OAUTH": "true"}
        client = Driver(world, python, "stdio", world.serve() + "/", **more)
        tools = client.call("tools/list")
        check("snipara_recall" in tools, "its tools are listed", tools)

        said = client.call("snipara_remember", text=MEMORY, type="decision")
        memory = scalar(world, "SELECT id FROM memories WHERE content = ?", MEMORY)
        check(memory and f"ID: {memory}" in said, "remember tells the id", said)
        said = client.call("snipara_recall", query="where do sessions of the gateway live")
        check("Recalled 1 memories" in said and MEMORY in said, "recall finds it", said)
        check(memory in client.call("snipara_memories"), "memories lists it")
        said = client.call("snipara_context_query", query="login cookie of the gateway")
        check("README.md" in said and "login cookie" in said, "documents answer", said)

        newer = client.call("snipara_remember", text="Sessions of the gateway live in Postgres", type="decision")
        newer_id = scalar(world, "SELECT id FROM memories WHERE content LIKE '%Postgres'")
        check(newer_id in newer, "another is kept", newer)
        said = client.call("snipara_memory_supersede", old_memory_id=memory, new_memory_id=newer_id)
        check("SUPERSEDED" in said and "ACTIVE" in said, "one supersedes the other", said)
        client.call("snipara_memory_invalidate", memory_id=newer_id, reason="moved")
        statuses = world.rows("SELECT status FROM memories ORDER BY row_number")
        check(statuses == [("SUPERSEDED",), ("INVALIDATED",)], "the store says the same", statuses)
        said = client.call("snipara_forget", memory_id=memory)
        check("1 memory removed" in said and "(1 memories)" in said, "forget removes one", said)

        client.call("snipara_swarm_create", name="crew")
        swarm = scalar(world, "SELECT id FROM swarms WHERE name = 'crew'")
        said = client.call("snipara_swarm_join", swarm_id=swarm, agent_id="ada")
        check("Agent ID: ada" in said, "an agent joins", said)
        claim = {"swarm_id": swarm, "agent_id": "ada", "resource_type": "file", "resource_id": "src/main.rs"}
        check("Resource claimed" in client.call("snipara_claim", **claim), "a file is claimed")
        check("Claim extended" in client.call("snipara_claim", **claim), "and prolonged")
        theirs = client.call("snipara_claim", **{**claim, "agent_id": "bob"})
        check("**Error:**" in theirs, "a stranger is refused", theirs)
        check("Claim released" in client.call("snipara_release", **claim), "it is given back")
        said = client.call("snipara_state_set", swarm_id=swarm, agent_id="ada", key="phase", value={"step": 1})
        check("phase → v1" in said, "state is written", said)
        said = client.call("snipara_state_get", swarm_id=swarm, key="phase")
        check('"step": 1' in said, "and read", said)
        said = client.call("snipara_broadcast", swarm_id=swarm, agent_id="ada", event_type="ready")
        check("persisted only" in said, "an event is kept", said)

        said = client.call("snipara_htask_create", title="Ship it", description="d", owner="ada", swarm_id=swarm)
        task = scalar(world, "SELECT id FROM htasks WHERE title = 'Ship it'")
        check(task and task in said, "an htask is made", said)
        block = {"swarm_id": swarm, "task_id": task, "blocker_type": "TECH", "blocker_reason": "no disk"}
        client.call("snipara_htask_block", **block)
        check(status(world, task) == "BLOCKED", "it is blocked")
        client.call("snipara_htask_unblock", swarm_id=swarm, task_id=task)
        client.call("snipara_htask_recommend_batch", swarm_id=swarm, claim_for_agent="ada")
        client.call("snipara_htask_complete", swarm_id=swarm, task_id=task,
                    evidence=[{"type": "test", "description": "12 passed"}])
        check(status(world, task) == "COMPLETED", "and completed with evidence")
        trail = client.call("snipara_htask_audit_trail", swarm_id=swarm, task_id=task)
        check("complete" in trail and "unblock" in trail, "its history is told", trail)

        said = client.call("snipara_code_impact", symbol="main")
        check("is not offered by this server" in said, "what is not offered says so", said)

    return part


def runtime_tools(python):
    def part(world):
        check = world.check
        client = Driver(world, python, "runtime", world.serve())
        kept = client.call("rlm_remember", content=MEMORY, type="fact")
        check(scalar(world, "SELECT id FROM memories") == kept["memory_id"], "remember is carried out", kept)
        found = client.call("snipara_recall", query="where do sessions of the gateway live", include_expired=True)
        check(found["memories"][0]["content"] == MEMORY, "recall answers, and ignores what it does not know", found)
        swarm = client.call("rlm_swarm_create", name="crew", task_timeout=300, claim_timeout=600)["swarm_id"]
        client.call("rlm_swarm_join", swarm_id=swarm, agent_id="ada", name="Ada")
        held = client.call("rlm_claim", swarm_id=swarm, agent_id="ada", resource_type="file", resource_id="a",
                           ttl_seconds=120)
        check(world.rows("SELECT id FROM swarm_claims") == [(held["claim_id"],)], "a claim is held", held)
        task = client.call("rlm_task_create", swarm_id=swarm, agent_id="ada", title="Flat", priority=1)["task_id"]
        claimed = client.call("rlm_task_claim", swarm_id=swarm, agent_id="ada")
        check(claimed["task_id"] == task and status(world, task) == "IN_PROGRESS", "a flat task is claimed", claimed)
        client.call("rlm_task_complete", swarm_id=swarm, agent_id="ada", task_id=task, success=True)
        check(status(world, task) == "COMPLETED", "and completed")
        error = client.refused("rlm_session_memories")
        check("not offered by this server" in error, "what is not offered is raised", error)
        error = client.refused("rlm_state_get", swarm_id="swarm_nowhere", key="x")
        check("no swarm" in error, "a failure is raised in words", error)

    return part


def snipara_cli(python):
    def part(world):
        check = world.check
        program_of = pathlib.Path(python).with_name("snipara")
        url = world.serve()

        def run(*words, code=0):
            ran = world.run([str(program_of), *words, "--slug", PROJECT], environment(world, url))
            if ran.returncode != code:
                raise Failed(f"{words}: exit {ran.returncode}, {ran.stdout[-1500:]!r}, {ran.stderr[-1500:]!r}")
            return ran.stdout + ran.stderr

        run("remember", MEMORY, "--type", "decision", "--category", "architecture")
        rows = world.rows("SELECT content, memory_type, category FROM memories")
        check(rows == [(MEMORY, "decision", "architecture")], "remember is carried out", rows)
        said = run("recall", "where do sessions of the gateway live")
        check("Found 1 memory" in said and MEMORY in said, "recall prints it", said)
        said = run("query", "login cookie of the gateway")
        check("README.md" in said or "login cookie" in said, "query prints sections", said)
        said = run("tools", "list")
        check("snipara_recall" in said and "snipara_code_impact" not in said, "the offered tools are listed", said)
        said = run("tools", "call", "snipara_memories", "--args", "{}")
        check(MEMORY in said, "any tool can be called", said)

    return part


# snipara-sandbox


def sandbox(python):
    def part(world):
        check = world.check
        client = Driver(world, python, "sandbox", world.serve())
        kept = client.call("snipara_remember", content=MEMORY, type="decision")
        check(scalar(world, "SELECT id FROM memories") == kept["memory_id"], "remember is carried out", kept)
        found = client.call("snipara_recall", query="where do sessions of the gateway live")
        check(found["memories"][0]["content"] == MEMORY, "recall finds it", found)
        listed = client.call("rlm_memories")
        check(listed["total_count"] == 1, "memories lists it", listed)
        answer = client.call("snipara_context_query", query="login cookie of the gateway")
        check(answer["sections"][0]["file"] == "README.md", "documents answer", answer)
        gone = client.call("snipara_forget", memory_id=kept["memory_id"])
        check(gone["deleted_count"] == 1 and world.rows("SELECT id FROM memories") == [], "forget removes it", gone)
        missing = client.call("snipara_sections")
        check(missing["success"] is False and "not offered" in missing["error"], "what is not offered says so", missing)

    return part


def parts(folder):
    def python(name):
        return program(folder, f"{name}/bin/python")

    old, new = python("snipara-orchestrator-0.1.5"), python("snipara-orchestrator-1.13.1")
    server, box = python("snipara-mcp-2.8.42"), python("snipara-sandbox-2.4.1")
    return [
        ("orchestrator 0.1.5, commands", orchestrator_cli(old, "", "0.1.5")),
        ("orchestrator 0.1.5, library", orchestrator_library(old, "0.1.5")),
        ("orchestrator 1.13.1, commands", orchestrator_cli(new, "/", "1.13.1")),
        ("orchestrator 1.13.1, library", orchestrator_library(new, "1.13.1")),
        ("a wrong key and another project", strangers(new)),
        ("mcp 2.8.42, stdio server", stdio_server(server)),
        ("mcp 2.8.42, runtime tools", runtime_tools(server)),
        ("mcp 2.8.42, command line", snipara_cli(server)),
        ("sandbox 2.4.1, client", sandbox(box)),
    ]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} BINARY FOLDER")
    worlds.main("snipara_python", parts(sys.argv[2]))
