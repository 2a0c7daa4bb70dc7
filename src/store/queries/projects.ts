import type { Kysely } from 'kysely';
import type { Clock, Instant } from '../../base/clock.ts';
import type { Id, Ids } from '../../base/ids.ts';
import type { ProjectRecord } from '../../core/projects/project-record.ts';
import { Conflict } from '../../core/store.ts';
import type { Database } from '../schema.ts';
import { addBuiltIns, lacksBuiltIns } from './built-in-roles.ts';
import { projectRecordFrom } from './project-record.ts';
import { bit } from './values.ts';

export interface StoredProject {
  /** `internal` or a UUID. */
  readonly id: string;
  readonly key: string;
  readonly displayName: string;
}

export interface NewProject {
  readonly id: string;
  readonly key: string;
  readonly tenancyId: Id;
  readonly displayName: string;
  readonly preset?: 'default' | 'hexclave';
  readonly description?: string;
  readonly ownerOrganizationId?: Id | null;
  readonly production?: boolean;
}

export interface Projects {
  /** Makes the project if its key is new, and keeps its display name in step with the configuration. */
  ensure(project: {
    readonly key: string;
    readonly displayName: string;
    readonly id?: string;
    readonly preset?: 'default' | 'hexclave';
  }): Promise<StoredProject>;
  findByKey(key: string): Promise<StoredProject | null>;
  list(): Promise<readonly StoredProject[]>;
  find(id: string): Promise<ProjectRecord | null>;
  create(project: NewProject): Promise<void>;
  /** Adds what this version brings to a project that was made before it. */
  complete(id: string): Promise<void>;
  /** The project with an API key of this digest. */
  ofApiKey(keyHash: Uint8Array): Promise<string | null>;
  /** Oldest first. */
  listOwnedBy(organizationIds: readonly Id[]): Promise<readonly ProjectRecord[]>;
  /** When each project or its configuration last changed. */
  changes(): Promise<ReadonlyMap<string, Instant>>;
  /** Those that have jobs to do. */
  withDueJobs(now: Instant): Promise<readonly string[]>;
}

const builtInRoles = [
  { key: 'admin', holds_all: 0, description: 'May administer the people of this project' },
  { key: 'user', holds_all: 0, description: 'Every person of this project' },
];

/** Inserts a project and the roles that every project has. Runs inside a transaction. */
export async function createProject(
  db: Kysely<Database>,
  project: NewProject,
  deps: { readonly clock: Clock; readonly ids: Ids },
): Promise<void> {
  const now = deps.clock.now();
  const times = { created_at: now, updated_at: now };
  await db
    .insertInto('project')
    .values({
      id: project.id,
      key: project.key,
      tenancy_id: project.tenancyId,
      preset: project.preset ?? 'default',
      display_name: project.displayName,
      owner_organization_id: project.ownerOrganizationId ?? null,
      ...(project.description !== undefined && { description: project.description }),
      ...(project.production !== undefined && { production: bit(project.production) }),
      ...times,
    })
    .execute();
  await db
    .insertInto('grantable')
    .values(
      builtInRoles.map((role) => ({
        project_id: project.id,
        id: deps.ids.next(),
        kind: 'role' as const,
        scope: 'project' as const,
        built_in: 1,
        ...role,
        ...times,
      })),
    )
    .execute();
  await addBuiltIns(db, project.id, deps);
}

export function projectQueries(
  reader: Kysely<Database>,
  transaction: <T>(work: (db: Kysely<Database>) => Promise<T>) => Promise<T>,
  deps: { readonly clock: Clock; readonly ids: Ids },
): Projects {
  const stored = () =>
    reader.selectFrom('project').select(['id', 'key', 'display_name as displayName']).where('deleted_at', 'is', null);

  const live = () => reader.selectFrom('project').selectAll().where('deleted_at', 'is', null);

  const findByKey = async (key: string): Promise<StoredProject | null> =>
    (await stored().where('key', '=', key).executeTakeFirst()) ?? null;

  return {
    findByKey,
    list: () => stored().orderBy('key').execute(),

    async find(id) {
      const row = await live().where('id', '=', id).executeTakeFirst();
      return row ? projectRecordFrom(row) : null;
    },

    create: (project) => transaction((db) => createProject(db, project, deps)),

    async complete(id) {
      if (await lacksBuiltIns(reader, id)) await transaction((db) => addBuiltIns(db, id, deps));
    },

    async ofApiKey(keyHash) {
      const row = await reader
        .selectFrom('api_key')
        .select('project_id')
        .where('key_hash', '=', keyHash)
        .executeTakeFirst();
      return row?.project_id ?? null;
    },

    async listOwnedBy(organizationIds) {
      if (organizationIds.length === 0) return [];
      const rows = await live()
        .where('owner_organization_id', 'in', [...organizationIds])
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(projectRecordFrom);
    },

    async changes() {
      const rows = await reader.selectFrom('project').select(['id', 'updated_at']).execute();
      return new Map(rows.map(({ id, updated_at }) => [id, updated_at]));
    },

    async withDueJobs(now) {
      const rows = await reader
        .selectFrom('job')
        .select('project_id')
        .distinct()
        .where('state', 'in', ['ready', 'running'])
        .where('run_at', '<=', now)
        .execute();
      return rows.map(({ project_id }) => project_id);
    },

    async ensure({ key, displayName, id, preset }) {
      const known = await findByKey(key);
      if (known && (await lacksBuiltIns(reader, known.id))) await transaction((db) => addBuiltIns(db, known.id, deps));
      if (known?.displayName === displayName) return known;
      if (known) {
        await transaction((db) =>
          db
            .updateTable('project')
            .set({ display_name: displayName, updated_at: deps.clock.now() })
            .where('id', '=', known.id)
            .execute(),
        );
        return { ...known, displayName };
      }
      const made = { id: id ?? deps.ids.next(), key, displayName, tenancyId: deps.ids.next(), preset };
      try {
        await transaction((db) => createProject(db, made, deps));
        return { id: made.id, key, displayName };
      } catch (fault) {
        // Another node started at the same moment and made it first.
        const theirs = fault instanceof Conflict ? await findByKey(key) : null;
        if (!theirs) throw fault;
        return theirs;
      }
    },
  };
}
