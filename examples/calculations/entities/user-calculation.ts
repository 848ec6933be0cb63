import { Entity, Index, JoinTable, ManyToMany } from 'typeorm';
import { Calculation } from './calculation';
import { SystemCalculation } from './system-calculation';

/** A user's own calculation. */
@Entity('user_calculation')
@Index(['owner'])
export class UserCalculation extends Calculation {
  /** The system calculations whose names its formula contains. Loaded where it is asked for. */
  @ManyToMany(() => SystemCalculation)
  @JoinTable({
    name: 'user_calculation_uses',
    joinColumn: { name: 'userCalculationId' },
    inverseJoinColumn: { name: 'systemCalculationId' },
  })
  uses?: SystemCalculation[];

  /** The results it uses, and its own inputs, which win over a system calculation of the same name. */
  override values(): Map<string, number> {
    const shared = (this.uses ?? []).flatMap(({ name, result }): [string, number][] =>
      result === null ? [] : [[name, result]],
    );
    return new Map([...shared, ...super.values()]);
  }
}
