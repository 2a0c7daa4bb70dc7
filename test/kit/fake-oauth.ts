import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { ProviderConfig } from '../../src/base/configuration.ts';
import { providerConfig } from './provider-config.ts';

interface Answer {
  readonly status?: number;
  /** A text is sent as it is. */
  readonly body: unknown;
  /** `gzip`, `deflate` or `br`, whatever was asked for. */
  readonly packing?: string;
}

interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly form: URLSearchParams;
}

/** A plain OAuth 2.0 provider as GitHub is one; every answer can be replaced by a bad one. */
export interface FakeOAuth {
  readonly origin: string;
  answers: { token: Answer; user: Answer; emails: Answer };
  readonly seen: SeenRequest[];
  reset(): void;
  config(change?: Partial<ProviderConfig>): ProviderConfig;
  close(): Promise<void>;
}

const packers: Readonly<Record<string, (text: string) => Buffer>> = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
};

const goodAnswers = () => ({
  token: { body: { access_token: 'gho_1', token_type: 'bearer', scope: 'read:user,user:email' } } as Answer,
  user: {
    body: { id: 4711, login: 'octo', name: 'Octo Cat', email: null, avatar_url: 'https://img.test/1' },
  } as Answer,
  emails: {
    body: [
      { email: 'old@example.org', primary: false, verified: true },
      { email: 'octo@example.org', primary: true, verified: true },
    ],
  } as Answer,
});

/** Where a browser goes whose owner agrees at once. */
function agreed(path: string): string {
  const asked = new URL(path, 'http://unused').searchParams;
  const back = new URL(asked.get('redirect_uri')!);
  back.searchParams.set('code', 'x');
  back.searchParams.set('state', asked.get('state')!);
  return back.href;
}

export async function startFakeOAuth(): Promise<FakeOAuth> {
  const seen: SeenRequest[] = [];
  const fake = { answers: goodAnswers() };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const path = request.url ?? '';
    if (path.startsWith('/authorize?')) return response.writeHead(302, { location: agreed(path) }).end();
    seen.push({ method: request.method ?? '', path, headers: request.headers, form: new URLSearchParams(body) });
    const answer = { '/token': fake.answers.token, '/user': fake.answers.user, '/emails': fake.answers.emails }[path];
    const text = typeof answer?.body === 'string' ? answer.body : JSON.stringify(answer?.body ?? null);
    const packing = answer?.packing;
    response.writeHead(answer?.status ?? (answer ? 200 : 404), {
      'content-type': 'application/json',
      ...(packing !== undefined && { 'content-encoding': packing }),
    });
    response.end(packing === undefined ? text : packers[packing]!(text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(fake, {
    origin,
    seen,
    reset() {
      fake.answers = goodAnswers();
      seen.length = 0;
    },
    config: (change: Partial<ProviderConfig> = {}) =>
      providerConfig({
        key: 'github',
        type: 'github',
        settings: {
          authorizationEndpoint: `${origin}/authorize`,
          tokenEndpoint: `${origin}/token`,
          userinfoEndpoint: `${origin}/user`,
          emailsEndpoint: `${origin}/emails`,
        },
        ...change,
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
