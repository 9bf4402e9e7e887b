#!/usr/bin/env python3
"""Turns the demo's real output into .github/demo.svg, the picture in README.md.

    cargo build --release --locked
    .github/demo-to-svg.py target/release/snipara-orchestrator

The demo runs on a pseudo-terminal, so that it shows what a person sees. Only Python's own library is used.
"""
import html
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

LETTER_WIDTH, LINE_HEIGHT, PADDING, BAR = 8.43, 20, 20, 30
BACKGROUND, FOREGROUND = "#0d1117", "#e6edf3"
STYLES = {
    "1": "font-weight:bold",
    "2": "fill:#8b949e",
    "31": "fill:#ff7b72",
    "32": "fill:#56d364",
    "33": "fill:#e3b341",
    "36": "fill:#79c0ff",
}


def run(program):
    """Returns what the demo writes to a terminal."""
    reader, writer = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment["TERM"] = "xterm-256color"
    process = subprocess.Popen([program, "demo"], stdout=writer, stdin=subprocess.DEVNULL, env=environment)
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
    if process.wait() != 0:
        sys.exit(f"the demo failed:\n{output.decode(errors='replace')}")
    return output.decode().replace("\r\n", "\n").strip("\n")


def spans(line):
    """Splits a line into (style, text, column)."""
    style, column = "", 0
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", piece)
        if code:
            style = ";".join(STYLES[part] for part in code.group(1).split(";") if part in STYLES)
        elif piece:
            yield style, piece, column
            column += len(piece)


def svg(text):
    lines = text.split("\n")
    columns = max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines)
    width = round(columns * LETTER_WIDTH + 2 * PADDING)
    height = len(lines) * LINE_HEIGHT + 2 * PADDING + BAR
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-label="A terminal: the demo refuses a broken build, accepts the repaired one, and catches a '
        'forged ledger.">',
        f'<rect width="{width}" height="{height}" rx="10" fill="{BACKGROUND}"/>',
    ]
    for index, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")):
        out.append(f'<circle cx="{22 + 20 * index}" cy="20" r="6" fill="{colour}"/>')
    out.append(
        f'<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,\'DejaVu Sans Mono\',monospace" font-size="14" '
        f'fill="{FOREGROUND}" xml:space="preserve">'
    )
    for row, line in enumerate(lines):
        y = PADDING + BAR + row * LINE_HEIGHT + 14
        for style, piece, column in spans(line):
            if not piece.strip():
                continue
            lead = len(piece) - len(piece.lstrip())
            piece = piece.strip(" ")
            x = PADDING + (column + lead) * LETTER_WIDTH
            look = f' style="{style}"' if style else ""
            # textLength keeps the columns whatever font the reader has.
            out.append(
                f'<text x="{x:.1f}" y="{y}" textLength="{len(piece) * LETTER_WIDTH:.1f}"{look}>{html.escape(piece)}</text>'
            )
    out.append("</g></svg>")
    return "\n".join(out) + "\n"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    target = Path(__file__).with_name("demo.svg")
    target.write_text(svg(run(os.path.abspath(sys.argv[1]))), encoding="utf-8")
    print(f"wrote {target}")


if __name__ == "__main__":
    main()
