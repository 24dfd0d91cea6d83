import Docker from 'dockerode';
import { pino } from 'pino';
import { createDockerRuntime } from '../../src/runtime/docker/docker-runtime.ts';

/** The engine of this machine, to look at what is left in it. */
export const engine = createDockerRuntime({ docker: new Docker(), log: pino({ level: 'silent' }), registry: '' });
