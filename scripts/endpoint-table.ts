import { routes as axumKitRoutes } from '../src/http/axumkit/routes.ts';
import { allRoutes as betterAuthRoutes } from '../src/http/better-auth/routes.ts';
import { routes as hexclaveRoutes } from '../src/http/hexclave/routes.ts';

interface Row {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly hidden?: boolean;
}

/** Pages of docs/dialects/ whose tables are made from what is served. */
export const documented: Readonly<Record<string, readonly Row[]>> = {
  'better-auth': betterAuthRoutes,
  axumkit: axumKitRoutes,
  hexclave: hexclaveRoutes,
};

/** The table of one dialect. */
export function endpointTable(dialect: string): string {
  const rows = documented[dialect]!.filter(({ hidden }) => !hidden).map(({ method, path, summary, tag }) => ({
    tag,
    row: `| \`${method}\` | \`${path}\` | ${summary} |`,
  }));
  const tags = [...new Set(rows.map(({ tag }) => tag))];
  return tags
    .map((tag) => {
      const own = rows.filter((row) => row.tag === tag).map(({ row }) => row);
      return [`### ${tag}`, '', '| Method | Path | What it does |', '| --- | --- | --- |', ...own].join('\n');
    })
    .join('\n\n');
}
