import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';

/** `default` for configured projects, `hexclave` for those made over its admin API (core map K1): values differ, rules never. */
export type ProjectPreset = 'default' | 'hexclave';

/** A project as it is stored. What it allows is its `Policy`. */
export interface ProjectRecord {
  readonly id: string;
  readonly key: string;
  readonly tenancyId: Id;
  readonly preset: ProjectPreset;
  readonly displayName: string;
  readonly description: string;
  readonly logoUrls: LogoUrls;
  /** An organization of the project `internal`, whose members administer this one. */
  readonly ownerOrganizationId: Id | null;
  readonly production: boolean;
  readonly createdAt: Instant;
}

export interface LogoUrls {
  readonly logo?: string | null;
  readonly logoFull?: string | null;
  readonly logoDarkMode?: string | null;
  readonly logoFullDarkMode?: string | null;
}

/** Absent: unchanged. */
export type ProjectChange = Partial<
  Pick<ProjectRecord, 'displayName' | 'description' | 'logoUrls' | 'ownerOrganizationId' | 'production'>
>;

/** Where overrides of a project's configuration stand; later levels win (hexclave spec §8). */
export type ConfigLevel = 'project' | 'branch' | 'environment';
export const configLevels: readonly ConfigLevel[] = ['project', 'branch', 'environment'];

/** Dotted paths to values, in the words of the surface that wrote them; secrets are kept apart and sealed. */
export type ConfigOverrides = Readonly<Record<string, unknown>>;

/** Where sealed settings of a project are kept: a secret cannot be moved to another project or name. */
export const secretPlace = (projectId: string, name: string) => ({
  table: 'project_secret',
  column: 'value_enc',
  row: `${projectId} ${name}`,
});

/** The secrets of a level stand together under this name, as JSON of dotted paths to values. */
export const levelSecretName = (level: ConfigLevel): string => `config.${level}`;

/** The project's own row and its configuration: one per store. */
export interface ProjectReads {
  read(): Promise<ProjectRecord>;
  /** Without secrets. */
  overrides(): Promise<Readonly<Record<ConfigLevel, ConfigOverrides>>>;
  /** Sealed, by name. */
  secrets(): Promise<ReadonlyMap<string, Uint8Array>>;
}

export interface ProjectWrites {
  update(change: ProjectChange, now: Instant): Promise<void>;
  setOverrides(level: ConfigLevel, overrides: ConfigOverrides, now: Instant): Promise<void>;
  /** Null removes it. */
  setSecret(name: string, sealed: Uint8Array | null, now: Instant): Promise<void>;
  /** Nobody reaches it any more; the rows stay. */
  end(now: Instant): Promise<void>;
}
