"""Starts the program of this wheel under its other names, and as `python -m snipara_orchestrator_mcp`."""

import os
import subprocess
import sys
import sysconfig


def program():
    """The program's path: beside the script that was started, or where pip puts scripts."""
    name = "snipara-orchestrator" + (".exe" if os.name == "nt" else "")
    folders = [os.path.dirname(os.path.realpath(sys.argv[0])), sysconfig.get_path("scripts"),
               sysconfig.get_path("scripts", f"{os.name}_user")]
    for folder in folders:
        if os.path.isfile(os.path.join(folder, name)):
            return os.path.join(folder, name)
    sys.exit(f"{name} is in none of {', '.join(folders)}: install the package again, "
             "`pip install --force-reinstall snipara-orchestrator-mcp`")


def main():
    words = [program(), *sys.argv[1:]]
    if os.name == "nt":
        sys.exit(subprocess.call(words))
    os.execv(words[0], words)


if __name__ == "__main__":
    main()
