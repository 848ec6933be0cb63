import type { Model } from '../write-path';
import { Category, Post, Profile, User } from './blog';
import { Animal, Cat, Comp, Dog, TC, ThingSchema, TM, TN } from './shapes';

/** The entities of the 97 write paths. */
export const mainModel: Model = {
  name: 'main',
  entities: [User, Profile, Post, Category, TC, TM, TN, Animal, Dog, Cat, Comp, ThingSchema],
};
