import type { Insertable, Kysely, Selectable } from 'kysely';
import type { LiveSession, SecondFactor, Session, SessionMethod } from '../../core/sessions/session.ts';
import type { SurfaceName } from '../../core/surface.ts';
import type { PreparedText } from '../engine.ts';
import type { Database, SessionRow } from '../schema.ts';
import { type PersonRow, personFrom, selectPerson } from './person-row.ts';
import { bit } from './values.ts';

export const sessionFrom = (row: Omit<Selectable<SessionRow>, 'project_id' | 'ip_info'>): Session => ({
  id: row.id,
  userId: row.user_id,
  tokenHash: row.token_hash,
  madeBy: row.made_by as SurfaceName,
  method: row.method as SessionMethod,
  secondFactor: row.second_factor as SecondFactor | null,
  secondFactorAt: row.second_factor_at,
  strongFrom: row.strong_from,
  authenticatedAt: row.authenticated_at,
  persistent: row.persistent === 1,
  portable: row.portable === 1,
  idleMs: row.idle_ms,
  extendAfterMs: row.extend_after_ms,
  expiresAt: row.expires_at,
  endsAt: row.ends_at,
  lastUsedAt: row.last_used_at,
  ip: row.ip,
  userAgent: row.user_agent,
  deviceId: row.device_id,
  activeOrganizationId: row.active_organization_id,
  activeTeamId: row.active_team_id,
  impersonatorId: row.impersonator_id,
  impersonatorSessionId: row.impersonator_session_id,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

export const sessionColumns = (session: Session): Omit<Insertable<SessionRow>, 'project_id'> => ({
  id: session.id,
  user_id: session.userId,
  token_hash: session.tokenHash,
  made_by: session.madeBy,
  method: session.method,
  second_factor: session.secondFactor,
  second_factor_at: session.secondFactorAt,
  strong_from: session.strongFrom,
  authenticated_at: session.authenticatedAt,
  persistent: bit(session.persistent),
  portable: bit(session.portable),
  idle_ms: session.idleMs,
  extend_after_ms: session.extendAfterMs,
  expires_at: session.expiresAt,
  ends_at: session.endsAt,
  last_used_at: session.lastUsedAt,
  ip: session.ip,
  user_agent: session.userAgent,
  device_id: session.deviceId,
  active_organization_id: session.activeOrganizationId,
  active_team_id: session.activeTeamId,
  impersonator_id: session.impersonatorId,
  impersonator_session_id: session.impersonatorSessionId,
  created_at: session.createdAt,
  updated_at: session.updatedAt,
});

const liveColumns = [
  's.id as s_id',
  's.token_hash as s_token_hash',
  's.made_by as s_made_by',
  's.method as s_method',
  's.second_factor as s_second_factor',
  's.second_factor_at as s_second_factor_at',
  's.strong_from as s_strong_from',
  's.authenticated_at as s_authenticated_at',
  's.persistent as s_persistent',
  's.portable as s_portable',
  's.idle_ms as s_idle_ms',
  's.extend_after_ms as s_extend_after_ms',
  's.expires_at as s_expires_at',
  's.ends_at as s_ends_at',
  's.last_used_at as s_last_used_at',
  's.ip as s_ip',
  's.user_agent as s_user_agent',
  's.device_id as s_device_id',
  's.active_organization_id as s_active_organization_id',
  's.active_team_id as s_active_team_id',
  's.impersonator_id as s_impersonator_id',
  's.impersonator_session_id as s_impersonator_session_id',
  's.created_at as s_created_at',
  's.updated_at as s_updated_at',
] as const;

export const selectLiveSession = (db: Kysely<Database>) =>
  selectPerson(db).innerJoin('session as s', 's.user_id', 'u.id').select(liveColumns);

/**
 * Session, person, primary address, roles and factors in one statement, compiled once: the check of every request.
 * Its parameters are the token hash and the project, in this order.
 */
export function liveSessionText(db: Kysely<Database>): PreparedText {
  const compiled = selectLiveSession(db)
    .where('s.token_hash', '=', new Uint8Array())
    .where('s.project_id', '=', '')
    .compile();
  if (compiled.parameters.length !== 2) throw new Error('the live-session statement takes two parameters');
  return { name: 'live_session', sql: compiled.sql };
}

type Prefixed<T> = { [Name in keyof T & string as `s_${Name}`]: T[Name] };
type LiveRow = PersonRow & Prefixed<Omit<Selectable<SessionRow>, 'project_id' | 'ip_info' | 'user_id'>>;

export function liveSessionFrom(found: Record<string, unknown>): LiveSession {
  const row = found as unknown as LiveRow;
  return {
    notedAt: row.s_last_used_at,
    rendered: {},
    session: sessionFrom({
      id: row.s_id,
      user_id: row.id,
      token_hash: row.s_token_hash,
      made_by: row.s_made_by,
      method: row.s_method,
      second_factor: row.s_second_factor,
      second_factor_at: row.s_second_factor_at,
      strong_from: row.s_strong_from,
      authenticated_at: row.s_authenticated_at,
      persistent: row.s_persistent,
      portable: row.s_portable,
      idle_ms: row.s_idle_ms,
      extend_after_ms: row.s_extend_after_ms,
      expires_at: row.s_expires_at,
      ends_at: row.s_ends_at,
      last_used_at: row.s_last_used_at,
      ip: row.s_ip,
      user_agent: row.s_user_agent,
      device_id: row.s_device_id,
      active_organization_id: row.s_active_organization_id,
      active_team_id: row.s_active_team_id,
      impersonator_id: row.s_impersonator_id,
      impersonator_session_id: row.s_impersonator_session_id,
      created_at: row.s_created_at,
      updated_at: row.s_updated_at,
    }),
    user: personFrom(row),
  };
}
