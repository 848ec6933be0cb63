import { AuditTrail, createDataSource } from '../../../src/index';
import { logEntities } from './shape';

/** A log that `fillLog` wrote, under the library. */
export async function openLog(file: string): Promise<{ trail: AuditTrail; close: () => Promise<void> }> {
  const dataSource = createDataSource(`sqlite:${file}`, { entities: logEntities });
  const trail = await AuditTrail.attach(dataSource);
  return { trail, close: () => dataSource.destroy() };
}
