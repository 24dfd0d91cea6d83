#!/bin/sh
# sh scripts/run.sh [--servers] [Node's options] <file> [args]: runs a program of this repository on the Node 24 of node_modules.
# Installs the packages first where they are missing or old, with --servers also what the embedded servers need.
set -eu
cd "$(dirname "$0")/.."
servers=
if [ "${1-}" = --servers ]; then
  servers=$1
  shift
fi
node scripts/setup.mjs $servers
PATH="$PWD/node_modules/.bin:$PATH"
# Compiled sources of earlier starts: a program starts in half the time (Node.js, Module compile cache).
NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-${BRIGHTBIRD_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/brightbird}/node}"
export PATH NODE_COMPILE_CACHE
exec node "$@"
