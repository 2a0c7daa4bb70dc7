import { Compile } from 'typebox/compile';
import { dereferenced } from './openapi.ts';

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

export interface ApiDocument {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Holds a surface to what it publishes. */
export type Contract = (method: string, url: string, status: number, body: unknown) => void;

/**
 * Every JSON answer of a published operation has the shape the document gives it: a success by its schema, a refusal by
 * one of the words that its status has. Operations that are served without being published are let pass.
 */
export function contractOf(published: ApiDocument): Contract {
  const document = dereferenced(published);
  const base = document.servers[0]!.url;
  const rows = Object.entries(document.paths).map(([path, operations]) => ({
    path,
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    operations,
  }));
  const compiled = new Map<object, ReturnType<typeof Compile>>();

  return (method, url, status, body) => {
    if (!url.startsWith(`${base}/`) || (status > 299 && status < 400)) return;
    const path = url.slice(base.length).split(/[?#]/, 1)[0]!;
    const row = rows.find(({ path: exact }) => exact === path) ?? rows.find(({ pattern }) => pattern.test(path));
    const operation = row?.operations[method.toLowerCase()];
    if (!operation) return;
    const response = operation.responses[status] ?? (status >= 400 ? operation.responses.default : undefined);
    const schema = response?.content?.['application/json']?.schema;
    if (!schema)
      throw new Error(`${method} ${row.path} answers ${status} with JSON, which its document does not mention`);
    if (!compiled.has(schema)) compiled.set(schema, Compile(schema as never));
    const check = compiled.get(schema)!;
    if (check.Check(body)) return;
    const problems = check.Errors(body).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
    throw new Error(
      `${method} ${row.path} answers otherwise than documented: ${problems.join('; ')}\n${JSON.stringify(body)}`,
    );
  };
}
