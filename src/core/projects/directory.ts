import type { Id } from '../../base/ids.ts';
import type { Context } from '../context.ts';
import type { Policy } from '../policy.ts';
import type { Project } from '../project.ts';
import type { Reads } from '../store.ts';
import type { SurfaceName } from '../surface.ts';
import type { ConfigOverrides, ProjectRecord } from './project-record.ts';

/** One project of the installation, as surfaces that choose a project by request see it. */
export interface DirectoryEntry {
  /** As it stands now: ask again after a reload. */
  readonly project: Project;
  /** Every level over the preset, dotted paths, secrets left out. */
  readonly config: ConfigOverrides;
  context(surface: SurfaceName): Context;
}

/** What a project would be with a configuration that is not committed yet. */
export interface Rehearsal {
  /** What is wrong with it, in sentences; null when nothing is. What was wrong before the change is not told again. */
  readonly problem: string | null;
  /** With what fits. */
  readonly policy: Policy;
}

/** All projects of the installation. What belongs to one of them is asked of its own store. */
export interface ProjectDirectory {
  /** Opens it at first use. Null: unknown or deleted. */
  find(id: string): Promise<DirectoryEntry | null>;
  /** The one that has an API key of this digest, whatever became of the key. */
  ofApiKey(keyHash: Uint8Array): Promise<DirectoryEntry | null>;
  create(project: {
    readonly id: string;
    readonly displayName: string;
    readonly description: string;
    readonly ownerOrganizationId: Id | null;
    readonly production: boolean;
  }): Promise<ProjectRecord>;
  /** Oldest first. */
  listOwnedBy(organizationIds: readonly Id[]): Promise<readonly ProjectRecord[]>;
  /**
   * Would the project open with the configuration that these reads show? Asked inside the transaction that writes it, by
   * the same code that reads it later, so that nothing is stored that a start could not read.
   * @returns null when the project is not open
   */
  rehearse(id: string, reads: Pick<Reads, 'project' | 'projectKeys'>): Promise<Rehearsal | null>;
  /** Reads a project again: call it after a commit that changed the project or its configuration. */
  reload(id: string): Promise<void>;
}

/** The project of the people who administer other projects. */
export const internalProjectId = 'internal';
