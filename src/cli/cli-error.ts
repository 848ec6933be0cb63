/** Exit codes of every command; `docs/cli.md` lists them. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/**
 * Codes of what can go wrong on the command line alone, each with its exit code; errors of the library keep their own
 * code. `docs/cli.md` lists them; a test keeps the list and this one the same.
 */
export const cliErrorCodes = {
  AUDIT_CLI_USAGE: exitCodes.usage,
  AUDIT_CLI_NO_DATABASE: exitCodes.usage,
  AUDIT_CLI_INVALID_KEY: exitCodes.usage,
  AUDIT_CLI_DATABASE_NOT_FOUND: exitCodes.failed,
  AUDIT_CLI_IN_MEMORY: exitCodes.failed,
  AUDIT_CLI_DATA_SOURCE_NOT_FOUND: exitCodes.failed,
  AUDIT_CLI_DATA_SOURCE_FAILED: exitCodes.failed,
  AUDIT_CLI_DATA_SOURCE_EXPORT: exitCodes.failed,
  AUDIT_CLI_TYPESCRIPT: exitCodes.failed,
  AUDIT_CLI_OTHER_COPY: exitCodes.failed,
  AUDIT_CLI_KEYS_REQUIRED: exitCodes.failed,
  AUDIT_CLI_ADDRESS_IN_USE: exitCodes.failed,
  AUDIT_CLI_CANNOT_LISTEN: exitCodes.failed,
  AUDIT_CLI_FASTIFY_MISSING: exitCodes.failed,
  AUDIT_CLI_FAILED: exitCodes.failed,
} as const satisfies Record<string, ExitCode>;

export type CliErrorCode = keyof typeof cliErrorCodes;

/** What a person at a console can act on: a message and a remedy, one sentence each; never a key or a password. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    readonly code: CliErrorCode,
    message: string,
    readonly remedy: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }

  get exitCode(): ExitCode {
    return cliErrorCodes[this.code];
  }
}

/** The `code` that Node, drivers and commander put on their errors. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
