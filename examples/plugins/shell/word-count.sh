#!/bin/sh
# Counts the words of a text. The context comes as one line of JSON; node, which every runner's image has, reads it.
set -eu
if [ "${1:-}" = info ]; then
  cat <<'END'
{"name": "word-count", "version": "v1.0.0", "pluginType": "Exec", "description": "Counts the words of a text.",
 "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
 "outputSchema": {"type": "object", "properties": {"words": {"type": "integer"}}}}
END
  exit 0
fi
text=$(node -p 'const c = JSON.parse(require("fs").readFileSync(0, "utf8")); c.nodes[c.currentContext].input.text')
words=$(printf '%s' "$text" | wc -w | tr -d ' ')
echo "counted $words words"
printf '{"words": %d}\n' "$words"
