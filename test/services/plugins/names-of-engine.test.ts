import { expect, test } from '@jest/globals';
import { parsePluginYaml } from '../../../src/services/plugins/parse-plugin-yaml.ts';
import { faultOf } from '../../support/language/flow/flows.ts';

const yaml = (image: string, volume = 'data') => `name: web
version: v1.0.0
pluginType: Deployer
service:
  image: ${JSON.stringify(image)}
  ports: [{ port: 80 }]
  volumes: [{ name: ${JSON.stringify(volume)}, mountPath: /data }]
`;
const parse = (image: string, volume?: string) => () => parsePluginYaml(yaml(image, volume), 'plugin.yaml');

test.each(['/nginx', 'http://x/y', '../x', 'a b', 'Nginx:Latest', 'nginx:', 'x?y=1', 'x#y'])(
  'a plugin with the image %j is refused at its upload, with the place',
  (image) => {
    const fault = faultOf(parse(image));
    expect(fault).toMatchObject({ code: 'plugin_invalid', where: { line: 5 } });
    expect(fault.message).toContain('service.image: the name of an image');
  },
);

test.each(['/data', '../networks', 'x?y'])('a plugin with the volume %j is refused at its upload', (volume) => {
  expect(faultOf(parse('nginx', volume)).message).toContain('service.volumes[0].name: the name of a volume');
});

test('an image and a volume that are known only during a run are accepted', () => {
  expect(parse('{{input.image}}', '{{input.volume}}')).not.toThrow();
  expect(parse('ghcr.io/acme/web:1', '')).not.toThrow();
});
