/** The parts of a schema that endpoints use. */
interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly const?: unknown;
  readonly anyOf?: readonly Shape[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
}

/** As long as every dialect takes. */
export const callerPassword = 'correct horse';
export const newPassword = 'another horse';

/** Texts for formats. */
const formats: Readonly<Record<string, string>> = {
  email: 'somebody@example.com',
  'sign-up-email': 'somebody@example.com',
  uuid: '00000000-0000-4000-8000-000000000000',
  url: 'http://localhost/x',
  base64: 'AAAA',
};
/** What patterns want is one of these. */
const texts = ['x', 'somebody', '123456', 'x'.repeat(43), ...Object.values(formats)];

/**
 * What passes a schema: everything it requires, with values from `known` where there are. What may be left out is left
 * out unless `known` names it with its place, as `body.userId` does.
 */
export function validInput(
  part: string,
  schema: object | undefined,
  known: Readonly<Record<string, unknown>>,
): unknown {
  if (schema === undefined) return undefined;
  const { properties = {}, required = [] } = schema as Shape;
  const members = Object.entries(properties).flatMap(([name, own]): [string, unknown][] => {
    const placed = known[`${part}.${name}`];
    if (placed !== undefined) return [[name, placed]];
    return required.includes(name) ? [[name, known[name] ?? filler(name, own)]] : [];
  });
  return Object.fromEntries(members);
}

function filler(name: string, shape: Shape): unknown {
  if (shape.const !== undefined) return shape.const;
  if (shape.anyOf) return filler(name, shape.anyOf[0]!);
  if (/password/i.test(name)) return /new/i.test(name) ? newPassword : callerPassword;
  switch (shape.type) {
    case 'object':
      return validInput('', shape, {});
    case 'array':
      return [];
    case 'boolean':
      return true;
    case 'number':
    case 'integer':
      return shape.minimum ?? 1;
    case 'string':
      return text(shape);
    default:
      return 'x';
  }
}

function text({ format, pattern, minLength = 1 }: Shape): string {
  if (format !== undefined) return formats[format]!;
  if (pattern === undefined) return 'x'.repeat(Math.max(minLength, 1));
  const fitting = texts.find((one) => new RegExp(pattern, 'u').test(one));
  if (fitting === undefined) throw new Error(`no text fits ${pattern}`);
  return fitting;
}
