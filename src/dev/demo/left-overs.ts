import type Docker from 'dockerode';

/** What the engine still has of the tasks: containers (ended ones too), networks and volumes by their testid label. */
export async function leftOvers(docker: Docker, testIds: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    testIds.map(async (testId) => {
      const filters = { label: [`testid=${testId}`] };
      const [containers, networks, volumes] = await Promise.all([
        docker.listContainers({ all: true, filters }),
        docker.listNetworks({ filters }),
        docker.listVolumes({ filters }),
      ]);
      return [
        ...containers.map((container) => `container ${container.Names.join(' ')}`),
        ...networks.map((network) => `network ${network.Name}`),
        ...(volumes.Volumes ?? []).map((volume) => `volume ${volume.Name}`),
      ];
    }),
  );
  return found.flat();
}
