import { createHash, timingSafeEqual } from 'node:crypto';
import { ForbiddenError, UnauthorizedError } from '../../errors';
import type { Authorize } from '../../http/plugin';
import type { AccessKey } from '../access-keys';

/** Lets in who has one of the keys; a flush needs one with that right. */
export function authorizeByKey(keys: readonly AccessKey[]): Authorize {
  const known = keys.map(({ name, key, mayFlush }) => ({ name, mayFlush, digest: digestOf(key) }));
  return ({ headers }, action) => {
    const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) throw new UnauthorizedError('This service answers only with a key.');
    const digest = digestOf(token);
    // Every key is compared, in full: how long it takes says nothing about how close a guess came.
    const [holder] = known.filter((candidate) => timingSafeEqual(candidate.digest, digest));
    if (!holder) throw new UnauthorizedError('The key is not known to this service.');
    if (action === 'flush' && !holder.mayFlush) throw new ForbiddenError(`The key of ${holder.name} may only read.`);
    return true;
  };
}

/** Of one length, whatever the length of the key, as `timingSafeEqual` requires. */
function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
