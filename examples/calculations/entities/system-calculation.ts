import { Entity, Index } from 'typeorm';
import { Calculation } from './calculation';

/** A calculation kept for everybody, such as a tax rate: its result can be used by its name in user calculations. */
@Entity('system_calculation')
@Index(['name'], { unique: true })
@Index(['owner'])
export class SystemCalculation extends Calculation {}
