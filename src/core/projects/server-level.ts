/** How much a service of the project may do; an administrator may do all that a server may. */
export type ServerLevel = 'server' | 'admin';

/** Whether a service may do what wants at least this level. */
export const reachesLevel = ({ level }: { readonly level: ServerLevel }, least: ServerLevel): boolean =>
  level === 'admin' || least === 'server';
