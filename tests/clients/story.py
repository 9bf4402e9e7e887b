"""One whole task, whichever client makes the calls, with production breaking on the way.

A script is a generator: it is started with the names of the tools that the client sees, yields `Call`s, and is sent a
`Result` for each. Every claim on a result is on what came out at the client's far end (for an agent: what it handed to
its model); the truth is read from the store, our command line and production's list of requests.
"""

import dataclasses
import json

import world as worlds


@dataclasses.dataclass
class Call:
    tool: str
    arguments: dict


@dataclasses.dataclass
class Say:
    """The model's word in the middle: it ends its turn. It is sent what the agent says to it then, if that goes on."""

    text: str


@dataclasses.dataclass
class Result:
    text: str
    # None where the far end has no such field: the Responses API has none for a failed call.
    is_error: bool | None
    # Only clients that hand both forms to their user have it.
    structured: dict | None = None

TOOLS = {"run_task", "task_status", "validate_endpoint", "recall", "remember", "htask_create", "htask_next",
         "htask_complete"}
LAST_WORD = "The cart is shipped."


def document(text):
    """The JSON document inside a result: structured content, or the text block that carries it."""
    decoder = json.JSONDecoder()
    for place, character in enumerate(text):
        if character == "{":
            try:
                found, _ = decoder.raw_decode(text[place:])
            except ValueError:
                continue
            if isinstance(found, dict):
                return found
    return {}


def script(world, agent, short=False, reader=None):
    """Returns the script for a client of this name; the short one ends when a task has passed and one was refused.

    `reader` is the agent's own tool that reads resources.
    """

    def calls(tools):
        world.check(TOOLS <= set(tools), "the client offers our tools", tools)
        yield from passing(world)
        failed = yield from refused(world)
        if not short:
            yield from corrected(world, failed)
            yield from lessons(world, agent)
            yield from htask(world, agent)
        if reader:
            yield from report(world, failed, reader)
        return LAST_WORD

    return calls


def passing(world):
    """A task that production proves."""
    check = world.check
    result = yield Call("run_task", worlds.task("Deploy the shop"))
    check("approval" not in result.text, "the client makes the call", result)
    rows = world.rows("SELECT status FROM tasks")
    check(rows == [("done", )], "the store says done", rows)
    check("done" in result.text and not result.is_error, "the caller reads done", result)
    check(all(world.requests(path) for path in worlds.PATHS), "production was asked for each path")


def refused(world):
    """A task that production refutes: the caller is told why and what to do."""
    check = world.check
    world.production.broken = True
    result = yield Call("run_task", worlds.task("Deploy the broken cart"))
    (failed, status), = world.rows("SELECT id, status FROM tasks WHERE title = 'Deploy the broken cart'")
    check(status == "prod_fail", "the store says prod_fail", status)
    check("prod_fail" in result.text, "the caller reads prod_fail", result)
    check("/api/cart" in result.text and "401" in result.text, "the caller is told which check failed, and how", result)
    check(failed in result.text, "the caller has the id to run the task again", result)
    step = next_step(world.cli("task", "show", failed))
    check(step and step in result.text, f"the caller reads the next step {step!r}", result)
    check(not result.is_error, "a refusal is an answer, no error of the tool", result)
    return failed


def corrected(world, failed):
    """The caller looks at the failing endpoint, mistakes a field, mends production, and runs the task again."""
    check = world.check
    before = len(world.requests("/api/cart"))
    result = yield Call("validate_endpoint", {"url": "/api/cart"})
    check("fail" in result.text and "401" in result.text, "the caller reads the failing check", result)
    check(len(world.requests("/api/cart")) > before, "production was asked again")
    result = yield Call("run_task", {"title": "Wrong", "live_check": []})
    check("live_checks" in result.text, "the caller is told the right field", result)
    world.production.broken = False
    result = yield Call("run_task", {"task_id": failed})
    check(world.status(failed) == ("done", 2), "the second attempt is done", world.status(failed))
    check("done" in result.text, "the caller reads done", result)


