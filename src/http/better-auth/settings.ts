import type { BetterAuthConfig } from '../../base/configuration.ts';

/** What one mount of the dialect needs beside its context. */
export interface BetterAuthSettings extends BetterAuthConfig {
  /** `{origin}{mount}/api/auth`: what every link and redirect of this dialect starts with. */
  readonly baseUrl: string;
  /** What addresses of stored files start with. */
  readonly filesUrl: string;
}
