/** Fills both databases with the same number of users, each with one session, by copying one real row. */
import { createHash, createHmac } from 'node:crypto';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { systemRandom } from '../src/base/random.ts';
import { createVault } from '../src/crypto/vault.ts';

type Row = Record<string, SQLInputValue>;

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
/** The same token for the same number in every run. */
export function tokenOf(number: number): string {
  const bytes = Buffer.concat([
    createHash('sha256').update(`a ${number}`).digest(),
    createHash('sha256').update(`b ${number}`).digest(),
  ]);
  return [...bytes.subarray(0, 45)].map((byte) => alphabet[byte & 31]).join('');
}

const idOf = (kind: number, number: number): string =>
  `01900000-0000-7${kind.toString(16).padStart(3, '0')}-8000-${number.toString(16).padStart(12, '0')}`;

function inserter(db: DatabaseSync, table: string, template: Row): (changes: Row) => void {
  const columns = Object.keys(template);
  const statement = db.prepare(
    `INSERT INTO "${table}" (${columns.map((name) => `"${name}"`).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  return (changes) =>
    void statement.run(...columns.map((name) => (name in changes ? changes[name]! : template[name]!)));
}

/** @returns the cookie of each session */
export function seedLatchkey(file: string, secret: string, count: number): string[] {
  const db = new DatabaseSync(file, { timeout: 10_000 });
  const one = (table: string) => db.prepare(`SELECT * FROM "${table}" LIMIT 1`).get() as Row;
  const user = inserter(db, 'user', one('user'));
  const email = inserter(db, 'email', one('email'));
  const password = inserter(db, 'password', one('password'));
  const session = inserter(db, 'session', one('session'));
  const vault = createVault({ current: secret, previous: [] }, systemRandom());
  const cookies: string[] = [];
  db.exec('BEGIN IMMEDIATE');
  for (let number = 1; number <= count; number += 1) {
    const token = tokenOf(number);
    const address = `user${number}@bench.example`;
    user({ id: idOf(1, number), display_name: `User ${number}` });
    email({ id: idOf(2, number), user_id: idOf(1, number), value: address, normal: address });
    password({ user_id: idOf(1, number) });
    session({ id: idOf(3, number), user_id: idOf(1, number), token_hash: createHash('sha256').update(token).digest() });
    const signature = Buffer.from(vault.mac('better-auth cookie', token)).toString('base64');
    cookies.push(`better-auth.session_token=${encodeURIComponent(`${token}.${signature}`)}`);
  }
  db.exec('COMMIT');
  db.exec('ANALYZE');
  db.close();
  return cookies;
}

export function seedBetterAuth(file: string, secret: string, count: number): string[] {
  const db = new DatabaseSync(file, { timeout: 10_000 });
  const one = (table: string) => db.prepare(`SELECT * FROM "${table}" LIMIT 1`).get() as Row;
  const user = inserter(db, 'user', one('user'));
  const account = inserter(db, 'account', one('account'));
  const session = inserter(db, 'session', one('session'));
  const cookies: string[] = [];
  db.exec('BEGIN IMMEDIATE');
  for (let number = 1; number <= count; number += 1) {
    const token = tokenOf(number);
    user({ id: idOf(1, number), name: `User ${number}`, email: `user${number}@bench.example` });
    account({ id: idOf(2, number), userId: idOf(1, number), accountId: idOf(1, number) });
    session({ id: idOf(3, number), userId: idOf(1, number), token });
    const signature = createHmac('sha256', secret).update(token).digest('base64');
    cookies.push(`better-auth.session_token=${encodeURIComponent(`${token}.${signature}`)}`);
  }
  db.exec('COMMIT');
  db.exec('ANALYZE');
  db.close();
  return cookies;
}
