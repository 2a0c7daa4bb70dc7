import type { TSchema } from 'typebox';
import type { InvalidInput, Issue } from '../kit/validation.ts';
import type { AxumKitEndpoint } from './endpoint.ts';

/** What a value of the right type may still break. */
const rules = new Set(['pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems']);

interface Property extends TSchema {
  /** What people are told, in development. */
  readonly says?: string;
  /** The pattern is part of the type: a mismatch is a parse error. */
  readonly shape?: boolean;
}

/**
 * Is the input of the wrong shape (`general:bad_request`), or does a field of the right type break a rule
 * (`general:validation_error`)? Upstream parses first and validates then (spec §1.6).
 */
export function readProblem(
  input: InvalidInput,
  endpoint: AxumKitEndpoint,
): { readonly kind: 'shape' | 'rule'; readonly details: string } {
  const byField = new Map<string, Issue[]>();
  for (const issue of input.issues) byField.set(issue.path, [...(byField.get(issue.path) ?? []), issue]);
  const lines: string[] = [];
  for (const [field, issues] of byField) {
    const property = propertyAt(endpoint, issues[0]!);
    const broken = issues.find(({ keyword }) => rules.has(keyword));
    if (!broken || property?.shape) return { kind: 'shape', details: shapeText(issues[0]!) };
    lines.push(`${field}: ${property?.says ?? `Validation error: ${broken.keyword}`}`);
  }
  return { kind: 'rule', details: lines.join('\n') };
}

function propertyAt(endpoint: AxumKitEndpoint, { part, path }: Issue): Property | undefined {
  const { properties } = (endpoint[part] ?? {}) as { readonly properties?: Readonly<Record<string, Property>> };
  return properties?.[path.split('.', 1)[0]!];
}

/** Names the field and never the value: it may be a password. */
function shapeText({ part, path, keyword, message }: Issue): string {
  const where = part === 'body' ? 'the JSON body into the target type' : part === 'query' ? 'query string' : 'path';
  return `Failed to deserialize ${where}: ${keyword === 'required' ? `missing field \`${path}\`` : `${path}: ${message}`}`;
}
