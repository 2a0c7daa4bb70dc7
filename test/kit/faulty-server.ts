import { expect } from 'vitest';
import type { Installation } from './installation.ts';

/** One sign-in on each API, and reading a session: what people do while something is away. */
export function callsOf({ url }: Installation) {
  const json = { 'content-type': 'application/json', origin: url };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });
  const signIn = { email: 'ada@example.org', password: 'correct horse battery' };
  return {
    signUp: (email = signIn.email) => post('/better-auth/api/auth/sign-up/email', { ...signIn, email, name: 'Ada' }),
    signIn: {
      'better-auth': () => post('/better-auth/api/auth/sign-in/email', signIn),
      hexclave: (projectId: string) =>
        post('/hexclave/api/v1/auth/password/sign-in', signIn, {
          'x-hexclave-access-type': 'client',
          'x-hexclave-project-id': projectId,
        }),
      axumkit: () => post('/axumkit/v0/auth/login', signIn),
    },
    async ready(): Promise<{ status: number; ms: number }> {
      const began = performance.now();
      const { status } = await fetch(`${url}/readyz`);
      return { status, ms: performance.now() - began };
    },
    alive: async () => expect((await fetch(`${url}/healthz`)).status).toBe(200),
    /** Until it holds; fails after five seconds. */
    async until(holds: () => Promise<boolean>): Promise<void> {
      for (const end = performance.now() + 5_000; performance.now() < end; ) {
        if (await holds()) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error('it did not come back within five seconds');
    },
  };
}

export type Calls = ReturnType<typeof callsOf>;
