import type { App } from '../write-path';
import { User } from './blog';

/** A user with every column filled. */
export function person(name: string, more: Partial<User> = {}): Partial<User> {
  return {
    name,
    email: `${name.toLowerCase()}@example.org`,
    secret: `secret of ${name}`,
    age: 30,
    meta: { b: 1, a: [true, null, 'x'] },
    doc: { z: [1.5, { y: null }], b: 'ä' },
    big: 5,
    bin: Buffer.from([0, 1, 254, 255]),
    at: new Date('2024-02-29T12:34:56.789Z'),
    tags: ['one', 'two'],
    addr: { city: 'Bern', zip: '3000' },
    ...more,
  };
}

/** Stores users called like this, and gives them as the repository finds them: without `secret`. */
export async function people({ manager }: App, ...names: string[]): Promise<User[]> {
  for (const name of names) await manager.insert(User, person(name));
  return manager.find(User, { order: { id: 'ASC' } });
}

export async function onePerson(app: App, name = 'Anna'): Promise<User> {
  return (await people(app, name)).at(-1)!;
}
