import type { TSchema } from 'typebox';

/** The parts of a TypeBox schema that endpoints of this dialect use. */
interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Shape;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly const?: unknown;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  /** `email`, `sign-up-email`, `uuid`, `url`, `base64`. */
  readonly format?: string;
}

export interface Reading {
  /** The input with what was cast: `"1"` to 1, `"true"` to true, 1 to `"1"` (spec §1.10). */
  readonly value: unknown;
  /** Lines such as `body.email must be a valid email`. */
  readonly problems: readonly string[];
}

/** Nobody reads more of them: what follows in a list is not looked at. */
const mostProblems = 50;

/** Reads one part of a request by its schema, and words what is wrong as the original does (spec §1.10). */
export function readPart(part: string, schema: TSchema, given: unknown, lenient = false): Reading {
  const problems: string[] = [];
  const value = read(schema as Shape, given, part, problems, lenient);
  return { value, problems };
}

function read(shape: Shape, given: unknown, path: string, problems: string[], lenient: boolean): unknown {
  const say = (words: string): unknown => {
    problems.push(`${path} ${words}`);
    return given;
  };
  if (shape.anyOf) return readUnion(shape.anyOf, given, path, problems, lenient);
  if (shape.const !== undefined) {
    const value = castTo(typeof shape.const, given);
    return value === shape.const ? value : say(`must be one of the following values: ${String(shape.const)}`);
  }
  if (shape.type === undefined) return given;
  if (given === null) return shape.type === 'null' ? null : say('cannot be null');
  switch (shape.type) {
    case 'object':
      return isObject(given) ? readObject(shape, given, path, problems, lenient) : say(wrongType('object', given));
    case 'array':
      if (!Array.isArray(given)) return say(wrongType('array', given));
      return given.map((item, at) =>
        problems.length < mostProblems ? read(shape.items ?? {}, item, `${path}[${at}]`, problems, lenient) : item,
      );
    case 'string': {
      const value = castTo('string', given);
      if (typeof value !== 'string') return say(wrongType('string', given));
      for (const words of stringProblems(shape, value)) say(words);
      return value;
    }
    case 'integer':
    case 'number': {
      const value = castTo('number', given);
      if (typeof value !== 'number' || !Number.isFinite(value)) return say(wrongType('number', given));
      if (shape.type === 'integer' && !Number.isInteger(value)) return say('must be an integer');
      const { minimum, maximum } = shape;
      if (minimum !== undefined && value < minimum) return say(`must be greater than or equal to ${minimum}`);
      if (maximum !== undefined && value > maximum) return say(`must be less than or equal to ${maximum}`);
      return value;
    }
    case 'boolean': {
      const value = castTo('boolean', given);
      return typeof value === 'boolean' ? value : say(wrongType('boolean', given));
    }
    default:
      return say(wrongType(shape.type, given));
  }
}

function readObject(
  shape: Shape,
  given: Readonly<Record<string, unknown>>,
  path: string,
  problems: string[],
  lenient: boolean,
): unknown {
  const { properties = {}, required = [], additionalProperties } = shape;
  const value: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(properties)) {
    const at = `${path}.${name}`;
    if (given[name] !== undefined && Object.hasOwn(given, name)) {
      value[name] = read(member, given[name], at, problems, lenient);
    } else if (required.includes(name)) problems.push(`${at} must be defined`);
  }
  const others = Object.keys(given).filter((name) => !Object.hasOwn(properties, name));
  const pattern = shape.patternProperties && Object.values(shape.patternProperties)[0];
  const more = pattern ?? (typeof additionalProperties === 'object' ? additionalProperties : null);
  if (more) {
    for (const name of others) {
      if (problems.length >= mostProblems) break;
      value[name] = read(more, given[name], `${path}.${name}`, problems, lenient);
    }
  } else if (additionalProperties === true) for (const name of others) value[name] = given[name];
  else if (others.length > 0 && !lenient) problems.push(`${path} contains unknown properties: ${others.join(', ')}`);
  return value;
}

/** Null or something; one of several literals; else whichever fits, and the last one's complaints if none does. */
function readUnion(
  shapes: readonly Shape[],
  given: unknown,
  path: string,
  problems: string[],
  lenient: boolean,
): unknown {
  const nullable = shapes.some(({ type }) => type === 'null');
  if (nullable && given === null) return null;
  const others = shapes.filter(({ type }) => type !== 'null');
  if (others.every((shape) => shape.const !== undefined)) {
    const found = others.find((shape) => shape.const === castTo(typeof shape.const, given));
    if (found) return found.const;
    const values = others.map((shape) => String(shape.const)).join(', ');
    problems.push(given === null ? `${path} cannot be null` : `${path} must be one of the following values: ${values}`);
    return given;
  }
  let complaints: string[] = [];
  for (const shape of others) {
    complaints = [];
    const value = read(shape, given, path, complaints, lenient);
    if (complaints.length === 0) return value;
  }
  problems.push(...complaints);
  return given;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function castTo(type: string, given: unknown): unknown {
  if (type === 'string' && (typeof given === 'number' || typeof given === 'boolean')) return String(given);
  if (type === 'number' && typeof given === 'string' && given.trim() !== '') return Number(given);
  if (type === 'boolean' && (given === 'true' || given === 'false')) return given === 'true';
  return given;
}

const wrongType = (type: string, given: unknown): string =>
  `must be a \`${type}\` type, but the final value was: \`${shown(given)}\`.`;

/** Long values and secrets have no place in an answer. */
const shown = (given: unknown): string => (JSON.stringify(given) ?? 'undefined').slice(0, 100);

function stringProblems(shape: Shape, value: string): string[] {
  const { minLength, maxLength, pattern, format } = shape;
  const length = [...value].length;
  if (minLength !== undefined && minLength === maxLength && length !== minLength) {
    return [`must be exactly ${minLength} characters`];
  }
  if (minLength === 1 && length === 0) return ['must not be empty'];
  if (minLength !== undefined && length < minLength) return [`must be at least ${minLength} characters`];
  if (maxLength !== undefined && length > maxLength) return [`must be at most ${maxLength} characters`];
  if (pattern !== undefined && !new RegExp(pattern).test(value)) return [`must match the following: "/${pattern}/"`];
  return format === undefined ? [] : (formats[format]?.(value) ?? []);
}

const when = (wrong: boolean, words: string): string[] => (wrong ? [words] : []);

const formats: Readonly<Record<string, (value: string) => string[]>> = {
  email: (value) => (value === '' ? ['must not be empty'] : when(!looksLikeEmail(value), 'must be a valid email')),
  'sign-up-email': (value) =>
    value === ''
      ? ['must not be empty']
      : when(!looksLikeEmail(value) || !signUpForm.test(value), 'must be a valid email'),
  uuid: (value) => when(!uuidForm.test(value), 'must be a valid UUID'),
  url: (value) => [
    ...when(/\s/.test(value), 'contains spaces'),
    ...when(!/^[a-z][a-z0-9+.-]*:/i.test(value) || !URL.canParse(value), 'is not a valid URL'),
  ],
  base64: (value) => when(!base64Form.test(value), 'is not valid base64'),
};

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[089ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const base64Form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** No leading or double dots before the sign, a top-level domain of two characters (spec §1.13). */
const signUpForm = /^[^.@][^@]*(?<!\.)@[^@]*\.[^.@][^.@]+$/;
const looksLikeEmail = (value: string): boolean =>
  value.length <= 256 && /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)*$/.test(value) && !/\.\.|^\./.test(value.split('@')[0]!);
