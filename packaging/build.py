#!/usr/bin/env python3
"""Makes every package from programs that are built already; needs Python 3.11 and nothing else.

    packaging/build.py programs OUT BINARY...   the archive, wheel, npm package and bundle of each
    packaging/build.py release OUT              what speaks of all of them, made from what lies in OUT

The same input gives the same bytes; SOURCE_DATE_EPOCH is the time that archives hold.
"""

import argparse
import hashlib
import json
import pathlib

import binary as binaries
import bundle
import facts
import npm
import wheel

KINDS = {"archive": bundle.release_archive, "wheel": wheel.wheel, "npm": npm.platform_package, "mcpb": bundle.mcpb}


def programs(out, paths, kinds):
    about = facts.facts()
    for path in paths:
        program = binaries.read(path)
        for kind in kinds:
            print(KINDS[kind](program, about, out))


def release(out):
    about = facts.facts()
    name, end = f"{facts.PACKAGE}-", f"-{about.version}.tgz"
    found = sorted(file.name.removesuffix(end) for file in out.glob(f"{name}*-*{end}"))
    platforms = [found_name.removeprefix(name) for found_name in found]
    print(npm.launcher_package(about, out, platforms))
    tags = sorted({tag for file in out.glob("*.whl") for tag in file.stem.split("-")[-1].split(".")})
    print(wheel.sdist(about, out, tags))
    print(registry(about, out))


def registry(about, out):
    """The document for the MCP registry: the repository's, and the bundles with their digests."""
    document = facts.registry_document()
    for file in sorted(out.glob("*.mcpb")):
        document["packages"].append({
            "registryType": "mcpb", "identifier": f"{about.repository}/releases/download/v{about.version}/{file.name}",
            "fileSha256": hashlib.sha256(file.read_bytes()).hexdigest(), "transport": {"type": "stdio"}})
    path = out / "server.json"
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Makes packages from built programs.")
    commands = parser.add_subparsers(dest="command", required=True)
    of_programs = commands.add_parser("programs", help="the packages of each program")
    of_programs.add_argument("out", type=pathlib.Path)
    of_programs.add_argument("binaries", nargs="+")
    of_programs.add_argument("--only", action="append", choices=KINDS, help="this kind alone; may be repeated")
    commands.add_parser("release", help="what speaks of all of them").add_argument("out", type=pathlib.Path)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    if given.command == "programs":
        programs(given.out, given.binaries, given.only or KINDS)
    else:
        release(given.out)
