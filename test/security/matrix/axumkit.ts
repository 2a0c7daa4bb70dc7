import type { AxumKitEndpoint } from '../../../src/http/axumkit/endpoint.ts';
import { wireErrorOf } from '../../../src/http/axumkit/errors.ts';
import type { Needs } from '../../../src/http/kit/needs.ts';
import type { MatrixDialect } from '../../kit/caller-matrix.ts';
import { callersOf } from '../../kit/callers.ts';
import { problemsOf } from './better-auth.ts';
import { peopleKinds } from './people-kinds.ts';
import type { MatrixWorld } from './world.ts';

const user: readonly Needs[] = ['nobody', 'user'];
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

export function axumKitMatrix({ world, project, other }: MatrixWorld): MatrixDialect<AxumKitEndpoint> {
  const own = callersOf(project, 'axumkit', world.database!);
  const others = callersOf(other, 'axumkit', world.database!);
  return {
    url: `${world.url}/axumkit`,
    database: world.database!,
    kinds: [
      { name: 'nobody', meets: ['nobody'], make: async () => ({ headers: {} }) },
      ...peopleKinds(own, others, {
        shows: ({ token }) => bearer(token),
        showsToken: bearer,
        names: ({ userId, otherSessionId }) => ({ user_id: userId, management_id: otherSessionId }),
        user,
        refused: ['nobody'],
        endedElsewhere: ['nobody'],
        anonymous: ['nobody'],
      }),
    ],
    // Whoever signed out elsewhere a moment ago may sign out.
    alsoRead: ['POST /v0/auth/logout'],
    known: { 'PATCH /v0/user/me': { 'body.display_name': 'Ada' } },
    problems: problemsOf,
    notAdmitted: ({ refusals }) =>
      (['not_signed_in', 'session_expired'] as const).map((code) => {
        const { status, code: said } = wireErrorOf(code, {}, refusals);
        return `${status} ${said}`;
      }),
    impersonated: '403 auth:impersonated_session',
  };
}
