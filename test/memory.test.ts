import { expect, test } from 'vitest';
import { readSources, type Sources } from './kit/architecture.ts';

/** Collections that outlive a call, by the file that makes them, and what bounds each. */
const bounds: Readonly<Record<string, string>> = {
  'base/lru.ts': 'the capacity its owner gives',
  'conditions/cel-conditions.ts': 'a fixed number of conditions',
  'core/audit/live-log.ts': 'open streams: policy `streams`',
  'core/sessions/session-cache.ts': 'SESSION_CACHE_ENTRIES, and 2 kB for each of them',
  'core/sessions/session-uses.ts': 'sessions used within five seconds, when it is written and emptied',
  'core/signing/access-token.ts': 'the signing keys of the project',
  'core/signing/token-memory.ts': '32 MB for all projects, and ten minutes for each token',
  'crypto/key-ring.ts': 'the labels of keys',
  'crypto/token-signer.ts': 'a fixed number of keys',
  'http/axumkit/anonymous-browser.ts': 'requests in progress',
  'http/kit/event-stream.ts': 'open streams: policy `streams`',
  'http/kit/origin-notices.ts': '1,000 origins, 20 new ones an hour',
  'http/kit/openapi.ts': 'dialects',
  'http/kit/shortcuts.ts': 'endpoints',
  'http/ops/request-tally.ts': 'routes and statuses',
  'jobs/job-runner.ts': 'jobs in progress: four for each project',
  'node-watch.ts': 'what differs among the nodes that run',
  'open-ones.ts': '200 projects, and those of the last two minutes',
  'open-projects.ts': 'a time for each project of the installation; surfaces',
  'providers/documents.ts': 'the configured issuers of a project',
  'providers/open-providers.ts': 'the configured providers of a project',
  'store/invalidation/listener.ts': 'open projects',
  'store/limiter/memory-limiter.ts': '200,000 counters',
  'store/postgres/guarded-pool.ts': 'connections',
  'store/postgres/qualify-names.ts': '1,000 texts of at most 4,000 characters',
  'store/sqlite/conflict-names.ts': 'the indexes of the schema',
  'store/sqlite/statements.ts': '300 statements of a connection',
};

/** Files whose collections live for one call or one transaction. */
const ofOneCall: readonly string[] = [
  'core/factors/backup-codes.ts',
  'core/orgs/invite-members.ts',
  'core/permissions/grant-graph.ts',
  'core/permissions/list-grants.ts',
  'core/permissions/project-rights.ts',
  'core/search/search-profiles.ts',
  'core/users/user-details.ts',
  'http/axumkit/validation-text.ts',
  'http/better-auth/validation-text.ts',
  'http/kit/openapi-components.ts',
  'http/hexclave/config/flatten.ts',
  'http/hexclave/resource-query.ts',
  'http/pages/docs-page.ts',
  'store/backup/load-backup.ts',
  'store/backup/table-shapes.ts',
  'store/change-log.ts',
  'store/queries/credentials.ts',
  'store/queries/grantables.ts',
  'store/queries/users.ts',
  'store/sqlite/new-file.ts',
];

/** One that begins empty and grows. */
const growing = /new (?:Lru\b|(?:Map|Set|WeakMap)(?:<[^(]*>)?\(\))/;

const filesThatCollect = (sources: Sources): string[] =>
  [...sources].flatMap(([file, text]) => (growing.test(text) ? [file] : [])).sort();

test('whatever grows in memory says what bounds it', () => {
  const files = filesThatCollect(readSources()).filter((file) => !/^(?:cli|config)\//.test(file));
  expect(files).toEqual([...Object.keys(bounds), ...ofOneCall].sort());
});

test.each(['new Map<string, User>()', 'new Set()', 'new Lru<string, User>(9)', 'new WeakMap<object, Kept>()'])(
  '%s in another file is noticed',
  (text) => {
    expect(filesThatCollect(new Map([['core/x.ts', `const kept = ${text};`]]))).toEqual(['core/x.ts']);
  },
);
