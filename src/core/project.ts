import type { Id } from '../base/ids.ts';
import type { Policy } from './policy.ts';

/** A tenant. Every row that people make belongs to exactly one. */
export interface Project {
  /** `internal` or a UUID: what tokens and rows carry. */
  readonly id: string;
  /** What mounts and configuration call it: `default` at first. */
  readonly key: string;
  readonly displayName: string;
  /** Origin of the application that people use; null: nobody has said. */
  readonly appUrl: string | null;
  /** A second name for the project, in links that leave the server. */
  readonly tenancyId: Id;
  /** An organization of the project `internal`, whose members administer this one. */
  readonly ownerOrganizationId: Id | null;
  readonly policy: Policy;
}
