#!/usr/bin/env python3
"""Asks the official tools about what is handed out beside the program: Claude Code about the plugins and their
marketplace, hadolint about the Dockerfile. The bundle is tried in tests/packages.

    tests/clients/install.sh FOLDER
    python3 tests/clients/packaging.py target/debug/snipara-orchestrator FOLDER
"""

import pathlib
import sys

import world as worlds

ROOT = pathlib.Path(__file__).resolve().parents[2]


def asks(folder, program, *arguments):
    def part(world):
        command = [worlds.program(folder, program), *arguments]
        environment = world.environment(CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1", DISABLE_AUTOUPDATER="1")
        ran = world.run(command, environment, ROOT)
        world.check(ran.returncode == 0, "nothing is found", (ran.stdout, ran.stderr))

    return part


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} BINARY FOLDER")
    where = sys.argv[2]
    claude = "node_modules/.bin/claude"
    worlds.main("packaging", [
        ("plugin", asks(where, claude, "plugin", "validate", "--strict", "plugins/claude-code")),
        ("stop gate", asks(where, claude, "plugin", "validate", "--strict", "plugins/claude-code-stop-gate")),
        ("marketplace", asks(where, claude, "plugin", "validate", "--strict", ".")),
        ("image", asks(where, "python/bin/hadolint", "Dockerfile")),
    ])
