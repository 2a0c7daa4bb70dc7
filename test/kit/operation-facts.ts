import { dereferenced } from './openapi.ts';

interface Schema {
  readonly type?: unknown;
  readonly nullable?: boolean;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly additionalProperties?: boolean | Schema;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

/** Members by path, such as `user.id` or `items[].name`: their types, with `?` where they may be absent. */
export type Members = Record<string, string>;

/** What can be compared of an operation, without a word of description. */
export interface OperationFacts {
  readonly query: Members;
  readonly body: Members;
  /** By status, successes alone. */
  readonly replies: Readonly<Record<string, Members>>;
}

/** By `GET /path/{id}`. What is in the path is there. */
export function factsOf(published: object): Record<string, OperationFacts> {
  const { paths } = dereferenced(published) as { readonly paths: Record<string, Record<string, Operation>> };
  const facts = Object.entries(paths).flatMap(([path, row]) =>
    Object.entries(row).map(([method, operation]): [string, OperationFacts] => [
      `${method.toUpperCase()} ${path}`,
      operationFacts(operation),
    ]),
  );
  return Object.fromEntries(facts);
}

function operationFacts({ parameters = [], requestBody, responses }: Operation): OperationFacts {
  const inPlace = (place: string): Members =>
    Object.fromEntries(
      parameters
        .filter((parameter) => parameter.in === place)
        .map(({ name, required = false, schema = {} }) => [name, typeOf(schema) + (required ? '' : '?')]),
    );
  const done = Object.entries(responses).filter(([status]) => Number(status) < 400);
  return {
    query: inPlace('query'),
    body: membersOf(schemaIn(requestBody)),
    replies: Object.fromEntries(done.map(([status, response]) => [status, membersOf(schemaIn(response))])),
  };
}

const schemaIn = (holder: Content | undefined): Schema =>
  holder?.content?.['application/json']?.schema ?? holder?.content?.['multipart/form-data']?.schema ?? {};

function membersOf(schema: Schema, at = '', optional = false, into: Members = {}): Members {
  const type = typeOf(schema);
  const before = into[at];
  if (type !== 'any' || at !== '') {
    into[at] = (before === undefined ? type : joined(before.replace('?', ''), type)) + (optional ? '?' : '');
  }
  for (const each of branchesOf(schema)) {
    // A member that only one branch has may be absent.
    const several = branchesOf(schema).filter((branch) => branch.properties).length > 1;
    if (each.items) membersOf(each.items, `${at}[]`, false, into);
    for (const [name, member] of Object.entries(each.properties ?? {})) {
      if (!isSchema(member)) continue; // a mistake of the document's maker
      const path = at === '' ? name : `${at}.${name}`;
      membersOf(member, path, several || !(each.required ?? []).includes(name), into);
    }
  }
  return into;
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Unions and intersections, one level flat. */
const branchesOf = (schema: Schema): readonly Schema[] => {
  const branches = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return branches.length > 0 ? branches.flatMap(branchesOf) : [schema];
};

/** `string`, `number|null`; what is enumerated goes by the type of its values, and an integer is a number. */
function typeOf(schema: Schema): string {
  const types = branchesOf(schema).flatMap(({ type, const: only, enum: values, properties, nullable }) => {
    const named = typeof type === 'string' ? [type] : Array.isArray(type) ? type : [];
    const valued = only !== undefined ? [jsonType(only)] : (values ?? []).map(jsonType);
    const found = named.length > 0 ? named : valued.length > 0 ? valued : properties ? ['object'] : ['any'];
    return [...found, ...(nullable ? ['null'] : [])];
  });
  return joined(...(schema.nullable ? [...types, 'null'] : types));
}

const joined = (...types: readonly string[]): string =>
  [...new Set(types.flatMap((type) => type.split('|')).map((type) => (type === 'integer' ? 'number' : type)))]
    .sort()
    .join('|');

const jsonType = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
