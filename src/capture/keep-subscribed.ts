import type { DataSource } from 'typeorm';
import { AuditSubscriber } from './audit-subscriber';

/** Keeps the subscriber among those of a DataSource, of which TypeORM makes a new list while it initialises. */
export function keepSubscribed(dataSource: DataSource, subscriber: AuditSubscriber): void {
  let subscribers = dataSource.subscribers.filter((other) => !(other instanceof AuditSubscriber));
  Object.defineProperty(dataSource, 'subscribers', {
    configurable: true,
    enumerable: true,
    get: () => subscribers,
    set: (list: DataSource['subscribers']) => {
      subscribers = [...list, subscriber];
    },
  });
  dataSource.subscribers.push(subscriber);
}
