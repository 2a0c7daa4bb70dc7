import type { Mount } from '../base/configuration.ts';

/** A mount as routes and links need it. */
export interface Place {
  readonly host: string | null;
  readonly prefix: string;
  /** Origin and prefix, without a trailing slash. */
  readonly url: string;
}

export function placeOf(mount: Exclude<Mount, { kind: 'off' }>, publicUrl: string): Place {
  if (mount.kind === 'host') return { host: new URL(mount.origin).host, prefix: '', url: mount.origin };
  const prefix = mount.prefix === '/' ? '' : mount.prefix;
  return { host: null, prefix, url: `${publicUrl}${prefix}` };
}
