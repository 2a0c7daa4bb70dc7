import { type TObject, type TSchema, Type } from 'typebox';
import type { HexclaveEndpoint } from './endpoint.ts';
import { Fields } from './schemas.ts';

/** Where a resource is listed: the path without the parameters at its end that name one of it. */
const listPath = (path: string): string => path.replace(/(?:\/:[a-z_]+)+$/, '');

/**
 * A resource has one set of query fields, for all of its verbs: clients send `include_anonymous` with the read of one
 * user as with the list. Where a field means nothing it does nothing.
 */
export function withResourceQueries(endpoints: readonly HexclaveEndpoint[]): readonly HexclaveEndpoint[] {
  const fields = new Map<string, Record<string, TSchema>>();
  for (const { method, path, query } of endpoints) {
    if (method === 'GET' && query && listPath(path) === path) fields.set(path, (query as TObject).properties);
  }
  return endpoints.map((endpoint) => {
    const shared = fields.get(listPath(endpoint.path));
    return shared === undefined ? endpoint : { ...endpoint, sharedQuery: shared };
  });
}

/** What the query of a request may hold: the endpoint's own fields, and those of its resource. */
export function wholeQuery(own: TSchema | undefined, shared: HexclaveEndpoint['sharedQuery']): TSchema | undefined {
  if (shared === undefined) return own;
  const optional = Object.entries(shared).map(([name, schema]) => [name, Type.Optional(schema)]);
  return Fields({ ...Object.fromEntries(optional), ...(own as TObject | undefined)?.properties });
}
