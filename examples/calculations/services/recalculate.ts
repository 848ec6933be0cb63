import type { FindOptionsRelations, Repository } from 'typeorm';
import { calculate } from '../calculate';
import type { Calculation } from '../entities/calculation';
import { notDeleted } from './not-deleted';

export interface Recalculation {
  owner: string;
  recalculated: number;
  failed: number;
}

/** How many calculations are in memory at once. */
const chunkSize = 200;

/**
 * Calculates everything of an owner again, inside the transaction of the caller.
 *
 * First one UPDATE by criteria marks them all as pending, however many there are; then each gets its own result, which
 * no single UPDATE could compute. The trail has both: a bulk update leaves one entry for every row it changed, and all
 * entries of a recalculation share its transaction id. Outside the transaction nobody ever sees the marks.
 */
export async function recalculateAll(
  repository: Repository<Calculation>,
  relations: FindOptionsRelations<Calculation>,
  owner: string,
): Promise<Recalculation> {
  await repository.update({ owner, ...notDeleted }, { status: 'pending' });
  const report: Recalculation = { owner, recalculated: 0, failed: 0 };
  for (;;) {
    const pending = await repository.find({
      where: { owner, status: 'pending', ...notDeleted },
      withDeleted: true,
      relations,
      relationLoadStrategy: 'query',
      order: { id: 'ASC' },
      take: chunkSize,
    });
    if (pending.length === 0) return report;
    for (const calculation of pending) {
      const outcome = calculate(calculation);
      await repository.update(calculation.id, outcome);
      report.recalculated += 1;
      if (outcome.status === 'failed') report.failed += 1;
    }
  }
}
