/** The environment is not right. Shown at the start without a stack trace: it is the operator's to correct. */
export class ConfigError extends Error {
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
    this.name = 'ConfigError';
  }
}
