import { afterAll } from 'vitest';
import '../support/mssql';
import { ServerTarget } from './mssql-target';
import { foreignKeyPaths } from './server-extras/foreign-keys';
import { schemaChangePaths } from './server-extras/schema-changes';
import { statementPaths } from './server-extras/statements';
import { tableShapePaths } from './server-extras/table-shapes';
import { userTriggerPaths } from './server-extras/user-triggers';
import { localTimePaths, valuePaths } from './server-extras/values';
import { conformanceSuite } from './suite';

const target = new ServerTarget('attach');
const local = new ServerTarget('attach', { isUtc: false });

afterAll(async () => {
  await target.startAfresh();
  await local.startAfresh();
}, 60_000);

conformanceSuite(target, 'Foreign keys', foreignKeyPaths);
conformanceSuite(target, 'Triggers of the application', userTriggerPaths);
conformanceSuite(target, 'Statements', statementPaths);
conformanceSuite(target, 'Table shapes', tableShapePaths);
conformanceSuite(target, 'Schema changes', schemaChangePaths);
conformanceSuite(target, 'Values', valuePaths);
conformanceSuite(local, 'Values without UTC', localTimePaths);
