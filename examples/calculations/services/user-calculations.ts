import { In, type DataSource, type EntityManager, type FindOptionsRelations } from 'typeorm';
import type { Calculation } from '../entities/calculation';
import { SystemCalculation } from '../entities/system-calculation';
import { UserCalculation } from '../entities/user-calculation';
import { UnknownNameError } from './calculation-errors';
import { CalculationService } from './calculation-service';

const relations: FindOptionsRelations<UserCalculation> = { uses: true };

export class UserCalculations extends CalculationService {
  constructor(dataSource: DataSource) {
    super(dataSource, UserCalculation, relations);
  }

  /**
   * The links follow the formula: every name in it that is no input must be a system calculation, one that is there or
   * one that is used already.
   */
  protected override async link(manager: EntityManager, calculation: Calculation, names: string[]): Promise<void> {
    const user = calculation as UserCalculation;
    const present = names.length === 0 ? [] : await manager.findBy(SystemCalculation, { name: In(names) });
    const byName = new Map([...(user.uses ?? []), ...present].map((system) => [system.name, system]));
    const unknown = names.filter((name) => !byName.has(name));
    if (unknown.length > 0) throw new UnknownNameError(unknown);
    user.uses = names.flatMap((name) => byName.get(name) ?? []);
  }
}
