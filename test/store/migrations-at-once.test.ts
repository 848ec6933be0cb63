import { it } from 'vitest';
import { temporaryFile } from '../support/databases';
import { startAtOnce } from './migrations-at-once';

it('the audit tables of a new file are made once, and nobody fails', () => startAtOnce(`sqlite:${temporaryFile()}`));
