import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Where files that are no page are read: the address of the repository, such as https://github.com/owner/brightbird. */
const repository = process.env.REPOSITORY;
const pages = [
  'README.md',
  'README.zh-CN.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CODE_OF_CONDUCT.md',
  'CHANGELOG.md',
];
const isPage = (path) => path.startsWith('docs/') || pages.includes(path);

const items = (folder, names) =>
  Object.entries(names).map(([text, name]) => ({ text, link: `/docs/${folder}${name}` }));
const sidebar = [
  { text: 'Start', items: items('', { 'Getting started': 'getting-started', Concepts: 'concepts' }) },
  {
    text: 'Guides',
    items: items('guides/', {
      Jobs: 'jobs',
      'Test flows': 'test-flows',
      Plugins: 'plugins',
      'Build images': 'images',
      'GitHub webhooks': 'webhooks',
      'Hold and retry': 'hold-and-retry',
      Bisect: 'bisect',
      Secrets: 'secrets',
      'Artifacts and JUnit': 'artifacts',
    }),
  },
  {
    text: 'Reference',
    items: items('reference/', {
      Configuration: 'configuration',
      'HTTP API': 'api',
      'Command line': 'cli',
      'Flow YAML': 'flow-yaml',
      'plugin.yaml': 'plugin-yaml',
      'Go templates': 'go-templates',
      'Error codes': 'error-codes',
      Metrics: 'metrics',
    }),
  },
  {
    text: 'Operate',
    items: items('operate/', {
      Deploy: 'deploy',
      Upgrade: 'upgrade',
      'Backup and retention': 'backup',
      Troubleshooting: 'troubleshoot',
      Security: 'security',
      'Temporal tools': 'temporal',
    }),
  },
  {
    text: 'Contribute',
    items: [
      { text: 'Contributing', link: '/CONTRIBUTING' },
      { text: 'Architecture', link: '/ARCHITECTURE' },
      ...items('contribute/', { 'How it works': 'how-it-works', Benchmarks: 'benchmarks' }),
      { text: 'Changelog', link: '/CHANGELOG' },
    ],
  },
];

/** Files and folders of the repository that are no page of the site: read in the repository, or no link without its address. */
function outside(env, href) {
  if (/^([a-z]+:|#|\/)/.test(href)) return undefined;
  const [path] = href.split('#');
  const target = posix.normalize(posix.join(posix.dirname(env.relativePath), decodeURI(path)));
  return isPage(target) && target.endsWith('.md') ? undefined : target;
}

/** Points a link to the repository where its target is no page; false where it became plain text. */
function point(link, env) {
  const target = outside(env, link.attrGet('href') ?? '');
  if (target === undefined) return true;
  if (!existsSync(`${root}${target}`)) throw new Error(`${env.relativePath}: ${target} does not exist`);
  if (repository) link.attrSet('href', `${repository}/blob/main/${target}`);
  else Object.assign(link, { tag: 'span', attrs: [] });
  return Boolean(repository);
}

function readInRepository(md) {
  md.core.ruler.push('repository_links', ({ tokens, env }) => {
    for (const { children } of tokens) {
      let isLink = true;
      for (const token of children ?? []) {
        if (token.type === 'link_open') isLink = point(token, env);
        if (token.type === 'link_close' && !isLink) token.tag = 'span';
      }
    }
  });
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, at, ...rest) =>
    tokens[at].info.trim() === 'mermaid'
      ? `<Mermaid graph="${encodeURIComponent(tokens[at].content)}" />`
      : fence(tokens, at, ...rest);
  // Vue would take braces for expressions of its own.
  const render = md.render.bind(md);
  md.render = (...given) => render(...given).replaceAll('{{', '&#123;&#123;');
}

export default defineConfig({
  title: 'BrightBird',
  description: 'End-to-end tests of systems of many services, on Temporal',
  srcDir: '..',
  srcExclude: ['**/node_modules/**', 'examples/**', 'test/**', 'src/**', '.github/**', 'site/**', 'scripts/**'],
  outDir: './dist',
  cacheDir: './.vitepress/cache',
  base: process.env.BASE || '/',
  rewrites: { 'README.md': 'index.md', 'README.zh-CN.md': 'zh-CN.md', 'docs/README.md': 'docs/index.md' },
  cleanUrls: true,
  markdown: { config: readInRepository },
  // Pages lie outside of this folder, where its packages are not found.
  vite: { resolve: { alias: { vue: fileURLToPath(new URL('../node_modules/vue', import.meta.url)) } } },
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Documentation', link: '/docs/' },
      { text: '中文', link: '/docs/zh-CN/getting-started' },
    ],
    sidebar,
    ...(repository && { socialLinks: [{ icon: 'github', link: repository }] }),
  },
});
