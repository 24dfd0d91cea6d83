import { createHash } from 'node:crypto';
import type { Owner } from '../../language/manifests/owner-reference.ts';
import type { Host, PlannedComponent } from '../../model/component.ts';
import { instanceLabel, podIndexLabel } from '../../model/engine/labels.ts';
import type { Manifest } from '../../model/engine/objects.ts';
import type { RunnerSpec } from '../../model/engine/runtime.ts';
import { dnsName } from '../../model/names.ts';
import { labelNames } from '../../model/run.ts';
import { anchorName } from './anchor.ts';
import { marksOf } from './identity.ts';

/** Label of a Service with the DNS name that it provides. */
const hostLabel = 'brightbird.dev/host';
/** Port of a Service, which must have one, until the ports of its component are known at deployment. */
const unknownPort = 1;

/** Host of the run before it has an address. */
export interface PlannedHost extends Omit<Host, 'address'> {
  manifest: Manifest;
}

/**
 * Returns the Services that give the components of a run their DNS names: the instance's, and `<name>-<i>` for
 * replicas. A single replica shares the Service of its component. The name of an instance takes precedence over that of
 * a replica.
 */
export function planHosts(spec: RunnerSpec, owner: Owner): PlannedHost[] {
  const planned: PlannedHost[] = [];
  const taken = new Set(spec.components.map(({ instance }) => dnsName(instance)));
  const add = (component: PlannedComponent, names: string[], index?: number): void => {
    // The same name in each attempt, whatever else it deploys.
    const hash = createHash('sha256')
      .update(names[0] ?? '')
      .digest('hex')
      .slice(0, 8);
    const service = `${anchorName(spec)}-${hash}`;
    const { instance, ports } = component;
    planned.push({
      names,
      service,
      instance,
      ports,
      manifest: serviceManifest(spec, owner, { ...component, service, names, index }),
    });
  };
  const seen = new Set<string>();
  for (const component of spec.components) {
    const name = dnsName(component.instance);
    // Only one instance of a DNS name can be deployed.
    if (seen.has(name)) continue;
    seen.add(name);
    const replicas = Array.from({ length: component.replicas }, (_, index) => ({ index, host: `${name}-${index}` }));
    const free = replicas.filter(({ host }) => !taken.has(host));
    if (component.replicas === 1) {
      add(component, [name, ...free.map(({ host }) => host)]);
    } else {
      add(component, [name]);
      for (const { index, host } of free) add(component, [host], index);
    }
  }
  return planned;
}

interface NamedComponent extends PlannedComponent {
  service: string;
  names: string[];
  index?: number | undefined;
}

function serviceManifest(
  spec: RunnerSpec,
  owner: Owner,
  { service, names, instance, ports, index }: NamedComponent,
): Manifest {
  const marks = marksOf(spec, 'component', owner);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...marks, name: service, labels: { ...marks.labels, [hostLabel]: names[0] } },
    spec: {
      selector: {
        [labelNames.testId]: spec.testId,
        [instanceLabel]: instance,
        ...(index !== undefined && { [podIndexLabel]: String(index) }),
      },
      // Components that wait for each other must reach each other before they are ready, as on Docker.
      publishNotReadyAddresses: true,
      ports: servicePorts(ports),
    },
  };
}

/** Returns the ports of a Service (core/v1), with names, which it needs when there are several. */
export function servicePorts(ports: readonly number[]): object[] {
  return (ports.length > 0 ? ports : [unknownPort]).map((port) => ({ name: `port-${port}`, port }));
}
