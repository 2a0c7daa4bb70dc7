import type { AxumKitEndpoint } from './endpoint.ts';

/** For the answer to a known path with another method: what it takes, as the header `Allow` has it; null for other paths. */
export function knownPaths(endpoints: readonly AxumKitEndpoint[], baseUrl: string): (path: string) => string | null {
  const prefix = new URL(baseUrl).pathname.replace(/\/$/, '');
  const rows = endpoints.map(({ method, path }) => ({
    method,
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`),
  }));
  return (path) => {
    if (!path.startsWith(prefix)) return null;
    const methods = rows.filter(({ pattern }) => pattern.test(path.slice(prefix.length))).map(({ method }) => method);
    if (methods.length === 0) return null;
    return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].join(',');
  };
}
