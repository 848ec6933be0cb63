import type { Calculation } from '../entities/calculation';
import { UserCalculation } from '../entities/user-calculation';

/** A calculation as the API shows it: snake_case, as the audit API has it. */
export function viewOf(calculation: Calculation) {
  const { id, name, formula, inputs, result, status, error, owner } = calculation;
  return {
    id,
    name,
    formula,
    inputs,
    ...(calculation instanceof UserCalculation ? { uses: (calculation.uses ?? []).map((used) => used.name) } : {}),
    result,
    status,
    error,
    owner,
    created_at: calculation.createdAt,
    updated_at: calculation.updatedAt,
    deleted_at: calculation.deletedAt,
  };
}

/** The envelope of every good answer; the bad ones get theirs from `installErrorEnvelope`. */
export function success<T>(data: T): { success: true; data: T } {
  return { success: true, data };
}
