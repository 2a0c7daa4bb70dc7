import { existsSync, readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second on every Linux that Node.js runs on. */
const tickMs = 10;

/**
 * Processor time of a process with all its threads, in milliseconds; null where there is no `/proc`. What else runs on
 * the machine moves it far less than it moves requests per second.
 */
export function cpuMs(pid: number): number | null {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return null;
  // utime and stime (proc_pid_stat(5)); the name of the process before them may hold spaces.
  const [userTicks, systemTicks] = readFileSync(file, 'utf8').split(') ').at(-1)!.split(' ').slice(11, 13);
  return (Number(userTicks) + Number(systemTicks)) * tickMs;
}
