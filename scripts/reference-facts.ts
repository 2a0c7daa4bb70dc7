/**
 * Reduces what is known of an original API to what `test/http/reference.test.ts` compares: of an OpenAPI document
 * operations and the types of their members, of an overview (`.txt`) operations and who may call them. Their words are
 * left behind.
 *
 *     node scripts/reference-facts.ts <document> > test/data/reference/<dialect>.json
 */
import { readFileSync } from 'node:fs';
import { factsOf } from '../test/kit/operation-facts.ts';

const file = process.argv[2]!;
const text = readFileSync(file, 'utf8');
const facts = file.endsWith('.txt') ? overviewFacts(text) : factsOf(JSON.parse(text));
process.stdout.write(`${JSON.stringify(facts, null, 1)}\n`);

/** Lines such as `POST/v0/auth/logoutYesDestroy session`: a table whose cells ran together. */
function overviewFacts(overview: string): Record<string, { signedIn: boolean }> {
  const rows = overview.matchAll(/^(GET|POST|PATCH|PUT|DELETE)(\/\S*?)(Yes|No)[A-Z]/gm);
  return Object.fromEntries(
    [...rows].map(([, method, path, asked]) => [`${method} ${path}`, { signedIn: asked === 'Yes' }]),
  );
}
