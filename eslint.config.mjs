import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// A whole string that is the name of a database or a driver: code that compares with it depends on a dialect. Texts for
// people, which name them in passing, are left alone.
const dialectName = '/^(better-sqlite3|sqlite3?|sqljs|mssql|sql[ _]?server|sqlite_optimized|sql_server_optimized)$/i';
// Catalogue tables and statements that only one database has.
const dialectSql = '/\\bsqlite_[a-z]|\\bpragma\\b|session_context|\\bsys\\.[a-z]/i';
const dialectMessage = 'Read a capability of the dialect instead: only src/dialect names a database.';

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'test-results/', 'data/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,mts}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ['error', 'always'],
      'max-lines': ['error', { max: 400 }],
      'no-console': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Interfaces that others implement return promises; an implementation may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    // The oracle of the conformance suite knows databases by itself, lest a fault of the dialect hides from it.
    ignores: ['src/dialect/**', 'src/testing/sqlite/**', 'src/testing/mssql/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: `:not(ImportDeclaration, ExportNamedDeclaration, ExportAllDeclaration) > Literal[value=${dialectName}]`,
          message: dialectMessage,
        },
        { selector: `Literal[value=${dialectSql}]`, message: dialectMessage },
        { selector: `TemplateElement[value.raw=${dialectSql}]`, message: dialectMessage },
      ],
    },
  },
  {
    // Rows of raw SQL are `any`; a test that takes one for something else fails by itself.
    files: ['test/**', 'bench/**'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // Programs that print for a person.
    files: ['src/cli/**', 'examples/**', 'bench/**', 'test/support/**', 'test/**/programs/**'],
    rules: { 'no-console': 'off' },
  },
);
