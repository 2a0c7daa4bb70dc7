import type { Context } from '../../core/context.ts';

/** The path of a page of this project on the host that all pages are on. */
export const pagePath = ({ pagesUrl }: Pick<Context, 'pagesUrl'>, path: string): string =>
  `${new URL(pagesUrl).pathname.replace(/\/$/, '')}${path}`;
