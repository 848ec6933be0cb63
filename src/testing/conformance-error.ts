/** What the suite has to say to a person: a write path that was not recorded exactly, or a set-up that can't be judged. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
}
