import type { BetterAuthEndpoint } from '../../../src/http/better-auth/endpoint.ts';
import { wireErrorOf } from '../../../src/http/better-auth/errors.ts';
import type { Needs } from '../../../src/http/kit/needs.ts';
import { validator } from '../../../src/http/kit/validation.ts';
import type { Input, MatrixDialect } from '../../kit/caller-matrix.ts';
import { callersOf } from '../../kit/callers.ts';

import { peopleKinds } from './people-kinds.ts';
import type { MatrixWorld } from './world.ts';

export const serviceToken = 'a-service-token-that-is-long-enough-to-be-one';

const user: readonly Needs[] = ['nobody', 'user', 'user_or_key', 'user_or_server', 'user_key_or_server'];
const refusedCodes = ['not_signed_in', 'api_key_cannot_act', 'api_key_rejected'] as const;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** The contract of what passes, by the schemas that endpoints validate with. */
export const problemsOf = (endpoint: Partial<Pick<BetterAuthEndpoint, keyof Input>>, input: Input): string[] =>
  (['body', 'query', 'params'] as const).flatMap((part) => {
    const schema = endpoint[part];
    if (!schema || (part !== 'body' && input[part] === undefined)) return [];
    return validator(part, schema)(input[part]).map(({ path, message }) => `${part}.${path} ${message}`);
  });

export function betterAuthMatrix({ world, project, other }: MatrixWorld): MatrixDialect<BetterAuthEndpoint> {
  const own = callersOf(project, 'better-auth', world.database!);
  const others = callersOf(other, 'better-auth', world.database!);
  return {
    url: world.betterAuthUrl,
    database: world.database!,
    kinds: [
      { name: 'nobody', meets: ['nobody'], make: async () => ({ headers: {} }) },
      ...peopleKinds(own, others, {
        shows: ({ token }) => bearer(token),
        showsToken: bearer,
        names: (has) => ({
          ...{ userId: has.userId, organizationId: has.organizationId, keyId: has.keyId, 'query.id': has.keyId },
          ...{ token: has.otherSessionId, sessionToken: has.otherSessionId },
        }),
        user,
        refused: ['nobody'],
        endedElsewhere: ['nobody'],
        anonymous: user,
      }),
      {
        name: 'key',
        meets: ['nobody', 'user_or_key', 'user_key_or_server'],
        make: async () => ({ headers: { 'x-api-key': await own.apiKey() } }),
      },
      {
        name: 'key of another project',
        meets: ['nobody'],
        make: async () => ({ headers: { 'x-api-key': await others.apiKey() } }),
      },
      {
        name: 'service',
        meets: ['nobody', 'user_or_server', 'user_key_or_server', 'server'],
        make: async () => ({ headers: bearer(serviceToken) }),
      },
    ],
    alsoRead: ['POST /organization/has-permission', 'POST /organization/check-slug'],
    known: {
      'POST /change-email': { newEmail: 'changed@example.com' },
      'POST /admin/create-user': { email: 'made@example.com' },
      'POST /admin/update-user': { data: { name: 'Ada' } },
      'POST /api-key/update': { 'body.name': 'another name' },
      'POST /unlink-account': { 'body.providerId': 'github' },
      'POST /get-access-token': { 'body.providerId': 'github' },
      'POST /refresh-token': { 'body.providerId': 'github' },
      'GET /account-info': { 'query.providerId': 'github' },
      'POST /account-info': { 'body.providerId': 'github' },
    },
    problems: problemsOf,
    notAdmitted: ({ needs, refusals }) => [
      ...(needs === 'server' ? ['404 '] : []),
      ...refusedCodes
        .filter((code) => needs !== 'nobody' || code !== 'api_key_rejected')
        .map((code) => {
          const { status, code: said } = wireErrorOf(code, {}, refusals);
          return `${status} ${said}`;
        }),
    ],
    impersonated: '403 IMPERSONATED_SESSION',
  };
}
