import type { Logger } from 'typeorm';

/** TypeORM's own logger reports migrations on the console whatever the options say; a command reports them itself. */
export class QuietLogger implements Logger {
  logQuery(): void {}
  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}
