import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import type { Clock } from '../base/clock.ts';
import type { LiveLog } from '../core/audit/live-log.ts';
import type { SessionCache } from '../core/sessions/session-cache.ts';
import type { Reads, Store, Tx } from '../core/store.ts';
import { type Changes, changeLog } from './change-log.ts';
import type { Engine, PreparedText } from './engine.ts';
import { type Invalidation, type InvalidationBus, isEmpty } from './invalidation/bus.ts';
import { keyReads, keyWrites } from './queries/api-keys.ts';
import { cliLoginReads, cliLoginWrites } from './queries/cli-logins.ts';
import { emailReads, emailWrites } from './queries/emails.ts';
import { endedReads, endedWrites } from './queries/ended.ts';
import { eventReads, eventWrites, placeEvents } from './queries/events.ts';
import { factorReads, factorWrites } from './queries/factors.ts';
import { fileReads, fileWrites } from './queries/files.ts';
import { organizationRoleReads, organizationRoleWrites } from './queries/grantables.ts';
import { identityReads, identityWrites } from './queries/identities.ts';
import { invitationReads, invitationWrites } from './queries/invitations.ts';
import { jobReads, jobWrites } from './queries/jobs.ts';
import { knownNetworkReads, knownNetworkWrites } from './queries/known-networks.ts';
import { mailCaptureReads, mailCaptureWrites } from './queries/mail-captures.ts';
import { membershipReads, membershipWrites } from './queries/memberships.ts';
import { oneTimeValueReads, oneTimeValueWrites } from './queries/one-time-values.ts';
import { organizationReads, organizationWrites } from './queries/organizations.ts';
import { passkeyReads, passkeyWrites } from './queries/passkeys.ts';
import { passwordReads, passwordWrites } from './queries/passwords.ts';
import { pendingSignInReads, pendingSignInWrites } from './queries/pending-sign-ins.ts';
import { preferenceReads, preferenceWrites } from './queries/preferences.ts';
import { profileReads } from './queries/profile-index.ts';
import { grantReads, grantWrites } from './queries/project-grants.ts';
import { projectKeyReads, projectKeyWrites } from './queries/project-keys.ts';
import { projectReads, projectWrites } from './queries/project-record.ts';
import { roleReads } from './queries/roles.ts';
import type { ReadScope, WriteScope } from './queries/scope.ts';
import { sessionReads, sessionWrites } from './queries/sessions.ts';
import { signingKeyReads, signingKeyWrites } from './queries/signing-keys.ts';
import { teamReads, teamWrites } from './queries/teams.ts';
import { userReads, userWrites } from './queries/users.ts';
import type { Database } from './schema.ts';

/** Who is told what a project's store committed. */
export interface StoreHooks {
  readonly sessionCache: SessionCache;
  readonly liveLog?: LiveLog;
  /** Only with several nodes. */
  readonly bus?: InvalidationBus;
  /** Called after a commit that queued work, so that mail does not wait for the next poll. */
  readonly wakeJobs?: () => void;
}

export function projectStore(
  engine: Engine,
  liveSession: PreparedText,
  clock: Clock,
  projectId: string,
  hooks: StoreHooks,
): Store {
  hooks.bus?.attach(projectId, hooks.sessionCache);
  if (hooks.liveLog) hooks.bus?.attach(projectId, hooks.liveLog);

  const readScope: ReadScope = {
    db: engine.reader,
    projectId,
    engine: engine.name,
    liveSession: async (hash, project) => (await engine.rows(liveSession, [hash, project]))[0],
  };

  const writeScope = (trx: Transaction<Database>, changes: WriteScope['changes']): WriteScope => ({
    db: trx,
    projectId,
    engine: engine.name,
    liveSession: async (hash, project) => (await inside(trx, liveSession.sql, [hash, project]))[0],
    clock,
    changes,
    hasRivals: engine.name === 'postgres',
  });

  /** Forgets what changed here, and tells the other nodes. */
  async function settle(changes: Changes): Promise<void> {
    const { sessionCache, liveLog, bus } = hooks;
    for (const audience of liveLog ? [sessionCache, liveLog] : [sessionCache]) {
      for (const id of changes.users) audience.dropUser(id);
      for (const id of changes.sessions) audience.dropSession(id);
    }
    if (changes.events.length > 0) liveLog?.logGrew();
    if (changes.jobs) hooks.wakeJobs?.();
    const message = invalidation(projectId, changes);
    if (bus && !isEmpty(message)) await bus.afterCommit(message);
  }

  return {
    read: reads(readScope),

    async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
      let changes = changeLog();
      /** Set before COMMIT is sent: from then on it may have happened, even if its answer is lost. */
      let committing = false;
      try {
        return await engine.transaction(async (trx) => {
          committing = false;
          changes = changeLog();
          const scope = writeScope(trx, changes);
          const outcome = await work(writes(scope));
          await placeEvents(scope, changes.events);
          const message = invalidation(projectId, changes);
          if (hooks.bus && !isEmpty(message)) await hooks.bus.beforeCommit(trx, message);
          committing = true;
          return outcome;
        });
      } finally {
        if (committing) await settle(changes);
      }
    },
  };
}

