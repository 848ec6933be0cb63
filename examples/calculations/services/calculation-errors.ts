import { AppError } from '../app-error';

export class CalculationNotFoundError extends AppError {
  constructor(id: number) {
    super(`There is no calculation ${id}.`, {
      statusCode: 404,
      code: 'CALCULATION_NOT_FOUND',
      remedy:
        'Check the id. A soft-deleted one is shown with ?include_deleted=true and comes back with POST …/restore.',
    });
  }
}

export class NoResultError extends AppError {
  constructor(id: number) {
    super(`Calculation ${id} has no result.`, {
      statusCode: 409,
      code: 'NO_RESULT',
      remedy: 'Correct its formula or its inputs first; error says what is wrong with them.',
    });
  }
}

export class UnknownNameError extends AppError {
  constructor(names: string[]) {
    super(`The formula contains ${names.join(', ')}, which nothing gives a value.`, {
      statusCode: 422,
      code: 'UNKNOWN_NAME',
      remedy: 'Give the name a value in inputs; a user calculation may also use the name of a system calculation.',
    });
  }
}

export class ReservedNameError extends AppError {
  constructor(name: string) {
    super(`The name ${name} has a meaning of its own in formulas.`, {
      statusCode: 422,
      code: 'RESERVED_NAME',
      remedy: 'Choose another name for the input or the system calculation.',
    });
  }
}

export class NameTakenError extends AppError {
  constructor(name: string) {
    super(`There is a system calculation ${name} already.`, {
      statusCode: 409,
      code: 'NAME_TAKEN',
      remedy:
        'Choose another name. A soft-deleted system calculation keeps its name: restore it, or remove it for good.',
    });
  }
}

export class InUseError extends AppError {
  constructor(name: string, users: number) {
    super(`${users} user calculations use ${name}.`, {
      statusCode: 409,
      code: 'CALCULATION_IN_USE',
      remedy: 'Change their formulas first, or delete it softly, which can be undone.',
    });
  }
}
