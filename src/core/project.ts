import type { Policy } from './policy.ts';

/** A tenant. Every row that people make belongs to exactly one. */
export interface Project {
  /** `internal` or a UUID: what tokens and rows carry. */
  readonly id: string;
  /** What mounts and configuration call it: `default` at first. */
  readonly key: string;
  readonly displayName: string;
  readonly policy: Policy;
}
