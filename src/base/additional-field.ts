/** A user field of the application. */
export interface AdditionalField {
  readonly type: 'string' | 'number' | 'boolean' | 'date' | 'string[]' | 'number[]';
  /** Nobody signs up without. */
  readonly required: boolean;
  /** False: people read it, and administrators and the project's services write it. */
  readonly input: boolean;
  /** For whoever has none. */
  readonly default: FieldValue;
}

export type FieldValue = string | number | boolean | string[] | number[] | null;

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');

/** Dates are taken as text or milliseconds, and kept as ISO 8601. */
function readDate(value: unknown): string | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value : Number.NaN;
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : undefined;
}

const readers: { readonly [type in AdditionalField['type']]: (value: unknown) => FieldValue | undefined } = {
  string: (value) => (typeof value === 'string' ? value : undefined),
  number: (value) => (typeof value === 'number' ? value : undefined),
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  date: readDate,
  'string[]': (value) => (isTexts(value) ? value : undefined),
  'number[]': (value) => (isNumbers(value) ? value : undefined),
};

/** Null is a value of every type; undefined says that this is none. */
export const readFieldValue = (type: AdditionalField['type'], value: unknown): FieldValue | undefined =>
  value === null ? null : readers[type](value);
