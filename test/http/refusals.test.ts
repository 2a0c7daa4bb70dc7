import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyRequest } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Refusal, type RefusalCode, type RefusalDetail } from '../../src/base/refusal.ts';
import { axumKit } from '../../src/http/axumkit/dialect.ts';
import { betterAuth } from '../../src/http/better-auth/dialect.ts';
import { hexclave } from '../../src/http/hexclave/dialect.ts';
import { type Answer, Raw } from '../../src/http/kit/answer.ts';
import type { Dialect } from '../../src/http/kit/dialect.ts';
import { type CoreWorld, createCoreWorld } from '../kit/core-world.ts';
import { defaultAxumKit, defaultBetterAuth, defaultHexclave } from '../kit/test-config.ts';

// Every refusal in the words of every API. The files beside this test are what applications read: a change of one is a
// change of a wire.

const source = (pattern: string) =>
  globSync(pattern, { cwd: join(import.meta.dirname, '../../src') })
    .sort()
    .map((file) => readFileSync(join(import.meta.dirname, '../../src', file), 'utf8'))
    .join('\n');

const union = /export type RefusalCode =\n([\s\S]*?);\n/.exec(source('base/refusal.ts'))![1]!;
const codes = [...union.matchAll(/'(\w+)'/g)].map((found) => found[1] as RefusalCode);

/** What core says beside a code, where the words of some API hang on it. */
const fields = new Map<string, Set<string>>();
for (const [, code, field] of source('{core,http}/**/*.ts').matchAll(/'(\w+)',\s*\{[^{}]*\bfield: '([^']*)'/g)) {
  if (!fields.has(code!)) fields.set(code!, new Set());
  fields.get(code!)!.add(field!);
}

const detail: RefusalDetail = {
  ...{ minLength: 8, maxLength: 128, retryAfterSeconds: 30, retryAfterMs: 30_000, given: 'given', banReason: 'Spam' },
  ...{ permission: 'permission', userId: 'user-id', organizationId: 'organization-id', missing: ['a', 'b'] },
  ...{ providerError: 'access_denied', providerErrorDescription: 'said no', allowed: ['a'], attempt: 'attempt' },
  token: { expiredAt: 1_700_000_000_000, projectId: 'project-id', userId: 'user-id', sessionId: 'session-id' },
};

const request = {
  method: 'POST',
  url: '/path',
  headers: {},
  routeOptions: { config: {} },
} as unknown as FastifyRequest;

function told({ status, body, headers = {} }: Answer): string {
  const text = body instanceof Raw ? JSON.stringify(Buffer.from(body.bytes).toString()) : JSON.stringify(body ?? null);
  const own = Object.entries(headers).filter(([name]) => /error|retry|location/.test(name));
  return [status, text, ...own.map(([name, value]) => `${name}: ${value}`)].join(' ');
}

// biome-ignore lint/suspicious/noExplicitAny: dialects differ in their calls and rows
type AnyDialect = Dialect<any, any, any>;

describe('Every refusal, in the words of', () => {
  let world: CoreWorld;
  beforeAll(async () => {
    world = await createCoreWorld();
  });
  afterAll(() => world.close());

  const baseUrl = 'https://id.example.com';
  const dialects: Readonly<Record<string, () => AnyDialect>> = {
    'better-auth': () =>
      betterAuth(world.context('better-auth'), {
        ...defaultBetterAuth,
        baseUrl: `${baseUrl}/api/auth`,
        filesUrl: `${baseUrl}/-/files`,
      } as never),
    hexclave: () =>
      hexclave({ ctx: world.context('hexclave'), project: world.mainProject }, { ...defaultHexclave, baseUrl }),
    axumkit: () => axumKit(world.context('axumkit'), { ...defaultAxumKit, baseUrl, development: false }),
  };

  test.each(Object.keys(dialects))('%s', async (name) => {
    const dialect = dialects[name]!();
    const lines: string[] = [];
    for (const code of codes) {
      for (const field of [undefined, ...[...(fields.get(code) ?? [])].sort()]) {
        const refusal = new Refusal(code, { ...detail, ...(field !== undefined && { field }) });
        lines.push(
          `${code}${field === undefined ? '' : ` (${field})`}: ${told(dialect.refused(refusal, null, null, request))}`,
        );
      }
    }
    for (const endpoint of dialect.endpoints) {
      for (const code of Object.keys(endpoint.refusals ?? {}).sort() as RefusalCode[]) {
        for (const field of [undefined, ...[...(fields.get(code) ?? [])].sort()]) {
          const refusal = new Refusal(code, { ...detail, ...(field !== undefined && { field }) });
          const said = told(dialect.refused(refusal, null, endpoint, request));
          lines.push(`${endpoint.method} ${endpoint.path} ${code}${field === undefined ? '' : ` (${field})`}: ${said}`);
        }
      }
    }
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`./refusals/${name}.txt`);
  });
});
