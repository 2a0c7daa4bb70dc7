import { type Refusal, type RefusalCode, refuse } from '../../base/refusal.ts';
import { Conflict } from '../store.ts';

/** By how the names of indexes begin. */
const conflicts: Readonly<Record<string, RefusalCode>> = {
  user: 'username_taken',
  email_of_user: 'email_already_added',
  identity: 'identity_taken',
};

/** Two at once: the unique index lets one through, the other is refused as if it had come later. */
export function conflictAsRefusal(fault: unknown): Refusal {
  if (!(fault instanceof Conflict)) throw fault;
  const code = Object.entries(conflicts).find(([index]) => fault.index.startsWith(index))?.[1] ?? 'email_taken';
  return refuse(code, { why: fault.message });
}
