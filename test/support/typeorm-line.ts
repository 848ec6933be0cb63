import { InsertQueryBuilder } from 'typeorm';

/** The installed TypeORM is 0.3, not 1.x: told by what only the later one has, since neither says its version. */
export const isTypeorm03 = !('valuesFromSelect' in InsertQueryBuilder.prototype);
