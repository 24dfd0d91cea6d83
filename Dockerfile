# The test runner: src/adapters/images/runner-image/ builds it from what src/runner/ imports; it needs no package manager and no shell.
ARG BASE_IMAGE=node:24-slim
FROM ${BASE_IMAGE}
WORKDIR /app
COPY package.json ./
COPY node_modules node_modules
COPY src src
COPY templates templates
# Compiled code of everything that it may load, so that a run starts in half the time.
ENV NODE_COMPILE_CACHE=/app/.compile-cache
RUN ["node", "src/runner/preload.ts"]
# Plugins import the kit by its name, from wherever they are. A link, as Node strips no types under node_modules.
RUN ["node", "-e", "const fs = require('node:fs'); fs.mkdirSync('/node_modules/@brightbird', { recursive: true }); fs.symlinkSync('/app/src/runner/plugin-kit', '/node_modules/@brightbird/plugin-kit')"]
WORKDIR /work
ENTRYPOINT ["node", "--disable-sigusr1", "/app/src/runner/main.ts"]
