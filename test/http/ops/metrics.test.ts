import { expect, test } from 'vitest';
import { version } from '../../../src/version.ts';
import { onOneEngine } from '../../kit/stage.ts';

onOneEngine('GET /metrics', {}, (stage) => {
  const metrics = async () => (await stage.world.app.http.inject({ url: '/metrics' })).payload;
  const route = 'method="GET",route="/better-auth/api/auth/get-session"';
  const count = async (line: string) => {
    const found = (await metrics()).split('\n').find((candidate) => candidate.startsWith(`${line} `));
    return Number(found?.slice(line.length + 1) ?? Number.NaN);
  };

  test('counts answers by route and status, and how long they took', async () => {
    for (let asked = 0; asked < 3; asked += 1) await stage.browser().get('/get-session');
    expect(await count(`latchkey_http_answers_total{${route},status="200"}`)).toBe(3);
    expect(await count(`latchkey_http_request_seconds_count{${route}}`)).toBe(3);
    expect(await count(`latchkey_http_request_seconds_bucket{le="+Inf",${route}}`)).toBe(3);
    expect(await count(`latchkey_http_request_seconds_sum{${route}}`)).toBeGreaterThan(0);
    await stage.browser().get('/get-session');
    expect(await count(`latchkey_http_answers_total{${route},status="200"}`)).toBe(4);
  });

  test('every bucket holds the ones before it', async () => {
    await stage.browser().get('/get-session');
    const buckets = (await metrics())
      .split('\n')
      .filter((line) => line.startsWith('latchkey_http_request_seconds_bucket') && line.includes(route))
      .map((line) => Number(line.split(' ').at(-1)));
    expect(buckets).toHaveLength(11);
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
  });

  test('is for whoever sits at the machine: neither through a proxy nor by a name from elsewhere', async () => {
    const { http } = stage.world.app;
    const asked = async (headers: Record<string, string>) =>
      (await http.inject({ url: '/metrics', headers })).statusCode;
    expect(await asked({ host: 'localhost:3000' })).toBe(200);
    expect(await asked({ host: '[::1]:3000' })).toBe(200);
    expect(await asked({ host: 'rebound.example.org' })).toBe(404);
    expect(await asked({ host: 'localhost', 'x-forwarded-for': '192.0.2.1' })).toBe(404);
    expect(await asked({ host: 'localhost', via: '1.1 proxy' })).toBe(404);
  });

  test('tells which version runs', async () => {
    expect(await metrics()).toContain(`latchkey_build_info{version="${version}"} 1`);
  });

  test('tells of the process and of the gauges', async () => {
    const text = await metrics();
    for (const name of ['process_cpu_seconds_total', 'nodejs_heap_size_used_bytes', 'latchkey_hash_queue 0']) {
      expect(text).toContain(name);
    }
    expect(text).toMatch(/^latchkey_cached_sessions \d+$/m);
    expect(text).toMatch(/^latchkey_jobs\{state="ready"\} \d+$/m);
  });
});
