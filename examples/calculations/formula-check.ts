import { isConstantNode, isFunctionNode, isOperatorNode, isSymbolNode, type MathNode } from 'mathjs/number';
import { AppError } from './app-error';
import { constants, functions, operators } from './formula-language';

const maxNodes = 200;
const maxDepth = 30;

const groupingNodes: ReadonlySet<string> = new Set(['ParenthesisNode', 'ConditionalNode', 'RelationalNode']);

/** A formula outside the language: refused before anything is stored. */
export class InvalidFormulaError extends AppError {
  constructor(problem: string) {
    super(`The formula can't be used: ${problem}.`, {
      statusCode: 422,
      code: 'INVALID_FORMULA',
      remedy:
        'Use numbers, named inputs, names of system calculations, + - * / % ^, comparisons, and, or, not, a ? b : c, ' +
        `pi, e, and the functions ${[...functions.keys()].join(', ')}.`,
    });
  }
}

/**
 * Walks a parsed formula and refuses everything that is not named here: assignments, function definitions, property
 * access, strings, matrices, units, and whatever a later version of mathjs may bring.
 *
 * @returns the names that need a value, in order of appearance
 * @throws InvalidFormulaError
 */
export function checkFormula(root: MathNode): Set<string> {
  const names = new Set<string>();
  let nodes = 0;
  const visit = (node: MathNode, depth: number): void => {
    nodes += 1;
    if (nodes > maxNodes) throw new InvalidFormulaError(`it has more than ${maxNodes} parts`);
    if (depth > maxDepth) throw new InvalidFormulaError(`it is nested more than ${maxDepth} deep`);
    checkNode(node, names);
    node.forEach((child, path) => {
      // The name of a function is a child too, but no value.
      if (path !== 'fn') visit(child, depth + 1);
    });
  };
  visit(root, 1);
  return names;
}

function checkNode(node: MathNode, names: Set<string>): void {
  if (isConstantNode(node)) {
    if (typeof node.value !== 'number') throw new InvalidFormulaError(`${quote(node)} is not a number`);
  } else if (isSymbolNode(node)) {
    if (functions.has(node.name)) throw new InvalidFormulaError(`the function ${node.name} needs its arguments`);
    if (!constants.has(node.name)) names.add(node.name);
  } else if (isOperatorNode(node)) {
    if (!operators.has(node.fn))
      throw new InvalidFormulaError(`it has an operator that is not known in ${quote(node)}`);
  } else if (isFunctionNode(node)) {
    checkCall(node.fn, node.args.length);
  } else if (!groupingNodes.has(node.type)) {
    throw new InvalidFormulaError(`${quote(node)} is more than arithmetic`);
  }
}

function checkCall(callee: MathNode, count: number): void {
  const arity = isSymbolNode(callee) ? functions.get(callee.name) : undefined;
  if (!arity) throw new InvalidFormulaError(`there is no function ${quote(callee)}`);
  const [min, max] = arity;
  if (count >= min && count <= max) return;
  const expected = max === Infinity ? `at least ${min}` : min === max ? String(min) : `${min} to ${max}`;
  throw new InvalidFormulaError(`${quote(callee)} takes ${expected} arguments, not ${count}`);
}

/** A piece of the formula, short enough for a message. */
function quote(node: MathNode): string {
  const text = node.toString();
  return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
}
