import type { HexclaveConfig } from '../../base/configuration.ts';

/** What one mount of the dialect needs beside its context. */
export interface HexclaveSettings extends HexclaveConfig {
  /** `{origin}{mount}`: what clients are given as base URL. */
  readonly baseUrl: string;
}
