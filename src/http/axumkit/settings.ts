import type { AxumKitConfig } from '../../base/configuration.ts';

/** What one mount of the dialect needs beside its context. */
export interface AxumKitSettings extends AxumKitConfig {
  /** `{origin}{mount}`: what clients are given as base URL. */
  readonly baseUrl: string;
  /** Errors carry `details`, and `/docs` and `/swagger.json` are there (spec §1.6, §2.1). */
  readonly development: boolean;
}
