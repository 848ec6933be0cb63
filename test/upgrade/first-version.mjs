// The application before the upgrade: writes changes, drains nothing, and says when they are committed.
import { EntitySchema } from 'typeorm';
import { AuditTrail, auditContext, createDataSource } from 'typeorm-audit-trail';

const Customer = new EntitySchema({
  name: 'Customer',
  columns: {
    id: { type: 'integer', primary: true, generated: true },
    name: { type: 'varchar' },
    credit: { type: 'bigint', nullable: true },
  },
});
const dataSource = createDataSource(`sqlite:${process.argv[2]}`, {
  entities: [Customer],
  synchronize: true,
  audit: { drain: false },
});
await AuditTrail.attach(dataSource);
await auditContext.run({ actor: 'first version' }, async () => {
  for (let id = 1; id <= 100; id += 1) {
    await dataSource.getRepository(Customer).save({ id, name: `customer ${id}`, credit: '9007199254740993' });
    await dataSource.getRepository(Customer).update({ id }, { credit: null });
  }
});
process.send('committed');
setInterval(() => undefined, 1000);