def lessons(world, agent):
    """What was learned is kept, and recalled."""
    check = world.check
    lesson = f"The cart of {agent} needs a login cookie from the gateway"
    result = yield Call("remember", {"content": lesson, "type": "learning"})
    check(not result.is_error, "the lesson is kept", result)
    result = yield Call("recall", {"query": "does the cart need a login cookie?"})
    check(lesson in result.text, "the caller recalls the lesson", result)
    recalled = world.cli("recall", "login cookie of the cart")
    check(lesson in json.dumps(recalled), "our command line recalls it, too", recalled)


def htask(world, agent):
    """An htask that needs a proof: words are refused, the run of a task is accepted."""
    check = world.check
    result = yield Call("htask_create", {
        "title": "Ship the cart", "description": "Ship it to production", "owner": agent,
        "evidence_required": [{"type": "proof", "description": "the deploy answers"}]})
    (made, ), = world.rows("SELECT id FROM htasks WHERE title = 'Ship the cart'")
    check(made in result.text, "the caller has the id of the htask", result)
    result = yield Call("htask_next", {"claim_for_agent": agent})
    told = result.structured or document(result.text)
    token = told.get("tasks", [{}])[0].get("fencing_token")
    check(made in result.text and token, "the caller has its claim", result)
    result = yield Call("htask_complete", {"task_id": made, "fencing_token": token})
    check("the deploy answers" in result.text, "the caller is told which evidence is missing", result)
    check(result.is_error is not False, "a refused completion is an error of the tool", result)
    yield Call("run_task", worlds.task("Ship the cart", htask_id=made))
    result = yield Call("htask_complete", {"task_id": made, "fencing_token": token})
    check("completed" in result.text.lower(), "the caller reads that it is completed", result)
    (status, ), = world.rows("SELECT status FROM htasks WHERE id = ?", made)
    check(status == "COMPLETED", "the store says COMPLETED", status)


def report(world, task_id, reader):
    """The agent follows the link of a verdict to the whole report."""
    result = yield Call(reader, {"server": "snipara-orchestrator", "uri": f"task://{task_id}"})
    (stored, ), = world.rows("SELECT report FROM runs WHERE task_id = ? AND attempt = 2", task_id)
    warnings = json.loads(stored)["warnings"]
    whole = warnings and all(warning in result.text for warning in warnings)
    world.check(whole, "the agent reads the whole report, with what the verdict left out", (warnings, result))


def next_step(told):
    """The next step of a task as our command line tells it."""
    if isinstance(told, dict):
        if isinstance(told.get("next_step"), str):
            return told["next_step"]
        for value in told.values():
            if found := next_step(value):
                return found
    return None


def play(script, tools, call):
    """Plays a script with a function that makes one call; returns its last word."""
    running = script(tools)
    result = None
    try:
        while True:
            result = call(running.send(result))
    except StopIteration as stop:
        return stop.value


async def play_async(script, tools, call):
    """As `play`, with an async function."""
    running = script(tools)
    result = None
    while True:
        try:
            asked = running.send(result)
        except StopIteration as stop:
            return stop.value
        result = await call(asked)


def both_forms(world, asked, result):
    """Claims that a client with both forms gets the same verdict in each, and an error in neither but the text."""
    if result.is_error:
        error = document(result.text)
        world.check(result.structured is None, f"an error of {asked.tool} has no structured content", result)
        world.check({"code", "message"} <= set(error), f"an error of {asked.tool} says code and message", result)
    else:
        told = result.structured
        world.check(told is not None, f"{asked.tool} answers structured content", result)
        if "next_step" in told:
            world.check(told["next_step"] in result.text, f"both forms of {asked.tool} say the next step", result)
    return result


def after(world):
    """What must be true when a client has ended the whole script."""
    listed = world.cli("task", "list")["tasks"]
    world.check(len(listed) == 3 and {row["status"] for row in listed} == {"done"}, "three tasks, all done", listed)
    verified = world.cli("proofs", "verify")
    world.check(verified.get("verified") is True, "the ledger verifies", verified)
