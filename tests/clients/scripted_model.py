"""A model server on loopback whose model reads from a script: Anthropic Messages, OpenAI Responses and Gemini, streamed.

The script is one of story.py: what it yields becomes a tool call of the model, what it is sent is what the agent handed
back to its model, what it returns is the model's last word.

The same server is a proxy that refuses and notes every other host: an agent under test reaches nothing else.
"""

import http.server
import json
import threading

from story import Result, Say


class Model:
    """Serves one script once; `error` tells why it stopped early, `finished` that it came to its end."""

    def __init__(self, script, server_name):
        # What an agent makes of our server's name inside a tool's name.
        self.prefixes = {f"mcp__{server_name}", f"mcp__{server_name.replace('-', '_')}", f"mcp_{server_name}"}
        self.offered = {}
        self.requests = []
        self.refused_hosts = []
        self.lock = threading.Lock()
        self.start(script)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.model = self
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def start(self, script):
        """Begins a script; the one before has ended."""
        self.script = script
        self.error = None
        self.finished = False
        self.last_word = None
        self.running = None
        self.calls = 0
        self.pending = None
        # How long the conversation was when the model ended a turn in the middle of its script.
        self.said_at = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def next_move(self, tools, results, conversation):
        """Returns ("call", id, tool, arguments) or ("say", text).

        `tools` are the offered (prefix, name), `results` the tool results of the conversation by the id of their call,
        `conversation` its messages. The same request again gets the same answer, so an agent may retry.
        """
        ours = {name: (prefix, name) for prefix, name in tools if prefix in self.prefixes}
        if not ours:
            # A title, a summary, a warm-up: no turn of the conversation.
            return ("say", "scripted")
        with self.lock:
            try:
                if self.running is None:
                    self.offered = ours
                    self.running = self.script(sorted(ours))
                    self.advance(None)
                elif self.pending and isinstance(self.pending[1], Say):
                    if len(conversation) > self.said_at:
                        self.advance(Result(json.dumps(conversation[self.said_at:]), None))
                elif self.pending and self.pending[0] in results:
                    self.advance(results[self.pending[0]])
            except Exception as error:  # The script's claims; told to the agent's model and to the test.
                self.error = error
                self.pending = None
                self.last_word = f"the script stopped: {error}"
            if self.pending is None:
                return ("say", self.last_word)
            call_id, call = self.pending
            if isinstance(call, Say):
                self.said_at = len(conversation) if self.said_at is None else self.said_at
                return ("say", call.text)
            return ("call", call_id, self.offered.get(call.tool, ("", call.tool)), call.arguments)

    def advance(self, result):
        try:
            call = self.running.send(result)
        except StopIteration as stop:
            self.finished, self.pending, self.last_word = True, None, stop.value or "finished"
            return
        self.said_at = None
        if isinstance(call, Say):
            self.pending = (None, call)
            return
        self.calls += 1
        self.pending = (f"call_{self.calls}", call)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.split("?")[0]
        try:
            asked = json.loads(body)
        except ValueError:
            return self.plain(400, {"error": {"type": "invalid_request_error", "message": "no JSON"}})
        self.server.model.requests.append((path, asked))
        if path == "/v1/messages":
            return self.anthropic(asked)
        if path == "/v1/messages/count_tokens":
            return self.plain(200, {"input_tokens": 1000})
        if path == "/v1/responses":
            return self.openai(asked)
        if path.endswith((":streamGenerateContent", ":generateContent")):
            return self.gemini(asked, streamed=":stream" in path)
        return self.plain(404, {"error": {"type": "not_found_error", "message": path}})

    def do_GET(self):
        if self.path.startswith("http"):
            return self.refuse()
        if self.path.split("?")[0] == "/v1/models":
            return self.plain(200, {"object": "list", "data": [], "models": []})
        return self.plain(404, {"error": {"type": "not_found_error", "message": self.path}})

    def do_HEAD(self):
        self.plain(200, {})

    def do_CONNECT(self):
        self.refuse()

    def refuse(self):
        self.server.model.refused_hosts.append(self.path)
        self.close_connection = True
        self.plain(403, {"error": {"message": "this test has no network"}})

    # Anthropic Messages

    def anthropic(self, asked):
        tools = [split(tool["name"]) for tool in asked.get("tools", []) if "name" in tool]
        results = {}
        for message in asked.get("messages", []):
            content = message.get("content")
            for block in content if isinstance(content, list) else []:
                if block.get("type") == "tool_result":
                    results[block["tool_use_id"]] = Result(text_of(block.get("content")), bool(block.get("is_error")))
        move = self.server.model.next_move(tools, results, asked.get("messages", []))
        if move[0] == "call":
            _, call_id, (prefix, name), arguments = move
            start = {"type": "tool_use", "id": call_id, "name": f"{prefix}__{name}" if prefix else name, "input": {}}
            # In two pieces, as a real model streams its arguments.
            text = json.dumps(arguments)
            deltas = [{"type": "input_json_delta", "partial_json": part} for part in (text[:9], text[9:])]
            reason = "tool_use"
        else:
            start = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": move[1]}]
            reason = "end_turn"
        model = asked.get("model", "scripted")
        usage = {"input_tokens": 10, "output_tokens": 10}
        if not asked.get("stream"):
            block = {"type": "text", "text": move[1]} if move[0] == "say" else {**start, "input": move[3]}
            return self.plain(200, {"id": "msg_1", "type": "message", "role": "assistant", "model": model,
                                    "content": [block], "stop_reason": reason, "stop_sequence": None, "usage": usage})
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [],
                   "stop_reason": None, "stop_sequence": None, "usage": usage}
        self.stream([
            {"type": "message_start", "message": message},
            {"type": "content_block_start", "index": 0, "content_block": start},
            *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None},
             "usage": {"output_tokens": 10}},
            {"type": "message_stop"},
        ])

    # OpenAI Responses

    def openai(self, asked):
        tools = []
        for tool in asked.get("tools", []):
            if tool.get("type") == "namespace":
                tools += [(tool["name"], inner["name"]) for inner in tool.get("tools", [])]
            elif tool.get("type") == "function":
                tools.append(split(tool["name"]))
        results = {item["call_id"]: Result(text_of(item.get("output")), None)
                   for item in asked.get("input", []) if item.get("type") == "function_call_output"}
        move = self.server.model.next_move(tools, results, asked.get("input", []))
        if move[0] == "call":
            _, call_id, (prefix, name), arguments = move
            item = {"type": "function_call", "id": f"fc_{call_id}", "call_id": call_id, "name": name,
                    "arguments": json.dumps(arguments), "status": "completed"}
            if prefix:
                item["namespace"] = prefix
        else:
            item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
                    "content": [{"type": "output_text", "text": move[1], "annotations": []}]}
        usage = {"input_tokens": 10, "input_tokens_details": None, "output_tokens": 10, "output_tokens_details": None,
                 "total_tokens": 20}
        response = {"id": "resp_1", "object": "response", "status": "completed", "output": [item], "usage": usage}
        self.stream([
            {"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}},
            {"type": "response.output_item.added", "output_index": 0, "item": {**item, "status": "in_progress"}},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": response},
        ])

    # Gemini

    def gemini(self, asked, streamed):
        declared = [function["name"] for tool in asked.get("tools", []) for function in tool["functionDeclarations"]]
        prefix = next((one for one in self.server.model.prefixes if not one.startswith("mcp__")), "")
        tools = [(prefix, name.removeprefix(f"{prefix}_")) for name in declared if name.startswith(f"{prefix}_")]
        answers = [part["functionResponse"]["response"] for message in asked.get("contents", [])
                   for part in message.get("parts", []) if "functionResponse" in part]
        # Its answers have no id: they come in the order of the calls.
        results = {f"call_{number}": Result(text_of(answer.get("output") or answer.get("error")), "error" in answer)
                   for number, answer in enumerate(answers, 1)}
        move = self.server.model.next_move(tools, results, asked.get("contents", []))
        if move[0] == "call":
            _, call_id, (prefix, name), arguments = move
            part = {"functionCall": {"id": call_id, "name": f"{prefix}_{name}" if prefix else name, "args": arguments}}
        else:
            part = {"text": move[1]}
        answer = {"candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}],
                  "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 10, "totalTokenCount": 20}}
        if streamed:
            return self.plain(200, answer, "text/event-stream", b"data: ", b"\r\n\r\n")
        return self.plain(200, answer)

    # Answers

    def stream(self, events):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for event in events:
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
            self.wfile.flush()
        self.close_connection = True

    def plain(self, status, body, kind="application/json", before=b"", after=b""):
        data = before + json.dumps(body).encode() + after
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:
            # An agent that ends closes its connections without a word.
            pass


def split(name):
    """Splits mcp__server__tool into (mcp__server, tool)."""
    prefix, _, short = name.rpartition("__")
    return (prefix, short)


def text_of(content):
    """The text of a tool result, in either form."""
    if isinstance(content, list):
        return "\n".join(part.get("text", "") for part in content)
    return content or ""
