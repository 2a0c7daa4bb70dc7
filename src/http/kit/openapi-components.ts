import { STATUS_CODES } from 'node:http';

export interface Operation {
  readonly responses: Record<string, object>;
}

/**
 * Of each status of a refusal the response that most operations share, taken out of them: in its place a reference is left.
 * @returns `components.responses`
 */
export function sharedResponses(operations: readonly Operation[]): Record<string, object> {
  const shared: Record<string, object> = {};
  const all = operations.flatMap(({ responses }) =>
    Object.entries(responses)
      .filter(([status]) => status === 'default' || Number(status) >= 400)
      .map(([status, response]) => ({ responses, status, response, text: JSON.stringify(response) })),
  );
  for (const [status, ofStatus] of Map.groupBy(all, ({ status }) => status)) {
    const alike = [...Map.groupBy(ofStatus, ({ text }) => text).values()].sort((a, b) => b.length - a.length)[0]!;
    if (alike.length < 2) continue;
    const name = status === 'default' ? 'Refused' : STATUS_CODES[status]!.replaceAll(/\W/g, '');
    shared[name] = alike[0]!.response;
    for (const { responses } of alike) responses[status] = { $ref: `#/components/responses/${name}` };
  }
  return shared;
}

interface Document {
  readonly components: { readonly schemas: object };
  readonly paths: object;
}

/** Schemas with a title, taken out of where they are used: clients made from the document name their types by it. */
export function sharedSchemas<D extends Document>(document: D): D {
  const schemas: Record<string, unknown> = {};
  const texts = new Map<string, string>();

  function walk(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(walk);
    const walked = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, walk(member)]));
    const { title, type } = walked as { readonly title?: unknown; readonly type?: unknown };
    if (typeof title !== 'string' || typeof type !== 'string') return walked;
    const name = title.replaceAll(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase());
    const text = JSON.stringify(walked);
    const before = texts.get(name);
    if (before !== undefined && before !== text) throw new Error(`two schemas are called ${title}`);
    texts.set(name, text);
    schemas[name] = walked;
    return { $ref: `#/components/schemas/${name}` };
  }

  const paths = walk(document.paths) as object;
  return {
    ...document,
    components: { ...document.components, schemas: { ...document.components.schemas, ...schemas } },
    paths,
  };
}
