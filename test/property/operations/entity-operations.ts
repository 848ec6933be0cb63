import { Author, Book, Note, Tag } from '../entities';
import { bigOf, blobOf, integerOf, jsonOf, realOf, textOf, wordOf } from '../values';
import { type Call, done, type Operation } from './operation';

export const newAuthor = ({ owner, value, token }: Call, id: number) => ({
  id,
  owner,
  token,
  handle: `${owner}-${wordOf(value + id)}`,
  score: integerOf(value),
  secret: textOf(value),
  meta: jsonOf(value),
});

export const newBook = ({ owner, value, token }: Call, id: number) => ({
  id,
  owner,
  token,
  title: `${owner}-${(value + id) % 5}`,
  price: realOf(value),
  big: bigOf(value),
});

const apart = (call: Call, id: number) => ({ ...newAuthor(call, id), handle: `${call.owner}-only-${id}` });

/** Operations on loaded or made entities: what `EntityManager` calls persistence. */
export const entityOperations = {
  'save author': (call) => done(call.manager.save(Author, newAuthor(call, call.id))),
  'save book': (call) => done(call.manager.save(Book, { ...newBook(call, call.id), author: { id: call.otherId } })),
  'save tag': ({ manager, id, owner, token, value }) =>
    done(manager.save(Tag, { id, owner, token, label: wordOf(value), data: blobOf(value) })),
  'save note': async ({ manager, id, owner, token, value }) => {
    const saved = await manager.save(Note, { owner, token, body: textOf(value), book: value % 3 ? { id } : null });
    const found = await manager.findOne(Note, {
      where: { serial: saved.serial },
      select: { serial: true, token: true },
    });
    return found?.token === token; // the key that the ORM took for the generated one
  },
  'save partial': (call) =>
    done(call.manager.save(Author, { id: call.id, token: call.token, meta: jsonOf(call.value) })),
  // TypeORM writes the rows of one save() in an order of its own, so that only what no order changes is comparable: rows
  // that don't collide, and two that always do, in a savepoint of their own.
  'save many': (call) =>
    done(
      call.manager.save(
        Author,
        [call.id, call.otherId].map((id) => apart(call, id)),
      ),
    ),
  'save many that collide': (call) =>
    done(
      call.manager.transaction((manager) =>
        manager.save(Author, [
          newAuthor(call, call.id),
          { ...newAuthor(call, call.otherId), handle: newAuthor(call, call.id).handle },
        ]),
      ),
    ),
  'save the same row twice': ({ manager, id, token, value }) =>
    done(
      manager.save(Author, [
        { id, token },
        { id, score: integerOf(value) },
      ]),
    ),
  'save loaded': async ({ manager, id, token, value }) => {
    const author = await manager.findOneBy(Author, { id });
    if (author) await manager.save(Object.assign(author, { token, score: integerOf(value), secret: textOf(value) }));
    return author?.handle;
  },
  'save unchanged': async ({ manager, id }) => {
    const book = await manager.findOne(Book, { where: { id }, relations: { author: true, tags: true } });
    if (book) await manager.save(book);
    return book?.title;
  },
  'save with new children': async (call) => {
    const author = await call.manager.findOne(Author, { where: { id: call.id }, relations: { books: true } });
    if (!author) return;
    author.books.push(call.manager.create(Book, newBook(call, call.otherId)));
    await call.manager.save(author);
  },
  'save with fewer children': async ({ manager, id, token }) => {
    const author = await manager.findOne(Author, { where: { id }, relations: { books: true } });
    if (author) await manager.save(Object.assign(author, { token, books: author.books.slice(1) }));
  },
  'save relation list': async ({ manager, id, otherId, owner, value }) => {
    const book = await manager.findOneBy(Book, { id });
    const tags = await manager.findBy(Tag, { owner });
    if (!book) return;
    book.tags = tags.filter((tag) => value % 2 === 0 || tag.id === otherId);
    await manager.save(book);
  },
  remove: async ({ manager, id }) => {
    const author = await manager.findOne(Author, { where: { id }, withDeleted: true });
    if (author) await manager.remove(author);
  },
  'remove many': async ({ manager, owner, value }) => {
    const notes = await manager.find(Note, { where: { owner }, order: { serial: 'ASC' }, take: value % 4 });
    await manager.remove(notes);
    return notes.length;
  },
  'soft remove': async ({ manager, id }) => {
    const author = await manager.findOneBy(Author, { id });
    if (author) await manager.softRemove(author);
  },
  recover: async ({ manager, id }) => {
    const author = await manager.findOne(Author, { where: { id }, withDeleted: true });
    if (author) await manager.recover(author);
  },
} satisfies Record<string, Operation>;
