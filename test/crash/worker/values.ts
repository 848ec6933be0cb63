import type { Random } from '../random';
import type { Details, Known } from './known';

const names = [
  'plain',
  'naïve',
  '日本語',
  "O'Hara",
  '"quoted"',
  'snow ☃ and 😀',
  '',
  ' blank ',
  'line\nbreak',
  '{"$stored":1}',
];
const serials = ['0', '-1', '9007199254740993', '-9223372036854775808', '9223372036854775807'];
const cities = [null, 'Graz', 'GRAZ', 'graz'];

/** Names that no earlier row had, whatever became of it. */
export class Fresh {
  private count = 0;

  constructor(private readonly base: number) {}

  id(): number {
    this.count += 1;
    return this.base + this.count;
  }

  tag(): string {
    return `m${this.id()}`;
  }
}

export function newAccount(owner: string, random: Random, fresh: Fresh): Known {
  return {
    id: fresh.id(),
    owner,
    ...accountValues(random),
    isActive: random.chance(0.5),
    isDeleted: false,
    movements: new Map<string, number>(),
    labels: new Set<number>(),
  };
}

/** What a change may set; the values are those that are easily recorded wrong. */
export function accountValues(random: Random) {
  return {
    name: `${random.pick(names)} ${random.whole(1, 1_000_000)}`,
    balance: random.whole(-1000, 1000),
    amount: random.pick([random.whole(-9, 9), random.next() * 1000, 0.1 + 0.2]),
    rate: random.pick([random.whole(-9, 9), random.next(), 1e-300, 1e300]),
    serial: random.pick(serials),
    details: random.pick<Details | null>([
      null,
      {},
      { a: 1, b: [1, null] },
      { b: [1, null], a: 1 },
      { $stored: 'not a tag' },
    ]),
    photo: random.pick([null, Buffer.alloc(0), Buffer.from([0, 1, 255, random.whole(0, 255)])]),
    city: random.pick(cities),
  };
}

/** As the ORM wants them. */
export function toColumns(known: Partial<Known>) {
  const { city, isDeleted: _isDeleted, movements: _movements, labels: _labels, ...columns } = known;
  return { ...columns, ...(city !== undefined && { place: { city } }) };
}
