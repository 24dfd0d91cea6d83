#!/usr/bin/env python3
"""Checks the SHA-256 of a text."""
import hashlib
import json
import sys

INFO = {
    "name": "checksum",
    "version": "v1.0.0",
    "pluginType": "Exec",
    "description": "Checks the SHA-256 of a text.",
    "inputSchema": {
        "type": "object",
        "properties": {"text": {"type": "string"}, "expected": {"type": "string"}},
        "required": ["text"],
    },
    "outputSchema": {"type": "object", "properties": {"sha256": {"type": "string"}}},
}


def main() -> None:
    if sys.argv[1:] == ["info"]:
        print(json.dumps(INFO))
        return
    context = json.load(sys.stdin)
    given = context["nodes"][context["currentContext"]]["input"]
    found = hashlib.sha256(given["text"].encode()).hexdigest()
    print(f"the checksum is {found}")
    if given.get("expected", found) != found:
        sys.exit(f"expected {given['expected']}")
    print(json.dumps({"sha256": found}))


main()