const invalidation = (projectId: string, changes: Changes): Invalidation => ({
  projectId,
  users: [...changes.users],
  sessions: [...changes.sessions],
  ...(changes.events.length > 0 && { log: true }),
  ...(changes.projectChanged && { config: true }),
});

const inside = async (trx: Kysely<Database>, sql: string, parameters: unknown[]) =>
  (await trx.executeQuery<Record<string, unknown>>(CompiledQuery.raw(sql, parameters))).rows;

const reads = (scope: ReadScope): Reads => ({
  project: projectReads(scope),
  projectKeys: projectKeyReads(scope),
  users: userReads(scope),
  profiles: profileReads(scope),
  files: fileReads(scope),
  emails: emailReads(scope),
  roles: roleReads(scope),
  grants: grantReads(scope),
  apiKeys: keyReads(scope),
  passwords: passwordReads(scope),
  sessions: sessionReads(scope),
  pendingSignIns: pendingSignInReads(scope),
  codes: oneTimeValueReads(scope),
  cliLogins: cliLoginReads(scope),
  factors: factorReads(scope),
  passkeys: passkeyReads(scope),
  identities: identityReads(scope),
  organizations: organizationReads(scope),
  memberships: membershipReads(scope),
  organizationRoles: organizationRoleReads(scope),
  invitations: invitationReads(scope),
  teams: teamReads(scope),
  signingKeys: signingKeyReads(scope),
  preferences: preferenceReads(scope),
  knownNetworks: knownNetworkReads(scope),
  events: eventReads(scope),
  jobs: jobReads(scope),
  mail: mailCaptureReads(scope),
  ended: endedReads(scope),
});

const writes = (scope: WriteScope): Tx => ({
  project: { ...projectReads(scope), ...projectWrites(scope) },
  projectKeys: { ...projectKeyReads(scope), ...projectKeyWrites(scope) },
  users: { ...userReads(scope), ...userWrites(scope) },
  profiles: profileReads(scope),
  files: { ...fileReads(scope), ...fileWrites(scope) },
  emails: { ...emailReads(scope), ...emailWrites(scope) },
  roles: roleReads(scope),
  grants: { ...grantReads(scope), ...grantWrites(scope) },
  apiKeys: { ...keyReads(scope), ...keyWrites(scope) },
  passwords: { ...passwordReads(scope), ...passwordWrites(scope) },
  sessions: { ...sessionReads(scope), ...sessionWrites(scope) },
  pendingSignIns: { ...pendingSignInReads(scope), ...pendingSignInWrites(scope) },
  codes: { ...oneTimeValueReads(scope), ...oneTimeValueWrites(scope) },
  cliLogins: { ...cliLoginReads(scope), ...cliLoginWrites(scope) },
  factors: { ...factorReads(scope), ...factorWrites(scope) },
  passkeys: { ...passkeyReads(scope), ...passkeyWrites(scope) },
  identities: { ...identityReads(scope), ...identityWrites(scope) },
  organizations: { ...organizationReads(scope), ...organizationWrites(scope) },
  memberships: { ...membershipReads(scope), ...membershipWrites(scope) },
  organizationRoles: { ...organizationRoleReads(scope), ...organizationRoleWrites(scope) },
  invitations: { ...invitationReads(scope), ...invitationWrites(scope) },
  teams: { ...teamReads(scope), ...teamWrites(scope) },
  signingKeys: { ...signingKeyReads(scope), ...signingKeyWrites(scope) },
  preferences: { ...preferenceReads(scope), ...preferenceWrites(scope) },
  knownNetworks: { ...knownNetworkReads(scope), ...knownNetworkWrites(scope) },
  events: { ...eventReads(scope), ...eventWrites(scope) },
  jobs: { ...jobReads(scope), ...jobWrites(scope) },
  mail: { ...mailCaptureReads(scope), ...mailCaptureWrites(scope) },
  ended: { ...endedReads(scope), ...endedWrites(scope) },
});
