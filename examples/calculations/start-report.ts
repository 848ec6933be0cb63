import type { Config } from './config';
import type { ApiKey } from './http/api-keys';
import type { AuditedDatabase, Service } from './service';

const audit = '/api/calculations/audit';

/** What the start did and where to look, for a person at a console. No secret is in it: the demo keys are none. */
export function startReport({ address, warehouse, ...database }: Service, config: Config): string {
  const lines = [
    ...describeDatabase('database', database),
    ...(warehouse ? describeDatabase('warehouse', warehouse) : []),
    ...describeKeys(config),
    ['calculations', `${address}/api/calculations and ${address}/api/system-calculations`],
    ['audit trail', `${address}${audit}/recent, /stats, /dashboard; POST /flush`],
    ...(warehouse
      ? [
          ['results', `${address}/api/warehouse/results`] satisfies Line,
          ['their trail', `${address}/api/warehouse/audit/recent, …`] satisfies Line,
        ]
      : []),
    ...[database, ...(warehouse ? [warehouse] : [])].flatMap(({ trail }) =>
      trail.describe().warnings.map((warning): Line => ['warning', warning]),
    ),
  ] satisfies Line[];
  return [
    '',
    ...lines.map(([label, text]) => `  ${label.padEnd(14)}${text}`),
    '',
    ...example(config, address),
    '',
  ].join('\n');
}

function describeDatabase(label: string, { trail, migrationsRun }: AuditedDatabase): Line[] {
  const { driver, journalMode, pool, migrationsRun: auditMigrations, capturedTables, auditDatabase } = trail.describe();
  const journal = journalMode === null ? '' : `, journal mode ${journalMode.toUpperCase()}`;
  return [
    [label, `${trail.dataSource.driver.database ?? 'in memory'}, ${driver}${journal}`],
    ...(pool ? [['connections', `${pool.least} kept, ${pool.most} at most`] satisfies Line] : []),
    ...(auditDatabase === null ? [] : [['audit log', `delivered to ${auditDatabase}`] satisfies Line]),
    ['migrations', `application: ${list(migrationsRun, 'none due')}`],
    ['', `audit trail: ${list(auditMigrations, 'none due')}`],
    ['captured', list(capturedTables, 'nothing')],
  ];
}

type Line = [label: string, text: string];

function list(names: readonly string[], none: string): string {
  return names.length > 0 ? names.join(', ') : none;
}

function describeKeys({ keys, demo }: Config): Line[] {
  if (!demo) return [['keys', keys.map(({ name, role }) => `${name} (${role})`).join(', ')]];
  return keys.map(({ key, role }, index) => [index === 0 ? 'demo keys' : '', `${key.padEnd(20)}${rights[role]}`]);
}

const rights: Record<ApiKey['role'], string> = {
  analyst: 'works with calculations',
  reviewer: 'the same, and reads the audit trail',
  operator: 'the same, and may flush it',
};

function example({ demo }: Config, address: string): string[] {
  const key = (role: string): string => (demo ? `${role}-demo-key` : `<key of a ${role}>`);
  return [
    '  Try:',
    `    curl -X POST ${address}/api/calculations -H 'Authorization: Bearer ${key('analyst')}' \\`,
    `      -H 'Content-Type: application/json' -H 'X-Reason: quote for Smith' \\`,
    `      -d '{"name":"gross price","formula":"net * (1 + vat_rate)","inputs":{"net":100}}'`,
    `    curl '${address}${audit}/recent?fresh=true' -H 'Authorization: Bearer ${key('reviewer')}'`,
  ];
}
