/**
 * `node bench/session-memory.ts [sign-ins]`: memory of a server after one person with as much metadata as there may be
 * signed in a thousand times over Hexclave, with real hashing. Bound: 200 MB.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createStage, latchkeyBase, ports, signUp } from './stage.ts';

const signIns = Number(process.argv[2] ?? 1_000);
const boundMb = 200;
/** 16 kB are the most for each group of fields. */
const metadata = Array.from({ length: 200 }, (_, at) => [`field${at}`, 'x'.repeat(60)]);

const stage = createStage();
try {
  const { pid } = await stage.latchkey();
  const megabytes = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
  const idle = megabytes();
  const made = (await (await signUp(ports.latchkey, latchkeyBase)).json()) as { user: { id: string } };
  const db = new DatabaseSync(join(stage.folder, 'latchkey/latchkey.db'), { timeout: 10_000 });
  const groups = JSON.stringify(Object.fromEntries(metadata));
  db.prepare('UPDATE user SET metadata_client = ?, metadata_readonly = ?, metadata_server = ? WHERE id = ?').run(
    ...[groups, groups, groups, made.user.id],
  );
  const { project_id: projectId } = db.prepare('SELECT project_id FROM user LIMIT 1').get() as { project_id: string };
  db.close();
  let left = signIns;
  const person = async () => {
    while (left-- > 0) {
      const reply = await fetch(`http://127.0.0.1:${ports.latchkey}/hexclave/api/v1/auth/password/sign-in`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-hexclave-access-type': 'client',
          'x-hexclave-project-id': projectId,
        },
        body: JSON.stringify({ email: 'first@bench.example', password: 'correct horse battery' }),
      });
      if (!reply.ok) throw new Error(`a sign-in answered ${reply.status}: ${await reply.text()}`);
      await reply.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: 8 }, person));
  const after = megabytes();
  console.log(`${signIns} sign-ins of one person with 3 × ${groups.length} bytes of metadata, memory in MB`);
  console.log(`before ${idle.toFixed(0)}, after ${after.toFixed(0)}, bound ${boundMb}`);
  if (after > boundMb) process.exitCode = 1;
} finally {
  await stage.stop();
}
