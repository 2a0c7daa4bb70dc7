import type { DialectName } from '../base/configuration.ts';
import { nativePrefix as betterAuthPrefix } from './better-auth/dialect.ts';
import type { Place } from './mount.ts';

/** What a client is configured with, below the mount. Those of Hexclave and AxumKit add the rest by themselves. */
const prefixes: { readonly [name in DialectName]: string } = {
  'better-auth': betterAuthPrefix,
  hexclave: '',
  axumkit: '',
};

/** Where an unchanged client of a dialect is pointed. */
export const clientUrl = (name: DialectName, { url }: Place): string => `${url}${prefixes[name]}`;
