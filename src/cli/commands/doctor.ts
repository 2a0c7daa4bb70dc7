import { systemClock } from '../../base/clock.ts';
import type { Config } from '../../base/configuration.ts';
import { applicationProblems } from '../../browser-applications.ts';
import { ConfigError } from '../../config/problem.ts';
import { describeConfig, readConfig } from '../../config/read-config.ts';
import { database } from '../doctor/database.ts';
import { type Finding, fail, ok, warn } from '../doctor/finding.ts';
import { dataDirectory, nodeVersion, ownClock, secret } from '../doctor/machine.ts';
import { port, publicUrl, redis, smtp } from '../doctor/network.ts';
import { exitCodes } from '../failure.ts';
import { print } from '../terminal.ts';

/** Looks at everything a start needs, and makes nothing. */
export async function doctor(): Promise<void> {
  const findings = [nodeVersion(), ...(await examine())];
  for (const { level, what, mend } of findings) {
    print(`${level.padEnd(5)} ${what}`);
    if (mend) print(`      ${mend}`);
  }
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length;
  const failed = count('fail');
  print(`\n${count('ok')} ok, ${count('warn')} to look at, ${failed} to mend`);
  if (failed > 0) process.exitCode = exitCodes.failed;
}

async function examine(): Promise<readonly Finding[]> {
  const input = { env: process.env, cwd: process.cwd() };
  let config: Config;
  try {
    config = readConfig({ ...input, generatedSecret: () => '' });
  } catch (fault) {
    if (!(fault instanceof ConfigError)) throw fault;
    // Without a configuration there is nothing else to look at.
    return fault.problems.map(({ key, problem, nearest, mend }) =>
      fail(`${key} ${problem}`, `${nearest ? `The nearest known key is ${nearest}. ` : ''}${mend}`),
    );
  }
  const hasSecret = describeConfig(input).some(({ key, source }) => key === 'SECRET' && source !== 'default');
  const now = () => systemClock().now();
  return [
    ok('Configuration has no mistakes'),
    dataDirectory(config),
    secret(config, hasSecret),
    ownClock(config, now()),
    ...(await database(config, now)),
    await redis(config),
    await smtp(config),
    await port(config),
    ...publicUrl(config),
    ...(await applicationProblems(config)).map(({ problem, mend }) => warn(problem, `${mend}.`)),
  ];
}
