import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consumerSuite, succeeded } from './consumer-suite';
import { Project, readmePeers, root, run } from './project';

describe('the packed tarball, installed into an empty project', () => {
  let project: Project;

  beforeAll(async () => {
    project = await Project.create();
    succeeded(await run('npm', ['pack', '--pack-destination', project.directory], root));
    const tarball = (await readdir(project.directory)).find((file) => file.endsWith('.tgz'));
    succeeded(await project.run('npm', ['install', `./${tarball}`, ...(await readmePeers())]));
    await project.addFixtures();
  });

  afterAll(() => project.remove());

  consumerSuite(() => project);

  it('compiles as ESM and as CommonJS without its optional peers', async () => {
    expect(await project.compile('consumer', 'testing-consumer')).toEqual([]);
  });

  it('starts its command from node_modules/.bin', async () => {
    expect(succeeded(await project.run('node_modules/.bin/audit-trail', ['--help']))).toContain('migrate');
  });

  it('brings what it needs and nothing else', async () => {
    const home = join(project.directory, 'node_modules/typeorm-audit-trail');
    const top = await readdir(home);
    expect(top.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']);
    expect((await readdir(join(home, 'dist'))).sort()).toEqual(['migrations', 'src']);
    const { dependencies } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(await readdir(join(project.directory, 'node_modules'))).not.toContain('fastify');
    expect(Object.keys(dependencies).sort()).toEqual([
      '@fastify/type-provider-typebox',
      'commander',
      'fastify-plugin',
      'typebox',
    ]);
  });
});
