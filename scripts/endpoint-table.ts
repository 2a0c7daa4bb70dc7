import { allRoutes } from '../src/http/better-auth/routes.ts';

/** The table of docs/dialects/better-auth.md, made from what is served. */
export function endpointTable(): string {
  const rows = allRoutes
    .filter(({ hidden }) => !hidden)
    .map(({ method, path, summary, tag }) => ({ tag, row: `| \`${method}\` | \`${path}\` | ${summary} |` }));
  const tags = [...new Set(rows.map(({ tag }) => tag))];
  return tags
    .map((tag) => {
      const own = rows.filter((row) => row.tag === tag).map(({ row }) => row);
      return [`### ${tag}`, '', '| Method | Path | What it does |', '| --- | --- | --- |', ...own].join('\n');
    })
    .join('\n\n');
}
