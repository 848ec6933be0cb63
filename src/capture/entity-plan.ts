import type { DataSource, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { InvalidOptionError } from '../errors';
import { type Requirement, requirements } from '../model/missing';
import { type NamedTable, RecordedNames, type Renamed } from '../model/recorded-names';
import type { ColumnKind, MappedColumn } from '../model/table-map';
import { isColumnExcluded, isColumnRedacted, isEntityExcluded } from './decorators';
import { matchesAny } from './name-pattern';

/** What the entities say about a table; the live columns come from the database when triggers are installed. */
export interface TablePlan {
  entity: string;
  table: string;
  /** By `columnKey` of the name in the table; null for a column that is left out. */
  columns: Map<string, Omit<MappedColumn, 'name'> | null>;
  discriminator?: { property: string; entities: Record<string, string> };
  deleteDate?: string;
  junction?: true;
  /** What a change must know of its flow; without it, it is refused, */
  requires: readonly Requirement[];
  /** … or only warned of, and so is a commit for which the triggers do not stand. */
  warnsOnly: boolean;
}

export interface CapturePlan {
  tables: TablePlan[];
  notCaptured: { table: string; reason: string }[];
  /** What the tables, entities and properties of the plan were called before. */
  names: RecordedNames;
}

/** Entities and tables by name; `*` stands for anything. */
export interface CaptureFilter {
  include: readonly string[];
  exclude: readonly string[];
  requireContext: readonly string[];
  requireReason: readonly string[];
  warnOnly: readonly string[];
  /** Tables without an entity, by their exact name. */
  tables: readonly string[];
  renamed: Renamed;
}

/** Everything to capture, from the entity metadata: every table of an entity, junction and closure tables included. */
export function planCapture(
  dataSource: DataSource,
  filter: CaptureFilter,
  kindOf: (type: string) => ColumnKind,
  tableOf: (metadata: EntityMetadata) => string = ({ tableName }) => tableName,
): CapturePlan {
  const plan: Omit<CapturePlan, 'names'> = { tables: [], notCaptured: [] };
  const byTable = new Map<string, EntityMetadata[]>();
  for (const metadata of dataSource.entityMetadatas) {
    if (metadata.tableType === 'view') continue;
    byTable.set(metadata.tablePath, [...(byTable.get(metadata.tablePath) ?? []), metadata]);
  }
  for (const [table, group] of byTable) {
    const reason = reasonToLeaveOut(group, filter);
    if (reason) plan.notCaptured.push({ table, reason });
    else plan.tables.push(planTable(dataSource, group, kindOf, tableOf));
  }
  for (const table of filter.tables) {
    if (!byTable.has(table)) plan.tables.push({ ...noPolicy, entity: table, table, columns: new Map() });
  }
  for (const table of plan.tables) Object.assign(table, policyOf(table, filter));
  return { ...plan, names: new RecordedNames(filter.renamed, plan.tables.map(namedTable)) };
}

function namedTable({ entity, table, discriminator, columns }: TablePlan): NamedTable {
  const entities = [...new Set([entity, ...Object.values(discriminator?.entities ?? {})])];
  const properties = [...columns.values()].flatMap((column) => column?.property ?? []);
  return { table, entities, properties: new Set(properties) };
}

type Policy = Pick<TablePlan, 'requires' | 'warnsOnly'>;

const noPolicy: Policy = { requires: [], warnsOnly: false };

/** Classes that share a table share the stricter policy: what is asked of one is asked of all. */
function policyOf({ entity, table, discriminator }: TablePlan, filter: CaptureFilter): Policy {
  const patterns = { context: filter.requireContext, reason: filter.requireReason };
  const names = [entity, table];
  const all = [...names, ...Object.values(discriminator?.entities ?? {})];
  return {
    requires: requirements.filter((requirement) => all.some((name) => matchesAny(patterns[requirement], name))),
    warnsOnly: names.some((name) => matchesAny(filter.warnOnly, name)),
  };
}

function reasonToLeaveOut(group: EntityMetadata[], filter: CaptureFilter): string | undefined {
  const root = rootOf(group);
  if (root.database !== undefined && root.tablePath !== root.tableName) return 'in an attached database file';
  const names = group.flatMap(({ name, tableName }) => [name, tableName]);
  if (!names.some((name) => matchesAny(filter.include, name))) return 'not included by the options';
  if (names.some((name) => matchesAny(filter.exclude, name))) return 'excluded by the options';
  if (isEntityExcluded(root.target)) return '@NotAudited()';
  const owners = ownersOf(root);
  return owners.length > 0 && owners.every((owner) => isEntityExcluded(owner.target))
    ? 'belongs to entities that are @NotAudited()'
    : undefined;
}

/** The entities that a junction or closure table connects. */
function ownersOf(metadata: EntityMetadata): EntityMetadata[] {
  if (!isJunction(metadata)) return [];
  return metadata.foreignKeys.map((key) => key.referencedEntityMetadata);
}

function isJunction(metadata: EntityMetadata): boolean {
  return metadata.tableType === 'junction' || metadata.tableType === 'closure-junction';
}

/** Classes of a single-table inheritance share a table; the root speaks for it. */
function rootOf(group: EntityMetadata[]): EntityMetadata {
  return group.find((metadata) => metadata.tableType !== 'entity-child') ?? group[0]!;
}

function planTable(
  dataSource: DataSource,
  group: EntityMetadata[],
  kindOf: (type: string) => ColumnKind,
  tableOf: (metadata: EntityMetadata) => string,
): TablePlan {
  const root = rootOf(group);
  const plan: TablePlan = { ...noPolicy, entity: root.name, table: tableOf(root), columns: new Map() };
  for (const metadata of [root, ...group]) {
    for (const column of metadata.columns) {
      const key = columnKey(column.databaseName);
      if (!plan.columns.has(key)) {
        plan.columns.set(key, planColumn(dataSource, column, isJunction(root), kindOf));
      }
    }
  }
  if (root.discriminatorColumn) {
    plan.discriminator = {
      property: propertyOf(root.discriminatorColumn, false),
      entities: Object.fromEntries(group.map((metadata) => [String(metadata.discriminatorValue), metadata.name])),
    };
  }
  if (root.deleteDateColumn) plan.deleteDate = propertyOf(root.deleteDateColumn, false);
  if (isJunction(root)) plan.junction = true;
  return plan;
}

/** Databases do not tell column names apart by case, so neither may the lookup of what must not be recorded. */
export function columnKey(name: string): string {
  return name.toLowerCase();
}

function planColumn(
  dataSource: DataSource,
  column: ColumnMetadata,
  inJunction: boolean,
  kindOf: (type: string) => ColumnKind,
): Omit<MappedColumn, 'name'> | null {
  const target = column.embeddedMetadata?.type ?? column.target;
  // The key stays: without it nobody could tell which row a record is about.
  if (isColumnExcluded(target, column.propertyName) && !column.isPrimary) return null;
  if (column.isPrimary && isColumnRedacted(target, column.propertyName)) {
    throw new InvalidOptionError(
      `${column.entityMetadata.name}.${column.propertyPath} is part of the key and can't be @Redacted(): entries name their row by it.`,
      { value: column.propertyPath },
    );
  }
  return {
    property: propertyOf(column, inJunction),
    kind: kindOf(declaredType(dataSource, column)),
    ...(column.isPrimary && { primary: true }),
    ...(isColumnRedacted(target, column.propertyName) && { redacted: true }),
    ...(!column.isSelect && { masked: true }),
  };
}

/** TypeORM's normalised type of JSON in text is "text", which says too little. */
function declaredType(dataSource: DataSource, column: ColumnMetadata): string {
  return column.type === 'simple-json' ? column.type : dataSource.driver.normalizeType(column);
}

/** Several columns of one relation share its property path; each is named after the column it refers to. */
function propertyOf(column: ColumnMetadata, inJunction: boolean): string {
  const { relationMetadata, referencedColumn } = column;
  if (inJunction || !column.isVirtual || !relationMetadata || !referencedColumn) return column.propertyPath;
  return `${relationMetadata.propertyPath}.${referencedColumn.propertyPath}`;
}
