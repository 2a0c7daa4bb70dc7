import { Refusal, type RefusalCode, type RefusalDetail } from '../../../src/base/refusal.ts';
import { mintAccessToken } from '../../../src/core/signing/access-token.ts';
import type { HexclaveEndpoint } from '../../../src/http/hexclave/endpoint.ts';
import { wireOf } from '../../../src/http/hexclave/errors.ts';
import { readPart } from '../../../src/http/hexclave/problems.ts';
import { requestErrors } from '../../../src/http/hexclave/request-errors.ts';
import { textsOf } from '../../../src/http/hexclave/texts.ts';
import type { Wire } from '../../../src/http/hexclave/wire-error.ts';
import type { Needs } from '../../../src/http/kit/needs.ts';
import type { MatrixDialect } from '../../kit/caller-matrix.ts';
import { callersOf, type SessionHolder } from '../../kit/callers.ts';
import { type HexclaveProject, stageOf } from '../../kit/hexclave.ts';
import { peopleKinds } from './people-kinds.ts';
import type { MatrixWorld } from './world.ts';

const client: readonly Needs[] = ['nobody', 'project_client'];
const user: readonly Needs[] = [...client, 'user', 'user_or_server'];
const server: readonly Needs[] = [...client, 'user_or_server', 'server'];
const admin: readonly Needs[] = [...server, 'admin'];

/** What is told to whoever may not call, whatever part of what they show is wrong. */
const told: readonly (readonly [RefusalCode, RefusalDetail?])[] = [
  ['access_level_missing', { field: 'required' }],
  ['access_level_insufficient', { given: 'client', allowed: ['server', 'admin'] }],
  ['not_signed_in'],
  ['not_signed_in', { field: 'me' }],
  ['not_signed_in', { field: 'no_token' }],
  ['access_token_malformed'],
  ['access_token_expired'],
  ['access_token_wrong_project'],
  ['user_restricted'],
  ['project_key_rejected', { field: 'publishable' }],
  ['project_key_rejected', { field: 'server' }],
  ['project_key_rejected', { field: 'admin' }],
];
const texts = textsOf('current');
const words = (wire: Wire): string => `${wire.status} ${'text' in wire ? wire.text : wire.code}`;

/** @param main the project that is spoken to */
export async function hexclaveMatrix({
  world,
  other,
  project: main,
}: MatrixWorld): Promise<MatrixDialect<HexclaveEndpoint>> {
  const stage = stageOf(() => world);
  const own = callersOf(main, 'hexclave', world.database!);
  const others = callersOf(other, 'hexclave', world.database!);
  const keys = (await stage.existing(main.project.id)).keys;
  const otherKeys = (await stage.existing(other.project.id)).keys;

  const headers = (access: 'client' | 'server' | 'admin', { publishable, server, admin }: HexclaveProject['keys']) => ({
    'x-hexclave-access-type': access,
    'x-hexclave-project-id': main.project.id,
    'x-hexclave-refresh-token': 'none',
    ...(access === 'client' && { 'x-hexclave-publishable-client-key': publishable }),
    ...(access === 'server' && { 'x-hexclave-secret-server-key': server }),
    ...(access === 'admin' && { 'x-hexclave-super-secret-admin-key': admin }),
  });
  /** As the person is now: this is what a token says when it is next asked for. */
  const shows = async ({ project, token, live }: SessionHolder) => {
    const ctx = project.context('hexclave');
    const person = (await ctx.store.read.users.find(live.user.id)) ?? live.user;
    return {
      ...headers('client', keys),
      'x-hexclave-access-token': await mintAccessToken(ctx, { ...live, user: person }),
      'x-hexclave-refresh-token': token,
      ...(person.anonymous && { 'x-hexclave-allow-anonymous-user': 'true' }),
    };
  };
  const about = async () => {
    const has = await own.belongings(await own.person());
    return {
      user_id: has.userId,
      'query.user_id': has.userId,
      'body.user_id': has.userId,
      'params.id': has.otherSessionId,
      team_id: has.organizationId,
    };
  };
  const withKey = (name: string, meets: readonly Needs[], access: 'client' | 'server' | 'admin', shown = keys) => ({
    name,
    meets,
    make: async () => ({ headers: headers(access, shown), known: await about() }),
  });

  return {
    url: stage.url,
    database: world.database!,
    kinds: [
      { name: 'nobody', meets: ['nobody'], make: async () => ({ headers: {} }) },
      withKey('client', client, 'client'),
      ...peopleKinds(own, others, {
        shows,
        showsToken: (token) => ({ ...headers('client', keys), 'x-hexclave-access-token': token }),
        names: (has) => ({
          ...{ user_id: has.userId, creator_user_id: has.userId, contact_channel_id: has.emailId },
          ...{
            team_id: has.organizationId,
            api_key_id: has.keyId,
            'params.id': has.otherSessionId,
            'query.user_id': has.userId,
            'body.user_id': has.userId,
          },
          ...{ provider_id: has.identityId, 'body.refresh_token': has.otherToken },
        }),
        user,
        refused: [],
        endedElsewhere: client,
        anonymous: user,
      }),
      withKey('server', server, 'server'),
      withKey('admin', admin, 'admin'),
      withKey('client of another project', [], 'client', otherKeys),
      withKey('server of another project', [], 'server', otherKeys),
      withKey('admin of another project', [], 'admin', otherKeys),
    ],
    alsoRead: [],
    refusedInside: {
      'POST /team-invitations/accept': ['anonymous'],
      'POST /team-invitations/accept/details': ['anonymous'],
    },
    known: {
      'PATCH /users/me': { 'body.totp_secret_base64': 'A'.repeat(32) },
      'PATCH /contact-channels/:user_id/:contact_channel_id': { 'body.value': 'changed@example.com' },
      'PATCH /user-api-keys/:api_key_id': { 'body.revoked': true },
      'PATCH /team-api-keys/:api_key_id': { 'body.revoked': true },
    },
    problems: (endpoint, input) =>
      (['body', 'query', 'params'] as const).flatMap((part) => {
        const schema = endpoint[part];
        return schema && input[part] !== undefined
          ? readPart(part, schema, input[part], endpoint.lenient).problems
          : [];
      }),
    notAdmitted: ({ refusals, userIsField }) => [
      ...told.map(([code, detail]) => words(wireOf(new Refusal(code, detail), refusals, texts))),
      ...(userIsField ? ['400 SCHEMA_ERROR'] : []),
    ],
    impersonated: words(requestErrors.impersonated_session),
  };
}
