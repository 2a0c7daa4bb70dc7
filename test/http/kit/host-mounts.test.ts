import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawRequest } from '../../kit/stage.ts';
import { createWorld, type World } from '../../kit/world.ts';

const origin = 'http://api.example';

describe('A dialect on a host of its own', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ mounts: { hexclave: { kind: 'host', origin, project: 'default' } }, contract: false });
  });
  afterAll(() => world?.close());

  const get = (host: string | null, path: string) =>
    rawRequest(world.url, path, host === null ? {} : { headers: { host } });
  const statusOf = async (host: string | null, path: string) => (await get(host, path)).status;

  test('answers there, and not elsewhere', async () => {
    expect(await statusOf('api.example', '/api/v1')).toBe(200);
    expect(await statusOf(null, '/api/v1')).toBe(404);
  });

  test.each([
    '/better-auth/api/auth/ok',
    '/better-auth/api/auth/get-session',
    '/better-auth/openapi.json',
    '/axumkit/health-check',
  ])('shares it with no other: %s', async (path) => {
    expect(await statusOf(null, path)).toBeLessThan(300);
    expect(await statusOf('api.example', path)).toBe(404);
    expect(await statusOf('API.example', path)).toBe(404);
    expect(await statusOf('another.example', path)).toBeLessThan(300);
  });

  test('is asked for its health like every server', async () => {
    expect(await statusOf('api.example', '/healthz')).toBe(200);
  });
});

describe('The start page', () => {
  test('says where unchanged clients are pointed, of each API', async () => {
    const world = await createWorld();
    const { text } = await rawRequest(world.url, '/', {});
    const told = [...text.matchAll(/<td>([^<]+)<\/td><td><code>([^<]+)<\/code>/g)].map(([, title, url]) => [
      title,
      url,
    ]);
    expect(told).toEqual([
      ['Better Auth', `${world.url}/better-auth/api/auth`],
      ['Hexclave', `${world.url}/hexclave`],
      ['AxumKit', `${world.url}/axumkit`],
    ]);
    await world.close();
  });
});
