import { DataSource, type EntitySubscriberInterface, getMetadataArgsStorage } from 'typeorm';
import { optionsOf, prepared } from '../../support/databases';
import { entities } from '../../support/entities';
import { first } from '../../support/handle';
import type { Contestant } from './contestant';
import { guestPackage, load } from './guest-package';

/** What its README shows of the package. */
interface Package {
  AuditingEntity: (origin: Class) => (target: Class) => void;
  AuditingSubscriber: new () => EntitySubscriberInterface;
}
type Class = new () => object;

/**
 * Set up as its README says: an entity of its own for the history of each entity, and its subscriber. It knows no context.
 * But for one thing, without which there would be nothing to compare: see `keyFault`.
 */
export async function openTypeormAuditing(file: string): Promise<Contestant> {
  const { AuditingEntity, AuditingSubscriber } = load<Package>(guestPackage);
  const histories = entities.map((entity) => {
    const name = `Auditing${entity.name}`;
    const history = { [name]: class {} }[name]!;
    AuditingEntity(entity)(history);
    return history;
  });
  for (const { propertyName, options } of getMetadataArgsStorage().columns) {
    if (propertyName === '_seq') options.type = 'integer';
  }
  const dataSource = new DataSource({
    ...optionsOf(file),
    entities: [...entities, ...histories],
    subscribers: [AuditingSubscriber],
  });
  await dataSource.initialize();
  const handle = await prepared(dataSource);
  const tables = histories.map((history) => dataSource.getMetadata(history).tableName);
  const count = `SELECT ${tables.map((table) => `(SELECT count(*) FROM "${table}")`).join(' + ')}`;
  return {
    dataSource,
    run: (_correlationId, work) => work(),
    settle: async () => undefined,
    recorded: async () => Number(await first(handle, count)),
    forget: async () => {
      for (const table of tables) await handle.exec(`DELETE FROM "${table}"`);
    },
  };
}
