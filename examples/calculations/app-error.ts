export interface AppErrorKind {
  statusCode: number;
  /** Stable, for programs. */
  code: string;
  /** What to do about it, one sentence, for people. */
  remedy: string;
}

/** An error that the caller can act on. `installErrorEnvelope` turns it into an answer by these three fields. */
export class AppError extends Error {
  readonly statusCode: number;
  readonly code: string;
  readonly remedy: string;

  constructor(message: string, kind: AppErrorKind) {
    super(message);
    this.name = 'AppError';
    this.statusCode = kind.statusCode;
    this.code = kind.code;
    this.remedy = kind.remedy;
  }
}
