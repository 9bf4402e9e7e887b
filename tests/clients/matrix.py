"""The transports and eras that the clients are driven over."""

import sys

TRANSPORTS = ["stdio", "http", "sse"]
# `auto` speaks server/discover (2026-07-28), `legacy` the initialize handshake (2025-11-25).
VERSIONS = {"auto": "2026-07-28", "legacy": "2025-11-25"}


def parts(drive, first_argument=2):
    """Every transport that was asked for, in both eras."""
    chosen = sys.argv[first_argument].split(",") if len(sys.argv) > first_argument else TRANSPORTS
    return [(f"{transport} {era}", drive(transport, era)) for transport in chosen for era in VERSIONS]


def address(world, transport):
    """Starts a server over HTTP and returns the address for this transport."""
    return f"{world.serve()}/{'mcp' if transport == 'http' else 'sse'}"
