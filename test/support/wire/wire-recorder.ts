import { createRequire } from 'node:module';
import { type WireMessage, type WireParameter, violationsOf } from './rules';
import { batchesOf, nameAt } from './statements';
import type { Token } from './tsql-tokens';

/** What is used of tedious, whose types do not show it. */
interface TediousConnection {
  state: unknown;
  STATE: { LOGGED_IN: unknown };
  config: { options: { database?: string } };
}
interface TediousRequest {
  canceled?: boolean;
}
interface TediousPayload {
  sqlText?: string;
  procedure?: string | number;
  parameters?: { name: string; type: { name: string }; value: unknown }[];
}
type MakeRequest = (
  this: TediousConnection,
  request: TediousRequest,
  packetType: number,
  payload: TediousPayload,
) => void;

/** Types of a TDS packet (MS-TDS 2.2.3.1.1). */
const packetKinds: Readonly<Record<number, WireMessage['kind']>> = {
  1: 'batch',
  3: 'rpc',
  7: 'bulk',
  14: 'transaction',
};
/** Numbers of the procedures that take a statement (MS-TDS 2.2.6.6). */
const withStatement: Readonly<Record<number, string>> = { 10: 'statement', 11: 'stmt', 13: 'stmt' };

/** Records all that tedious sends in this process once it is logged in, and judges it by the rules of SQL Server. */
export class WireRecorder {
  readonly messages: WireMessage[] = [];
  readonly #violations: string[] = [];
  /** Name of a trigger to that of its table, both with database and schema. */
  readonly #triggers = new Map<string, string>();

  /** The seam: every message of tedious goes through this one method, whatever asked for it. */
  install(): this {
    const tedious = createRequire(createRequire(__filename).resolve('mssql'))('tedious') as {
      Connection: { prototype: { makeRequest: MakeRequest } };
    };
    const { prototype } = tedious.Connection;
    const send = prototype.makeRequest;
    const record = (message: WireMessage): void => this.record(message);
    prototype.makeRequest = function (request, packetType, payload) {
      // Otherwise tedious refuses it, and nothing is sent.
      if (this.state === this.STATE.LOGGED_IN && request.canceled !== true) {
        record(messageOf(packetType, payload, this.config.options.database ?? ''));
      }
      send.call(this, request, packetType, payload);
    };
    return this;
  }

  record(message: WireMessage): void {
    this.messages.push(message);
    const found = violationsOf(message, (name) => this.hasTrigger(message.database, name));
    this.#violations.push(...found.map((rule) => `${rule}: ${message.procedure} ${message.sql.slice(0, 500)}`));
    for (const tokens of batchesOf(message.sql)) this.noteTriggers(message.database, tokens);
  }

  /** What is sent while `work` runs, by whomever: of a suite that nothing else runs beside, the work's own round trips. */
  async during(work: () => Promise<unknown>): Promise<WireMessage[]> {
    const start = this.messages.length;
    await work();
    return this.messages.slice(start);
  }

  /** The violations since this was last called. */
  takeViolations(): string[] {
    return this.#violations.splice(0);
  }

  private hasTrigger(database: string, name: readonly string[]): boolean {
    return [...this.#triggers.values()].includes(fullName(database, name));
  }

  /** Follows the triggers of all tables, those of the application too: error 334 makes no difference between them. */
  private noteTriggers(database: string, tokens: readonly Token[]): void {
    tokens.forEach(({ kind, text }, index) => {
      if (kind !== 'word') return;
      const verb = tokens[index - 1]?.text;
      const ifExists = tokens[index + 1]?.text === 'IF';
      const { parts, end } = nameAt(tokens, index + (ifExists ? 3 : 1));
      if (text === 'TRIGGER' && (verb === 'CREATE' || verb === 'ALTER') && tokens[end]?.text === 'ON') {
        const table = nameAt(tokens, end + 1).parts;
        this.#triggers.set(fullName(database, parts), fullName(database, table));
      } else if (text === 'TRIGGER' && verb === 'DROP') {
        this.#triggers.delete(fullName(database, parts));
      } else if (text === 'TABLE' && verb === 'DROP') {
        const table = fullName(database, parts);
        for (const [trigger, owner] of this.#triggers) if (owner === table) this.#triggers.delete(trigger);
      }
    });
  }
}

function fullName(database: string, name: readonly string[]): string {
  const [table = '', schema = '', catalogue = ''] = [...name].reverse();
  return [catalogue || database, schema || 'dbo', table].join('.').toLowerCase();
}

function messageOf(packetType: number, payload: TediousPayload, database: string): WireMessage {
  const parameters = (payload.parameters ?? []).map(({ name, type, value }): WireParameter => ({
    name,
    type: type.name,
    value,
  }));
  const procedure = payload.procedure ?? '';
  const statement = typeof procedure === 'number' ? withStatement[procedure] : undefined;
  const given = parameters.find(({ name }) => name === statement)?.value;
  return {
    kind: packetKinds[packetType] ?? 'batch',
    database,
    sql: payload.sqlText ?? (typeof given === 'string' ? given : ''),
    procedure: statement === 'statement' ? 'sp_executesql' : String(procedure),
    parameters,
  };
}
