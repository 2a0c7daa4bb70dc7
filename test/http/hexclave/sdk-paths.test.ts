import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { routes } from '../../../src/http/hexclave/routes.ts';
import { type SdkRequest, sdkRequests } from '../../kit/sdk-paths.ts';

/** `iss` of access tokens: names, at which nothing is asked for. */
const issuers = ['/projects/:x', '/projects-anonymous-users/:x'];

const asked = sdkRequests();

/** Paths in the documentation of what is answered with 404; a method only where the others are served. */
function notBuilt(): readonly SdkRequest[] {
  const text = readFileSync(new URL('../../../docs/dialects/hexclave.md', import.meta.url), 'utf8');
  const rows = /^Unknown paths, 404\.(.*?)^## /ms.exec(text)![1]!.match(/^\| `.*$/gm)!;
  return rows.flatMap((row) => {
    const spans = row.split(' | ')[0]!.matchAll(/`(?:([A-Z]+) )?(\/[^`]*)`/g);
    return Array.from(spans, ([, method, path]) => ({ method: method ?? null, path: path! }));
  });
}

/** What the client fills in is served by what takes any text; a fixed word also by itself. */
function fits(pattern: SdkRequest, request: SdkRequest): boolean {
  if (pattern.method !== null && request.method !== null && pattern.method !== request.method) return false;
  const [wanted, is] = [pattern.path.split('/'), request.path.split('/')];
  const below = wanted.at(-1) === '*';
  if (below) wanted.pop();
  const long = below ? is.length > wanted.length : is.length === wanted.length;
  return long && wanted.every((one, at) => one.startsWith(':') || one === is[at]);
}

const words = ({ method, path }: SdkRequest) => `${method ?? 'any'} ${path}`;

describe('what the SDK can ask for', () => {
  test('is found in its files', () => {
    expect(asked.map(words)).toEqual(
      expect.arrayContaining([
        'GET /users/me',
        'POST /auth/cli/complete',
        'POST /team-invitations/accept/details',
        'DELETE /contact-channels/:x/:x',
        'any /auth/oauth/authorize/:x',
        'GET /internal/component-versions',
      ]),
    );
  });

  test('is served, or documented as not built', () => {
    const known = [...routes, ...notBuilt(), ...issuers.map((path) => ({ method: null, path }))];
    const unknown = asked.filter((request) => !known.some((one) => fits(one, request)));
    expect(unknown.map(words)).toEqual([]);
  });

  test('is not documented as not built while it is served, or where the SDK does not ask', () => {
    const rows = notBuilt();
    const served = rows.filter((row) => routes.some((route) => fits(row, route)));
    expect(served.map(words)).toEqual([]);
    const idle = rows.filter((row) => !asked.some((request) => fits(row, request)));
    expect(idle.map(words)).toEqual([]);
  });
});
