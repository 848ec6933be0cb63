import { it } from 'vitest';
import { freshDatabase } from '../support/mssql';
import { startAtOnce } from './migrations-at-once';

it('the audit tables of a new database are made once, and nobody fails', { timeout: 120_000 }, async () =>
  startAtOnce(await freshDatabase()),
);
