#!/usr/bin/env python3
"""Writes docs/terminal/*.txt: what a person sees at terminals of 80 and 120 columns.

    cargo build --locked
    .github/terminal-pictures.py target/debug/snipara-orchestrator

Each picture is a real run on a pseudo-terminal against a pretend production on loopback. Only Python's own library is used.
"""
import fcntl
import http.server
import json
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import unicodedata
from pathlib import Path

PATHS = ["/api/users", "/api/orders", "/api/cart", "/api/session", "/api/search", "/api/prices", "/api/stock"]
CHECKS = [word for path in PATHS for word in ("-e", path)]
# Nobody listens at the reserved port of "discard".
DOWN = "http://127.0.0.1:9"


class Production(http.server.BaseHTTPRequestHandler):
    broken = frozenset()

    def do_GET(self):
        path = self.path.split("?")[0]
        status, answer = 404, {"error": "not found"}
        if path in self.broken:
            status, answer = 500, {"error": f"{path} fails"}
        elif path == "/health":
            status, answer = 200, {"status": "ok"}
        elif path in PATHS or path == "/":
            status, answer = 200, {"of": path, "items": [{"id": PATHS.index(path) if path in PATHS else 9}]}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def screen(output, columns):
    """Returns the lines that a terminal of this width holds in the end."""
    lines, row, column = [[]], 0, 0
    for piece in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[^\x1b]", output):
        if piece.startswith("\x1b"):
            count = int(re.sub(r"\D", "", piece) or 1)
            if piece[-1] == "A":
                row = max(0, row - count)
            elif piece[-1] == "K":
                lines[row] = [] if piece == "\x1b[2K" else lines[row][:column]
        elif piece == "\r":
            column = 0
        elif piece == "\n" or column >= columns:
            row, column = row + 1, 0
            if row == len(lines):
                lines.append([])
        if len(piece) == 1 and piece not in "\r\n":
            lines[row] += [" "] * (column + 1 - len(lines[row]))
            lines[row][column] = piece
            column += 2 if unicodedata.east_asian_width(piece) in "WF" else 1
    return "\n".join("".join(line).rstrip() for line in lines).strip("\n")


def seen(words, columns, folder):
    reader, writer = pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "TERM": "xterm-256color"}
    environment["SNIPARA_ORCHESTRATOR_HOME"] = f"{folder}/state"
    process = subprocess.Popen(words, stdin=writer, stdout=writer, stderr=writer, env=environment, cwd=f"{folder}/shop")
    os.close(writer)
    output = b""
    while True:
        try:
            chunk = os.read(reader, 65536)
        except OSError:  # Linux says EIO when the other side is gone.
            break
        if not chunk:
            break
        output += chunk
    process.wait()
    shown = " ".join(f'"{word}"' if " " in word or not word else word for word in words[1:])
    return f"$ snipara-orchestrator {shown}\n{screen(output.decode(), columns)}\n"


def main():
    program = str(Path(sys.argv[1]).resolve())
    target = Path(__file__).resolve().parent.parent / "docs" / "terminal"
    target.mkdir(exist_ok=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Production)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    with tempfile.TemporaryDirectory() as folder:
        shop = f"{folder}/shop"
        git = ["git", "-C", shop, "-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
        subprocess.run(["git", "init", "--quiet", "-b", "main", shop], check=True)
        subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", "first"], check=True)
        run = [program, "run", "Deploy carts", "--prod-url"]
        for columns in (80, 120):
            pictures = {
                "green-run": (set(), [*run, url, *CHECKS[:6], "--test", "echo 12 passed"]),
                "red-run": ({"/api/orders", "/api/cart"}, [*run, url, *CHECKS]),
                "production-down": (set(), [*run, DOWN, *CHECKS]),
                "task-list": (set(), [program, "task", "list"]),
                "task-log": (set(), [program, "task", "log", "@"]),
                "help": (set(), [program]),
                "run-help": (set(), [program, "run", "-h"]),
            }
            for name, (broken, words) in pictures.items():
                Production.broken = frozenset(broken)
                text = seen(words, columns, folder).replace(url, "http://shop.example")
                (target / f"{name}-{columns}.txt").write_text(text)


main()
