import { IsNull } from 'typeorm';
import { Author, Book, Note, Scrap, Tag } from '../entities';
import { keyOf, nowhere, ownerOf } from '../keys';
import { bigOf, blobOf, integerOf, jsonOf, realOf, textOf, wordOf } from '../values';
import { newAuthor, newBook } from './entity-operations';
import { affected, done, type Operation } from './operation';

/** Operations that become one statement without loading anything: by key, by criteria, through query builders. */
export const builderOperations = {
  insert: (call) => done(call.manager.insert(Author, newAuthor(call, call.id) as object)),
  'insert many': (call) =>
    done(
      call.manager.insert(
        Book,
        [5, 6, 7].map((slot) => newBook(call, keyOf(call.owner, slot))),
      ),
    ),
  'insert without a parent': (call) =>
    done(call.manager.insert(Book, { ...newBook(call, call.id), author: { id: keyOf(call.owner, nowhere) } })),
  'insert without a title': ({ manager, id, owner, token }) => done(manager.insert(Book, { id, owner, token })),
  'insert or ignore': (call) =>
    done(
      call.manager
        .createQueryBuilder()
        .insert()
        .into(Book)
        .values([newBook(call, call.id), newBook(call, call.otherId)])
        .orIgnore()
        .execute(),
    ),
  upsert: (call) => done(call.manager.upsert(Book, newBook(call, call.id), ['title'])),
  'upsert by key': (call) =>
    done(
      call.manager.upsert(Tag, { id: call.id, owner: call.owner, token: call.token, label: wordOf(call.value) }, [
        'id',
      ]),
    ),
  'upsert many': (call) =>
    done(call.manager.upsert(Author, [newAuthor(call, call.id), newAuthor(call, call.otherId)] as object[], ['id'])),
  'update by key': ({ manager, id, token, value }) =>
    affected(manager.update(Book, { id }, { token, price: realOf(value), big: bigOf(value) })),
  'update by criteria': ({ manager, owner, token, value }) =>
    affected(manager.update(Author, { owner }, { token, meta: jsonOf(value) as object, secret: textOf(value) })),
  'update a key column': ({ manager, id, token, value }) =>
    affected(manager.update(Author, { id }, { token, handle: `${ownerOf(id)}-${wordOf(value)}` })),
  'update to its own value': ({ manager, owner }) =>
    affected(
      manager
        .createQueryBuilder()
        .update(Tag)
        .set({ label: () => 'label', data: () => 'data' })
        .where({ owner })
        .execute(),
    ),
  'update only the case': ({ manager, owner }) =>
    affected(
      manager
        .createQueryBuilder()
        .update(Author)
        .set({ handle: () => 'upper(handle)' })
        .where('owner = :owner', { owner })
        .execute(),
    ),
  'update to null': ({ manager, id }) =>
    affected(manager.update(Author, id, { score: null, secret: null, token: null })),
  'update a parent': ({ manager, id, otherId, value }) =>
    affected(manager.update(Book, { id }, value % 2 ? { editor: { id: otherId } } : { author: { id: otherId } })),
  'update bytes': ({ manager, id, token, value }) => affected(manager.update(Tag, id, { token, data: blobOf(value) })),
  increment: ({ manager, owner, value }) => affected(manager.increment(Author, { owner }, 'score', value)),
  decrement: ({ manager, id }) => affected(manager.decrement(Book, { id }, 'version', 1)),
  delete: ({ manager, id }) => affected(manager.delete(Author, id)),
  'delete by criteria': ({ manager, owner, value }) =>
    affected(manager.delete(Author, { owner, score: value % 2 ? IsNull() : (integerOf(value) ?? 0) })),
  'delete a book': ({ manager, id }) => affected(manager.delete(Book, { id })),
  'delete a tag': ({ manager, id }) => affected(manager.delete(Tag, { id })),
  // Only rows that are not deleted yet: a new date on top of the old one depends on the clock.
  'soft delete': ({ manager, id }) => affected(manager.softDelete(Author, { id, deletedAt: IsNull() })),
  'soft delete notes': ({ manager, owner }) => affected(manager.softDelete(Note, { owner, deletedAt: IsNull() })),
  restore: ({ manager, owner }) => affected(manager.restore(Author, { owner })),
  'relation add': ({ manager, id, otherId }) => manager.createQueryBuilder().relation(Book, 'tags').of(id).add(otherId),
  'relation remove': ({ manager, id, otherId }) =>
    manager.createQueryBuilder().relation(Book, 'tags').of(id).remove(otherId),
  'relation set': ({ manager, id, otherId, value }) =>
    manager
      .createQueryBuilder()
      .relation(Book, value % 2 ? 'author' : 'editor')
      .of(id)
      .set(value % 3 ? otherId : null),
  scrap: ({ manager, owner, token }) => done(manager.insert(Scrap, { owner, token })),
  clear: ({ manager }) => manager.clear(Scrap),
  read: async ({ manager, owner }) => {
    const authors = await manager.find(Author, { where: { owner }, relations: { books: true }, order: { id: 'ASC' } });
    return authors.map(({ id, handle, meta, books }) => [id, handle, meta, books.map((book) => book.title).sort()]);
  },
  count: ({ manager, owner }) => manager.countBy(Note, { owner }),
} satisfies Record<string, Operation>;
