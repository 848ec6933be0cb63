/** What an application may have installed beside this package. */
export interface Combination {
  /** For people, and for `--only`. */
  name: string;
  /** As `npm install` takes them. */
  packages: readonly string[];
}

const combinations: readonly Combination[] = [
  { name: 'typeorm-1.1+better-sqlite3', packages: ['typeorm@~1.1.0', 'better-sqlite3@^12.0.0'] },
  { name: 'typeorm-0.3.30+better-sqlite3', packages: ['typeorm@0.3.30', 'better-sqlite3@^12.0.0'] },
  { name: 'typeorm-0.3.30+sqlite3', packages: ['typeorm@0.3.30', 'sqlite3@^5.1.7'] },
];

/** All, or those that are named. @throws where a name is none */
export function chosen(names: readonly string[] | undefined): readonly Combination[] {
  if (!names) return combinations;
  return names.map((name) => {
    const found = combinations.find((combination) => combination.name === name);
    if (found) return found;
    throw new Error(`There is no combination "${name}": ${combinations.map((each) => each.name).join(', ')}.`);
  });
}
