import { EntityManager } from 'typeorm';
import type { FlowFrames } from './transaction-scope';

/* eslint-disable @typescript-eslint/no-explicit-any -- seam with TypeORM: overloads are passed through as they come */
type Method = (...args: any[]) => Promise<any>;

/** The methods that start a transaction and run other people's code in it. */
const methods = ['transaction', 'save', 'remove', 'softRemove', 'recover'] as const;

/**
 * An EntityManager that runs each operation which may start a transaction under a frame of its own. Work in that
 * transaction, through whatever manager, is found to belong to it; work beside it is not.
 */
export function scopedManagerClass(frames: FlowFrames): typeof EntityManager {
  class ScopedEntityManager extends EntityManager {}
  for (const name of methods) {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- applied to the manager below
    const original = EntityManager.prototype[name] as Method;
    Object.defineProperty(ScopedEntityManager.prototype, name, {
      configurable: true,
      writable: true,
      value(this: EntityManager, ...args: any[]): Promise<any> {
        return frames.run(() => original.apply(this, args));
      },
    });
  }
  return ScopedEntityManager;
}
