import type { AuditEntry } from '../../src/index';
import { contextOf, contextProblems, isMaker } from './flow-context';
import type { JournaledStep, Journal, Scope } from './journal';
import { ownerOf } from './keys';
import type { Program } from './program';

/** Whether every entry is of the flow, the step and the transaction that made its change, a sentence each if not. */
export function attributionProblems(entries: readonly AuditEntry[], journal: Journal, program: Program): string[] {
  const problems: string[] = [];
  const transactions = new TransactionIds();
  for (const entry of entries) {
    const step = stepOf(entry, journal);
    const found = [
      ...flowProblems(entry, journal, program),
      ...stepProblems(entry, step),
      ...transactions.add(entry, step),
    ];
    problems.push(...found.map((text) => `entry ${entry.id} (${entry.operation} of ${entry.table}): ${text}`));
  }
  return [...problems, ...eventProblems(entries, journal), ...markerProblems(entries, journal)];
}

/** The step that wrote the row, where the entry shows its token; undefined where it changed other columns only. */
function stepOf({ before, after, operation }: AuditEntry, journal: Journal): JournaledStep | string | undefined {
  // The name of an event is the token of its step.
  const token = operation === 'event' ? after?.['name'] : after?.['token'];
  if (typeof token !== 'string' || token === before?.['token']) return undefined;
  return journal.steps.get(token) ?? token;
}

function flowProblems(entry: AuditEntry, journal: Journal, program: Program): string[] {
  const contextFor = (owner: number) => contextOf(program.flows[owner - 1], owner);
  const found = makers(entry, journal, program).map((owner) => contextProblems(entry, contextFor(owner)));
  return found.some((problems) => problems.length === 0) ? [] : found[0]!;
}

/** The flows that can have made the change: that of the row's owner, first, and with few exceptions no other. */
function makers(entry: AuditEntry, journal: Journal, program: Program): number[] {
  const { table, operation } = entry;
  // A flow that clears the table deletes rows of others. Every other change is the owner's, cascades included.
  if (table === 'scrap' && (operation === 'delete' || operation === 'truncate')) {
    return program.flows.map((_, index) => index + 1);
  }
  const owner = rowOwner(entry);
  if (table !== 'note' || operation === 'insert') return [owner];
  // The database gives the number of a note that was rolled back to another flow's. Who was not awaited, and knows the
  // note by its number still, changes that one.
  const floating = [...journal.steps.values()].filter(({ isFloating }) => isFloating).map((step) => step.owner);
  return [owner, ...new Set(floating)];
}

function rowOwner({ table, before, after, operation }: AuditEntry): number {
  if (operation === 'event') return Number.parseInt(String(after?.['name']), 10);
  const image = after ?? before ?? {};
  return table === 'book_tag' ? ownerOf(Number(image['book.id'] ?? image['bookId'])) : Number(image['owner']);
}

function stepProblems(entry: AuditEntry, step: JournaledStep | string | undefined): string[] {
  if (step === undefined) return [];
  if (typeof step === 'string') return [`no step has the token ${step}`];
  const problems: string[] = [];
  const name = `${step.op} ${step.token}`;
  if (entry.reason !== step.reason) problems.push(`its reason is ${entry.reason}, not ${step.reason} of ${name}`);
  const unit = entry.metadata?.['unit'];
  const maker = step.op.startsWith('raw ') ? 'sql' : 'orm';
  if (isMaker(entry.source) && entry.source !== maker)
    problems.push(`its source is ${entry.source}, but ${name} made it`);
  if (unit !== step.unit) problems.push(`its metadata are of unit ${String(unit)}, not ${step.unit} of ${name}`);
  // A step that was not awaited may have ended before or after its transaction.
  if (!step.isFloating && !step.scope.hasLanded) problems.push(`${name} was rolled back`);
  return problems;
}

/** One id for all entries of a transaction, in one stretch of the log, and another for each transaction. */
class TransactionIds {
  private last: { id: string; correlationId: string | null } | undefined;
  private readonly ended = new Set<string>();
  private readonly scopeOf = new Map<string, Scope>();
  private readonly idOf = new Map<Scope, string>();

  add({ transactionId, correlationId }: AuditEntry, step: JournaledStep | string | undefined): string[] {
    const problems: string[] = [];
    if (this.last && this.last.id !== transactionId) this.ended.add(this.last.id);
    else if (this.last && this.last.correlationId !== correlationId)
      problems.push('its transaction holds entries of another flow');
    if (this.ended.has(transactionId)) problems.push('its transaction had ended in the log');
    this.last = { id: transactionId, correlationId };
    if (step === undefined || typeof step === 'string' || step.isFloating) return problems;
    const scope = this.scopeOf.get(transactionId) ?? step.transaction;
    const id = this.idOf.get(step.transaction) ?? transactionId;
    if (scope !== step.transaction) problems.push(`${step.token} shares its transaction id with another transaction`);
    if (id !== transactionId) problems.push(`the transaction of ${step.token} has a second id`);
    this.scopeOf.set(transactionId, step.transaction);
    this.idOf.set(step.transaction, transactionId);
    return problems;
  }
}

/** Events have no rows, so that replay does not see one that is missing. */
function eventProblems(entries: readonly AuditEntry[], journal: Journal): string[] {
  const recorded = entries.filter(({ operation }) => operation === 'event').map(({ after }) => String(after?.['name']));
  const steps = [...journal.steps.values()].filter(({ op }) => op === 'business event');
  const landed = steps.filter(({ scope, isFloating }) => isFloating || scope.hasLanded).map(({ token }) => token);
  const due = steps.filter(({ scope, isFloating }) => !isFloating && scope.hasLanded).map(({ token }) => token);
  const missing = due.filter((token) => !recorded.includes(token)).map((token) => `the event of ${token} is missing`);
  const surplus = recorded
    .filter((token) => !landed.includes(token))
    .map((token) => `the event of ${token} was rolled back`);
  return [...missing, ...surplus];
}

/** A marker for each clear() that landed; of what was not awaited it is not known whether it did. */
function markerProblems(entries: readonly AuditEntry[], journal: Journal): string[] {
  const markers = entries.filter(({ operation }) => operation === 'truncate').length;
  const clears = [...journal.steps.values()].filter(({ op }) => op === 'clear');
  const least = clears.filter(({ scope, isFloating }) => !isFloating && scope.hasLanded).length;
  const most = clears.filter(({ scope, isFloating }) => isFloating || scope.hasLanded).length;
  if (markers >= least && markers <= most) return [];
  return [`${markers} markers are recorded of ${least} to ${most} clears`];
}
