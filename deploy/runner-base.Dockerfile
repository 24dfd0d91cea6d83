# A fuller base of the test runner, for scripts and programs that expect what a usual machine has. Set BASE_IMAGE to it.
# docker build -f deploy/runner-base.Dockerfile -t <registry>/brightbird/runner-base deploy
# NODE_IMAGE: any image of Debian or Ubuntu with Node 24.
ARG NODE_IMAGE=node:24-slim
FROM ${NODE_IMAGE}
RUN apt-get update \
  && apt-get install -y --no-install-recommends bash ca-certificates curl git jq python3 wget \
  && rm -rf /var/lib/apt/lists/*
