import { Type } from 'typebox';
import { type Audience, accessTokenKeys } from '../../../core/signing/access-token.ts';
import { plainText } from '../dress.ts';
import { endpoint } from '../endpoint.ts';
import { booleanText, Fields } from '../schemas.ts';

const keySet = Type.Object({
  keys: Type.Array(
    Type.Object({
      kty: Type.String(),
      crv: Type.String(),
      x: Type.String(),
      y: Type.String(),
      kid: Type.String(),
      alg: Type.String(),
    }),
  ),
});

export const jwks = endpoint('GET /projects/:project_id/.well-known/jwks.json', {
  needs: 'nobody',
  operationId: 'getProjectJwks',
  summary: 'The keys that verify access tokens of the project',
  tag: 'Projects',
  params: Fields({ project_id: Type.String() }),
  query: Fields({
    include_restricted: Type.Optional(booleanText()),
    include_anonymous: Type.Optional(booleanText()),
  }),
  replies: { 200: keySet },
  async handle(call) {
    const project = await call.ctx.directory.find(call.params.project_id);
    if (!project) return { status: 404, body: plainText('Project not found') };
    const { include_anonymous: anonymous, include_restricted: restricted } = call.query;
    const wanted: Audience[] =
      anonymous === 'true'
        ? ['normal', 'restricted', 'anonymous']
        : restricted === 'true'
          ? ['normal', 'restricted']
          : ['normal'];
    const keys = await accessTokenKeys(project.context('hexclave'), wanted);
    return {
      status: 200,
      body: { keys: keys.map(({ publicJwk, kid, alg }) => ({ ...publicJwk, kid, alg })) },
      headers: { 'cache-control': 'public, max-age=3600' },
    };
  },
});

/** Issuers of the other audiences lead to the same document (spec §1.7). */
const redirected = (path: 'anonymous' | 'restricted') =>
  endpoint(`GET /projects-${path}-users/:project_id/.well-known/jwks.json`, {
    needs: 'nobody',
    operationId: `getProject${path === 'anonymous' ? 'Anonymous' : 'Restricted'}Jwks`,
    summary: `The keys that verify access tokens of ${path} users`,
    tag: 'Projects',
    params: Fields({ project_id: Type.String() }),
    replies: { 307: null },
    handle: (call) => ({
      status: 307,
      headers: {
        location: `${call.settings.baseUrl}/api/v1/projects/${encodeURIComponent(call.params.project_id)}/.well-known/jwks.json?include_${path}=true`,
      },
    }),
  });

export const anonymousJwks = redirected('anonymous');
export const restrictedJwks = redirected('restricted');
