import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import type { RequestOrigin } from '../../core/actor.ts';
import type { Context } from '../../core/context.ts';
import { admitOwner } from '../../core/projects/admit-owner.ts';
import { admitProjectKey } from '../../core/projects/admit-project-key.ts';
import { type DirectoryEntry, internalProjectId } from '../../core/projects/directory.ts';
import type { ProjectServer } from '../../core/projects/project-server.ts';
import { checkSessionById } from '../../core/sessions/check-session.ts';
import type { LiveSession } from '../../core/sessions/session.ts';
import { type AccessClaims, readAccessToken } from '../../core/signing/access-token.ts';
import { originOf } from '../kit/call.ts';
import { type Access, HexclaveCall } from './call.ts';
import type { HexclaveEndpoint } from './endpoint.ts';
import type { HexclaveSettings } from './settings.ts';
import type { Texts } from './texts.ts';

const accessTypes: readonly string[] = ['client', 'server', 'admin'] satisfies Access[];
const keyHeaders = {
  client: 'publishable-client-key',
  server: 'secret-server-key',
  admin: 'super-secret-admin-key',
} as const;

/**
 * Reads who calls, in the order of spec §1.5.
 * @param mounted the project of the mount: what requests without access headers speak to
 * @throws Refusal access_level_missing, project_not_found, access_token_*, anonymous_not_accepted, user_restricted,
 * admin_token_rejected, project_key_*, branch_not_found
 */
export async function openCall(
  mounted: { readonly ctx: Context; readonly project: DirectoryEntry },
  request: FastifyRequest,
  reply: FastifyReply,
  settings: HexclaveSettings,
  texts: Texts,
): Promise<HexclaveCall> {
  const header = (name: string): string | null =>
    one(request, `x-hexclave-${name}`) ?? one(request, `x-stack-${name}`) ?? null;
  const access = header('access-type');
  if (access === null) {
    const shown = [...Object.values(keyHeaders), 'admin-access-token'].some((name) => header(name) !== null);
    if (shown) throw new Refusal('access_level_missing', { field: 'key_without_type' });
    const caller = { access: null, project: mounted.project, ...nobody, server: null };
    return new HexclaveCall(request, reply, settings, texts, mounted.ctx, caller);
  }
  if (!isAccess(access)) throw new Refusal('access_level_missing', { field: 'invalid_type', given: access });
  const projectId = header('project-id');
  if (projectId === null) throw new Refusal('access_level_missing', { field: 'no_project', given: access });

  // The token is read before the project is known to exist, and is of no project that does not.
  const project = await mounted.ctx.directory.find(projectId);
  const ctx = project?.context('hexclave') ?? null;
  const token = header('access-token');
  const bearer = token === null ? nobody : await bearerOf(ctx ?? mounted.ctx, token, header, mayBeEnded(request));
  if (!project || !ctx) throw new Refusal('project_not_found', { given: projectId });

  const adminToken = header('admin-access-token');
  const from = () => originOf(request);
  const server =
    adminToken === null
      ? await admitProjectKey(ctx, from, access, header(keyHeaders[access]))
      : await administratorOf(ctx, adminToken, access, from());
  const branch = header('branch-id') ?? 'main';
  if (branch !== 'main') throw new Refusal('branch_not_found', { given: branch });
  return new HexclaveCall(request, reply, settings, texts, ctx, { access, project, ...bearer, server });
}

/** Signing out twice says so in words of its own. */
const mayBeEnded = (request: FastifyRequest): boolean =>
  (request.routeOptions.config as unknown as { state?: { endpoint: HexclaveEndpoint } }).state?.endpoint.takesEnded ===
  true;

const isAccess = (text: string): text is Access => accessTypes.includes(text);

function one(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  const text = Array.isArray(value) ? value[0] : value;
  return text === '' ? undefined : text;
}

interface TokenBearer {
  readonly claims: AccessClaims | null;
  readonly live: LiveSession | null;
}

const nobody: TokenBearer = { claims: null, live: null };

/** Judged by what the token says; the person is read as they are now (spec §1.5 step 5). */
async function bearerOf(
  ctx: Context,
  token: string,
  header: (name: string) => string | null,
  mayBeEnded: boolean,
): Promise<TokenBearer> {
  const claims = await readAccessToken(ctx, token);
  if (claims instanceof Refusal) throw claims;
  const allowsAnonymous = header('allow-anonymous-user') === 'true';
  if (claims.is_anonymous && !allowsAnonymous) throw new Refusal('anonymous_not_accepted');
  if (claims.is_restricted && !allowsAnonymous && header('allow-restricted-user') !== 'true') {
    throw new Refusal('user_restricted', { given: claims.restricted_reason?.type ?? 'anonymous' });
  }
  const found = await checkSessionById(ctx, claims.refresh_token_id);
  if (!(found instanceof Refusal)) return { claims, live: found };
  // A deleted person is nobody; anybody else without a live session has a token that is over (core map T7).
  if (mayBeEnded || !(await ctx.store.read.users.find(claims.sub))) return { claims, live: null };
  throw new Refusal('access_token_expired', { token: tokenDetail(claims) });
}

/** A person of the internal project who may do everything in this one (spec §1.5 step 7). Null where they act as a client. */
async function administratorOf(
  ctx: Context,
  token: string,
  access: Access,
  from: RequestOrigin,
): Promise<ProjectServer | null> {
  const internal = await ctx.directory.find(internalProjectId);
  if (!internal) throw new Refusal('admin_token_rejected', { field: 'malformed' });
  const own = internal.context('hexclave');
  const claims = await readAccessToken(own, token);
  if (claims instanceof Refusal) {
    if (claims.code === 'access_token_expired') {
      throw new Refusal('admin_token_rejected', { field: 'expired', ...claims.detail });
    }
    const field = claims.code === 'access_token_wrong_project' ? 'not_admin' : 'malformed';
    throw new Refusal('admin_token_rejected', { field });
  }
  if (claims.is_anonymous || claims.is_restricted) throw new Refusal('admin_token_rejected', { field: 'malformed' });
  const live = await checkSessionById(own, claims.refresh_token_id);
  if (live instanceof Refusal) {
    throw new Refusal('admin_token_rejected', { field: 'expired', token: tokenDetail(claims) });
  }
  const server = await admitOwner(ctx, own, live, access === 'admin' ? 'admin' : 'server', from);
  if (!server) throw new Refusal('admin_token_rejected', { field: 'not_admin' });
  return access === 'client' ? null : server;
}

/** What a token said that is over. */
export const tokenDetail = (claims: AccessClaims) => ({
  expiredAt: claims.exp * 1000,
  projectId: claims.project_id,
  userId: claims.sub,
  sessionId: claims.refresh_token_id,
});
