import type { TSchema } from 'typebox';
import type { Validator } from 'typebox/compile';
import { typeboxTools } from './typebox-tools.ts';

/** One thing wrong with an input. */
export interface Issue {
  readonly part: 'body' | 'query' | 'params';
  /** Dotted path inside the part; empty for the part itself. */
  readonly path: string;
  /** For `required`, `params.type` is what the missing member should be. */
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: string;
  /** What was found there. */
  readonly value: unknown;
}

export class InvalidInput extends Error {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super('input does not match the schema');
    this.name = 'InvalidInput';
    this.issues = issues;
  }
}

/**
 * The result returns the issues of a value, none when it fits. The schema is compiled for the first value: there are
 * hundreds of them, and most installations serve a few.
 */
export function validator(part: Issue['part'], schema: TSchema): (value: unknown) => readonly Issue[] {
  let compiled: Validator | null = null;
  return (value) => {
    compiled ??= typeboxTools().compile(schema);
    if (compiled.Check(value)) return [];
    return compiled.Errors(value).flatMap((error) => {
      const missing =
        error.keyword === 'required'
          ? (error.params as { requiredProperties?: string[] }).requiredProperties
          : undefined;
      const paths = missing?.map((name) => `${error.instancePath}/${name}`) ?? [error.instancePath];
      return paths.map((pointer) => ({
        part,
        path: pointer.slice(1).replaceAll('/', '.'),
        keyword: error.keyword,
        params: missing ? { type: typeAt(schema, pointer) } : (error.params as Record<string, unknown>),
        message: error.message,
        value: at(value, pointer),
      }));
    });
  };
}

/** What a schema wants at a place, as far as plain objects lead there. */
function typeAt(schema: TSchema, pointer: string): unknown {
  let current: { type?: unknown; properties?: Record<string, object> } | undefined = schema;
  for (const key of pointer.split('/').slice(1)) current = current?.properties?.[key];
  return current?.type;
}

function at(value: unknown, pointer: string): unknown {
  let current = value;
  for (const key of pointer.split('/').slice(1)) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}
