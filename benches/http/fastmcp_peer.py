"""The peer in Python: FastMCP with one tool.

    python fastmcp_peer.py stdio|http|sse PORT

Its faster settings: an `async` tool (others go through a pool of threads), sessions (without them each request makes a
transport), answers as JSON, no log of requests.
"""

import sys

from fastmcp import FastMCP

server = FastMCP("peer")


@server.tool
async def echo(text: str) -> dict[str, str]:
    """Return the text."""
    return {"text": text}


transport, port = sys.argv[1], int(sys.argv[2])
if transport == "stdio":
    server.run(show_banner=False)
else:
    more = {"json_response": True} if transport == "http" else {}
    quiet = {"access_log": False, "log_level": "error"}
    server.run(transport=transport, host="127.0.0.1", port=port, uvicorn_config=quiet, show_banner=False, **more)
