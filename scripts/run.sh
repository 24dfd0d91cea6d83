#!/bin/sh
# sh scripts/run.sh [--servers] [Node's options] <file> [args]: runs a program of this repository on the Node 24 of node_modules.
# First installs missing or outdated packages; with --servers also the requirements of the embedded servers.
set -eu
cd "$(dirname "$0")/.."
servers=
if [ "${1-}" = --servers ]; then
  servers=$1
  shift
fi
node scripts/setup.mjs $servers
PATH="$PWD/node_modules/.bin:$PATH"
# The module compile cache of Node.js halves the start time.
NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-${BRIGHTBIRD_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/brightbird}/node}"
export PATH NODE_COMPILE_CACHE
exec node "$@"
