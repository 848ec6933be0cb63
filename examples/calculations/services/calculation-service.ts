import type { DataSource, EntityManager, FindOptionsRelations, FindOptionsWhere, Repository } from 'typeorm';
import { calculate } from '../calculate';
import type { Calculation, Status } from '../entities/calculation';
import { isReserved, parseFormula } from '../formula';
import { CalculationNotFoundError, ReservedNameError } from './calculation-errors';
import { notDeleted } from './not-deleted';
import { recalculateAll, type Recalculation } from './recalculate';

export type CalculationDraft = Pick<Calculation, 'name' | 'formula' | 'inputs' | 'owner'>;

export interface CalculationFilter {
  owner?: string;
  status?: Status;
  includeDeleted: boolean;
  limit: number;
  offset: number;
}

/**
 * What can be done to calculations, the same for both kinds.
 *
 * Nothing here mentions the audit trail, which sees every change by itself. What helps it is what is right anyway: a
 * write of several steps is one transaction, so the trail shows its steps under one transaction id, or none of them.
 */
export abstract class CalculationService {
  protected constructor(
    private readonly dataSource: DataSource,
    private readonly entity: new () => Calculation,
    /** What a calculation is shown and calculated with. */
    private readonly relations: FindOptionsRelations<Calculation> = {},
  ) {}

  /** Gives names that are no inputs a meaning, or throws UnknownNameError. */
  protected abstract link(manager: EntityManager, calculation: Calculation, names: string[]): Promise<void>;

  /** Refuses a name; `previous` is the calculation that would be renamed. */
  protected async checkName(_manager: EntityManager, _name: string, _previous?: Calculation): Promise<void> {}

  /** Refuses to remove a row for good. */
  protected async checkRemoval(_manager: EntityManager, _calculation: Calculation): Promise<void> {}

  async list(filter: CalculationFilter): Promise<{ calculations: Calculation[]; total: number }> {
    const where: FindOptionsWhere<Calculation> = filter.includeDeleted ? {} : { ...notDeleted };
    if (filter.owner !== undefined) where.owner = filter.owner;
    if (filter.status !== undefined) where.status = filter.status;
    const [calculations, total] = await this.repository(this.dataSource.manager).findAndCount({
      where,
      withDeleted: true,
      relations: this.relations,
      relationLoadStrategy: 'query',
      order: { id: 'ASC' },
      take: filter.limit,
      skip: filter.offset,
    });
    return { calculations, total };
  }

  get(id: number, { includeDeleted }: { includeDeleted: boolean }): Promise<Calculation> {
    return this.find(this.dataSource.manager, id, includeDeleted);
  }

  create(draft: CalculationDraft): Promise<Calculation> {
    return this.dataSource.transaction(async (manager) => {
      const calculation = this.repository(manager).create(draft);
      await this.checkName(manager, draft.name);
      await this.settle(manager, calculation);
      return manager.save(calculation);
    });
  }

  change(id: number, change: Partial<CalculationDraft>): Promise<Calculation> {
    return this.dataSource.transaction(async (manager) => {
      const calculation = await this.find(manager, id, false);
      if (change.name !== undefined && change.name !== calculation.name) {
        await this.checkName(manager, change.name, calculation);
      }
      Object.assign(calculation, change);
      if (change.formula !== undefined || change.inputs !== undefined) await this.settle(manager, calculation);
      return manager.save(calculation);
    });
  }

  /** Marks it as deleted, and answers what became of it. */
  remove(id: number): Promise<Calculation> {
    return this.dataSource.transaction(async (manager) => {
      await this.find(manager, id, false);
      await this.repository(manager).softDelete(id);
      return this.find(manager, id, true);
    });
  }

  /** Removes the row, soft-deleted or not, and answers what it was. */
  removeForGood(id: number): Promise<Calculation> {
    return this.dataSource.transaction(async (manager) => {
      const calculation = await this.find(manager, id, true);
      await this.checkRemoval(manager, calculation);
      await this.repository(manager).delete(id);
      return calculation;
    });
  }

  /** Takes a soft delete back; changes nothing where there is none. */
  restore(id: number): Promise<Calculation> {
    return this.dataSource.transaction(async (manager) => {
      const calculation = await this.find(manager, id, true);
      if (calculation.deletedAt !== null) await this.repository(manager).restore(id);
      return this.find(manager, id, false);
    });
  }

  /** Calculates everything of an owner again. */
  recalculate(owner: string): Promise<Recalculation> {
    return this.dataSource.transaction((manager) => recalculateAll(this.repository(manager), this.relations, owner));
  }

  private repository(manager: EntityManager): Repository<Calculation> {
    return manager.getRepository(this.entity);
  }

  private async find(manager: EntityManager, id: number, includeDeleted: boolean): Promise<Calculation> {
    // By its key there is one at most. Of relations, findOne would first ask for the keys of its page, then for the rows.
    const [calculation] = await this.repository(manager).find({
      where: { id, ...(includeDeleted ? {} : notDeleted) },
      withDeleted: true,
      relations: this.relations,
    });
    if (!calculation) throw new CalculationNotFoundError(id);
    return calculation;
  }

  /** Checks the formula, links what it uses, calculates. */
  private async settle(manager: EntityManager, calculation: Calculation): Promise<void> {
    const inputs = Object.keys(calculation.inputs);
    const reserved = inputs.find(isReserved);
    if (reserved !== undefined) throw new ReservedNameError(reserved);
    const { names } = parseFormula(calculation.formula);
    await this.link(
      manager,
      calculation,
      [...names].filter((name) => !inputs.includes(name)),
    );
    Object.assign(calculation, calculate(calculation));
  }
}
