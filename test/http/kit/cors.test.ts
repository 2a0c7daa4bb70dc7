import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, type World } from '../../kit/world.ts';

const trusted = 'https://app.example.com';
const paths = {
  'better-auth': '/better-auth/api/auth/get-session',
  hexclave: '/hexclave/api/v1/users/me',
  axumkit: '/axumkit/v0/eventstream/actions',
};

describe('The headers that a page may send', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ policy: { 'redirects.origins': [trusted] } });
  });
  afterAll(() => world?.close());

  const allowed = async (path: string, origin: string, asked: string) => {
    const headers = { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': asked };
    const reply = await fetch(`${world.url}${path}`, { method: 'OPTIONS', headers });
    const names = reply.headers.get('access-control-allow-headers')?.toLowerCase() ?? '';
    return { names: names.split(/, ?/), vary: reply.headers.get('vary')?.toLowerCase() ?? '' };
  };

  test.each(Object.entries(paths))('%s: those that it asks for, from a trusted origin', async (_, path) => {
    const { names, vary } = await allowed(path, trusted, 'Last-Event-ID,sentry-trace, baggage');
    expect(names).toEqual(expect.arrayContaining(['content-type', 'last-event-id', 'sentry-trace', 'baggage']));
    expect(vary).toContain('access-control-request-headers');
  });

  test.each(Object.entries(paths))('%s: what is no name of a header is not repeated', async (_, path) => {
    const { names } = await allowed(path, trusted, 'x-good, bad name, worse;x, "quoted"');
    expect(names).toContain('x-good');
    expect(names.filter((name) => /bad|worse|quoted/.test(name))).toEqual([]);
  });

  test.each(['better-auth', 'axumkit'] as const)('%s: no more than ever, from elsewhere', async (dialect) => {
    const { names } = await allowed(paths[dialect], 'https://evil.example', 'x-anything');
    expect(names).not.toContain('x-anything');
  });
});
