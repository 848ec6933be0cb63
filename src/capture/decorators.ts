import 'reflect-metadata';

/** Decorator metadata lives under registered symbols, so that two copies of this module agree. */
const notAudited = Symbol.for('typeorm-audit-trail:not-audited');
const redacted = Symbol.for('typeorm-audit-trail:redacted');

type ClassOrPropertyDecorator = (target: object, property?: string | symbol) => void;

/** On an entity: none of its changes are recorded. On a column: the column is left out of every image. */
export function NotAudited(): ClassOrPropertyDecorator {
  return (target, property) => {
    if (property === undefined) Reflect.defineMetadata(notAudited, true, target);
    else Reflect.defineMetadata(notAudited, true, target, property);
  };
}

/** On a column: it is recorded that the value changed, never to what; no audit table ever holds it. */
export function Redacted(): PropertyDecorator {
  return (target, property) => Reflect.defineMetadata(redacted, true, target, property);
}

/** A class of an entity, or the name of an EntitySchema, which has no decorators. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- TypeORM's own type of an entity's target
type Target = Function | string;

export function isEntityExcluded(target: Target): boolean {
  return typeof target === 'function' && Reflect.getMetadata(notAudited, target) === true;
}

export function isColumnExcluded(target: Target, property: string): boolean {
  return hasMark(notAudited, target, property);
}

export function isColumnRedacted(target: Target, property: string): boolean {
  return hasMark(redacted, target, property);
}

function hasMark(mark: symbol, target: Target, property: string): boolean {
  return typeof target === 'function' && Reflect.getMetadata(mark, target.prototype as object, property) === true;
}
