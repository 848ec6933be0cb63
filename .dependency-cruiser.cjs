/**
 * The direction of imports, as ARCHITECTURE.md draws it:
 *
 *   model <- dialect <- store <- { capture, batching } <- { checks, rows } <- readers <- shipping <- audit-trail <- { http, cli, switch, testing }
 *
 * Errors, options, reports and what differs between lines of TypeORM are shared: everybody may use them, and they use
 * only the model.
 */

/** @param {string} layer */
const folder = (layer) => `^src/${layer}/`;

const shared = '^src/(errors|options|reports|typeorm-line)\\.ts$';

/** What those may import who reach a trail in their own way: the trail itself, never the database below it. */
const aboveTheTrail = [folder('model'), '^src/(audit-trail|data-source|index)\\.ts$'];

/** A layer and all that its files may import from `src/` and `migrations/`, itself and the shared files included. */
const mayImport = (layer, allowed) => ({
  name: `direction-${layer}`,
  comment: `src/${layer} imports only what lies below it`,
  severity: 'error',
  from: { path: folder(layer) },
  to: { path: '^(src|migrations|examples|test|bench)/', pathNot: [folder(layer), shared, ...allowed] },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-to-unresolvable',
      comment: 'the examples import the package by its own name, which leads to its build',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^typeorm-audit-trail(/fastify)?$' },
    },
    {
      name: 'not-to-dev-dep',
      comment: 'what is shipped loads only dependencies and peers',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'npm-peer', 'type-only'] },
    },
    {
      name: 'no-orphans',
      comment: 'a file that nobody imports is dead code, or an entry point that is missing here',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '^src/(index|http/plugin|testing/testing)\\.mod\\.mts$',
          '^src/cli/main\\.ts$',
          '^src/readers/worker\\.ts$',
        ],
      },
      to: {},
    },
    {
      name: 'model-is-pure',
      comment: 'the model does no I/O and knows no framework',
      severity: 'error',
      from: { path: folder('model') },
      to: { dependencyTypesNot: ['type-only'], pathNot: ['^src/', '^(util|buffer|crypto)$'] },
    },
    mayImport('model', []),
    {
      name: 'direction-shared',
      severity: 'error',
      from: { path: shared },
      to: { path: '^(src|migrations)/', pathNot: [shared, folder('model')] },
    },
    mayImport('dialect', [folder('model')]),
    mayImport('store', [folder('model'), folder('dialect'), '^migrations/']),
    mayImport('capture', [folder('model'), folder('dialect'), folder('store')]),
    mayImport('batching', [folder('model'), folder('dialect'), folder('store')]),
    mayImport('checks', ['model', 'dialect', 'store', 'capture', 'batching'].map(folder)),
    mayImport('rows', ['model', 'dialect', 'store', 'capture', 'batching'].map(folder).concat('^src/reading\\.ts$')),
    mayImport('readers', ['model', 'dialect', 'store', 'capture', 'rows'].map(folder)),
    mayImport(
      'shipping',
      ['model', 'dialect', 'store', 'capture', 'batching', 'readers'].map(folder).concat('^src/under-capture\\.ts$'),
    ),
    mayImport('http', aboveTheTrail),
    // It works on databases that nobody else has open, without capture, and so below the trail.
    mayImport('switch', ['model', 'dialect', 'store', 'batching'].map(folder).concat('^src/check-database\\.ts$')),
    // `serve` mounts the plugin, and --json answers in the form of the API.
    mayImport('cli', [...aboveTheTrail, '^src/http/(plugin|presenter)\\.ts$', '^src/switch/switch-database\\.ts$']),
    // The conformance suite judges the library, so it sees what an application sees and no more.
    mayImport('testing', ['^src/index\\.ts$']),
    {
      name: 'oracle-stands-alone',
      comment: 'an oracle that shares code with what it judges has the same faults; types are no code',
      severity: 'error',
      from: { path: '^src/testing/(oracle|sqlite|mssql)/' },
      to: {
        path: '^(src|migrations)/',
        pathNot: '^src/testing/(oracle|sqlite|mssql)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'nothing-above-the-trail',
      comment: 'the library does not know who serves it',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$' },
      to: { path: ['^src/(http|cli|switch|testing)/', '^examples/'] },
    },
    {
      name: 'every-layer-has-a-rule',
      comment: 'a new folder of src gets its place in the direction above',
      severity: 'error',
      from: {
        path: '^src/[^/]+/',
        pathNot: folder('(model|dialect|store|capture|batching|checks|rows|readers|shipping|http|cli|switch|testing)'),
      },
      to: {},
    },
    {
      name: 'migrations-stand-alone',
      comment: 'a migration must do next year what it does today, whatever becomes of the code',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^(src|examples)/' },
    },
    {
      name: 'migrations-belong-to-the-store',
      severity: 'error',
      from: { path: '^(src|examples)', pathNot: folder('store') },
      to: { path: '^migrations/' },
    },
    {
      name: 'examples-use-the-package',
      comment: 'an example imports what its readers can import',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^(src|migrations)/', pathNot: ['^src/index\\.ts$', '^src/http/plugin\\.ts$'] },
    },
    {
      name: 'main-entry-is-light',
      comment: 'an application that embeds the library gets no HTTP server and no command line with it',
      severity: 'error',
      from: { path: '^src/(index|testing/testing)\\.ts$' },
      to: {
        path: 'node_modules/',
        // Drivers only for their types, see the next rule.
        pathNot: 'node_modules/(typeorm|reflect-metadata|better-sqlite3|mssql)/',
        reachable: true,
      },
    },
    {
      name: 'drivers-are-loaded-by-typeorm',
      comment: 'an application has the driver it uses and no other; TypeORM loads it',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { path: 'node_modules/(better-sqlite3|mssql)/', dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Type imports count: a type from above is a dependency as well.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
