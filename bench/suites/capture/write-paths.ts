import { Between } from 'typeorm';
import { Invoice, newInvoice, Parcel } from '../../support/entities';
import { path, seeded, type WritePath } from './write-path';

const batch = 50;
const many = 100;
const items = 4;

const numbers = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);
/** Spread over the table, each invoice once before one comes again. */
const idOf = (number: number) => ((number * 7) % seeded.invoices) + 1;

/** The four that DESIGN names come first. */
export const writePaths: readonly WritePath[] = [
  path({
    name: 'save insert',
    rows: 1,
    transaction: true,
    operations: 600,
    prepare: (dataSource, first, count) =>
      numbers(first, count).map((number) => dataSource.manager.create(Invoice, newInvoice(number))),
    operation: (dataSource, invoice) => dataSource.getRepository(Invoice).save(invoice),
  }),
  path({
    name: 'save update',
    rows: 1,
    transaction: true,
    operations: 400,
    prepare: async (dataSource, first, count) => {
      const invoices = await dataSource.getRepository(Invoice).find();
      const byId = new Map(invoices.map((invoice) => [invoice.id, invoice]));
      return numbers(first, count).map((number) => {
        const invoice = byId.get(idOf(number))!;
        return Object.assign(invoice, { status: `sent ${number}`, positions: number });
      });
    },
    operation: (dataSource, invoice) => dataSource.getRepository(Invoice).save(invoice),
  }),
  path({
    name: `insert x${batch}`,
    rows: batch,
    transaction: false,
    operations: 60,
    prepare: (_, first, count) =>
      numbers(first, count).map((number) => numbers(number * batch, batch).map((each) => newInvoice(each))),
    operation: (dataSource, invoices) => dataSource.getRepository(Invoice).insert(invoices),
  }),
  path({
    name: 'update({id})',
    rows: 1,
    transaction: false,
    operations: 800,
    prepare: (_, first, count) => numbers(first, count),
    operation: (dataSource, number) =>
      dataSource.getRepository(Invoice).update({ id: idOf(number) }, { status: `sent ${number}`, positions: number }),
  }),
  path({
    name: 'delete({id})',
    rows: 1,
    transaction: false,
    operations: 800,
    prepare: (_, first, count) => numbers(first, count),
    operation: (dataSource, number) => dataSource.getRepository(Invoice).delete({ id: idOf(number) }),
  }),
  path({
    name: `save graph 1+${items}`,
    rows: 1 + items,
    transaction: true,
    operations: 80,
    prepare: (dataSource, first, count) =>
      numbers(first, count).map((number) =>
        dataSource.manager.create(Parcel, {
          address: `Street ${number}`,
          items: numbers(0, items).map((item) => ({ name: `item ${item}`, quantity: number })),
        }),
      ),
    operation: (dataSource, parcel) => dataSource.getRepository(Parcel).save(parcel),
  }),
  path({
    name: `query builder x${many}`,
    rows: many,
    transaction: false,
    operations: 40,
    prepare: (_, first, count) => numbers(first, count),
    operation: (dataSource, number) => {
      const from = ((number * many) % seeded.invoices) + 1;
      return dataSource
        .createQueryBuilder()
        .update(Invoice)
        .set({ status: `sent ${number}` })
        .where({ id: Between(from, from + many - 1) })
        .execute();
    },
  }),
  path({
    name: 'raw SQL update',
    rows: 1,
    transaction: false,
    operations: 1500,
    prepare: (_, first, count) => numbers(first, count),
    operation: (dataSource, number) =>
      dataSource.query('UPDATE invoice SET status = ? WHERE id = ?', [`sent ${number}`, idOf(number)]),
  }),
  path({
    name: `many-to-many x${seeded.labels}`,
    rows: seeded.labels,
    transaction: false,
    operations: 300,
    prepare: (_, first, count) => numbers(first, count),
    operation: (dataSource, number) =>
      dataSource.createQueryBuilder().relation(Invoice, 'labels').of(idOf(number)).add(numbers(1, seeded.labels)),
  }),
];
