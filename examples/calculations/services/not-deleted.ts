import { IsNull } from 'typeorm';

/**
 * Said of the calculation itself, next to `withDeleted: true`: what it uses is loaded deleted or not. A system
 * calculation that was retired goes on counting where it is used, and saving does not unlink it by omission.
 */
export const notDeleted = { deletedAt: IsNull() };
