#!/usr/bin/env bash
# Puts the registries' clients that try.py starts into FOLDER.
#     tests/packages/install.sh FOLDER
# Needs python3 with venv, and npm. Of npm's own versions the machine's is tried.
set -euo pipefail

[ "$#" = 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
mkdir -p "$1"
cd "$1"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check \
    uv==0.13.9 pipx==1.18.4 twine==7.0.0 wheel==0.48.0 check-wheel-contents==0.6.3
npm install --no-audit --no-fund --loglevel=error --save-exact @anthropic-ai/mcpb@2.1.2
