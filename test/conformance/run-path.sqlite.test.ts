import { afterAll, describe, expect, test } from 'vitest';
import { User } from './model/blog';
import { allPaths } from './paths/all-paths';
import { runPath } from './run-path';
import { SqliteTarget } from './sqlite-target';
import type { AuditedDatabase, Target } from './target';

const target = new SqliteTarget();

afterAll(() => target.dispose());

describe('the suite', () => {
  const update = allPaths.find(({ name }) => name === 'update(criteria) 2 rows')!;

  test('passes a path that is captured', async () => {
    expect(await runPath(target, update)).toMatchObject({ problems: [], verdict: 'yes' });
  });

  test('fails a path of which an entry is lost', async () => {
    const leaking: Target = {
      name: 'leaking',
      openPlain: (model, truth) => target.openPlain(model, truth),
      open: async (model) => {
        const opened = await target.open(model);
        const recorded: AuditedDatabase['recorded'] = async () => {
          const { entries, maps } = await opened.recorded();
          return { entries: entries.slice(1), maps };
        };
        return { ...opened, recorded };
      },
    };
    expect(await runPath(leaking, update)).toMatchObject({ recorded: 'user.U', verdict: 'NO' });
  });

  test('fails a path whose claim is wrong, by a log of its own', async () => {
    const { problems } = await runPath(target, { ...update, changes: 'user.U' });
    expect(problems).toContain('the claim is user.U; an independent log counted user.U×2');
  });

  test('fails a path that ends otherwise than without the library', async () => {
    let runs = 0;
    const run: typeof update.run = ({ manager }) => manager.update(User, { id: 1 }, { name: `run ${(runs += 1)}` });
    const { problems } = await runPath(target, { ...update, changes: 'user.U', run });
    expect(problems).toContainEqual(expect.stringContaining('compared with a run without the library, user: a row'));
  });
});
