// Loads the modules that the runner loads on demand; run once while its image is built, to fill the compile cache.
import 'ajv';
import 'ajv/dist/2020.js';
import 'ajv-formats';
import '../adapters/docker/volumes.ts';
import '../adapters/kubernetes/volumes.ts';
import './kinds/bash.ts';
import './kinds/deploy.ts';
import './kinds/deploy-docker.ts';
import './kinds/deploy-kubernetes.ts';
import './kinds/executable.ts';
import './kinds/http-check.ts';
import './kinds/pvc.ts';
import './kinds/test-env.ts';
import './main.ts';
import './run-tries.ts';
