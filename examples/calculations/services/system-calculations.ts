import type { DataSource, EntityManager } from 'typeorm';
import type { Calculation } from '../entities/calculation';
import { SystemCalculation } from '../entities/system-calculation';
import { UserCalculation } from '../entities/user-calculation';
import { isReserved } from '../formula';
import { InUseError, NameTakenError, ReservedNameError, UnknownNameError } from './calculation-errors';
import { CalculationService } from './calculation-service';

export class SystemCalculations extends CalculationService {
  constructor(dataSource: DataSource) {
    super(dataSource, SystemCalculation);
  }

  protected override async link(_manager: EntityManager, _calculation: Calculation, names: string[]): Promise<void> {
    if (names.length > 0) throw new UnknownNameError(names);
  }

  /** Formulas refer to system calculations by name: there is one of each, and it stays while it is used. */
  protected override async checkName(manager: EntityManager, name: string, previous?: Calculation): Promise<void> {
    if (isReserved(name)) throw new ReservedNameError(name);
    if (previous) await checkUnused(manager, previous);
    const taken = await manager.exists(SystemCalculation, { where: { name }, withDeleted: true });
    if (taken) throw new NameTakenError(name);
  }

  protected override checkRemoval(manager: EntityManager, calculation: Calculation): Promise<void> {
    return checkUnused(manager, calculation);
  }
}

async function checkUnused(manager: EntityManager, { id, name }: Calculation): Promise<void> {
  const users = await manager.count(UserCalculation, { where: { uses: { id } }, withDeleted: true });
  if (users > 0) throw new InUseError(name, users);
}
