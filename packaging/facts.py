"""What every package says, read from where it is said already: Cargo.toml, server.json, README.md, LICENSE."""

import dataclasses
import json
import os
import pathlib
import re
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[1]
# `snipara-orchestrator` belongs to another program on PyPI: one name that is ours there and on npm.
PACKAGE = "snipara-orchestrator-mcp"
PROGRAM = "snipara-orchestrator"
# The program's short name, and the package's own, which `uvx PACKAGE` and `npx PACKAGE` look for.
OTHER_NAMES = ("snipara", PACKAGE)
# The earliest time that a zip can hold: 1980-01-01.
EARLIEST = 315532800


@dataclasses.dataclass(frozen=True)
class Facts:
    version: str
    description: str
    license: str
    keywords: tuple
    repository: str
    python: str = ">=3.8"


def facts():
    package = tomllib.loads(text("Cargo.toml"))["package"]
    return Facts(package["version"], package["description"], package["license"], tuple(package["keywords"]),
                 package["repository"])


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def registry_document():
    """server.json: what the MCP registry is told."""
    return json.loads(text("server.json"))


def readme(about):
    """README.md for a page that is not beside its files: links lead to the release's own, and the registry's mark."""
    base = f"{about.repository}/blob/v{about.version}/"
    raw = f"{about.repository}/raw/v{about.version}/"
    told = re.sub(r"(!\[[^\]]*\]\()(?![a-z]+:|#|/)", rf"\1{raw}", text("README.md"))
    told = re.sub(r"((?<!!)\[[^\]]*\]\()(?![a-z]+:|#|/)", rf"\1{base}", told)
    # The registry looks for this line before it believes that the package is the server's.
    return f"{told.rstrip()}\n\n<!-- mcp-name: {registry_document()['name']} -->\n"


def epoch():
    """The one time in every archive, as https://reproducible-builds.org/specs/source-date-epoch/ has it."""
    return max(EARLIEST, int(os.environ.get("SOURCE_DATE_EPOCH") or EARLIEST))
