import { type DestinationStream, type Logger, pino } from 'pino';
import { concealCredentials } from './base/conceal-credentials.ts';
import type { Config } from './base/configuration.ts';

/** JSON lines on standard output, or lines for people at a terminal. */
export function openLog(config: Config['log'], out: DestinationStream = process.stdout): Logger {
  return pino(
    {
      level: config.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // Errors are made presentable with everything else below.
      serializers: { err: (presented) => presented },
      formatters: {
        level: (label) => ({ level: label }),
        log: (facts) => presentable(facts) as Record<string, unknown>,
      },
    },
    config.pretty ? { write: (line) => out.write(prettyLine(line)) } : out,
  );
}

const concealed = '[concealed]';
const secretName =
  /password|passphrase|passwd|secret|token|authorization|cookie|apikey|privatekey|verifier|otp$|^code$|backupcodes?$|recoverycodes?$|^hash$|payload|credential/;
/** Names that contain a secret's name and are none. */
const harmless = new Set(['tokentype', 'secretsource', 'passwordminlength', 'credentialid']);
const secretInUrl = /([?&#](?:[a-z_-]*token|code|state|secret|password|key)=)[^&#\s"']+/gi;

/**
 * Names are tested at every depth, whatever their spelling: a list of paths would miss the next place a header or a
 * body is logged from.
 */
function presentable(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return concealCredentials(value).replace(secretInUrl, `$1${concealed}`);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Error) return presentableError(value, depth);
  if (value instanceof Date) return value;
  if (depth > 6) return '[deeper]';
  if (Array.isArray(value)) return value.map((item) => presentable(item, depth + 1));
  // Requests, sockets and buffers hold far more than a line should say.
  if (!isPlain(value)) return `[${value.constructor?.name ?? 'object'}]`;
  const shown: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    shown[name] = isSecretName(name) && item !== null ? concealed : presentable(item, depth + 1);
  }
  return shown;
}

/** Drivers hang queries and bodies on their errors, so only these fields of an error are shown. */
function presentableError(error: Error & { readonly code?: unknown }, depth: number): object {
  return {
    type: error.name,
    message: presentable(error.message),
    ...(typeof error.code === 'string' && { code: error.code }),
    stack: presentable(error.stack),
    ...(error.cause instanceof Error && depth < 3 && { cause: presentableError(error.cause, depth + 1) }),
  };
}

function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[-_]/g, '');
  return secretName.test(plain) && !harmless.has(plain);
}

const isPlain = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** `14:05:09 warn  the job failed job=… attempt=2` */
function prettyLine(line: string): string {
  const { level, time, msg, err, ...facts } = JSON.parse(line);
  const rest = Object.entries(facts).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const trouble = err ? `\n${err.stack ?? err.message}` : '';
  return `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${msg ?? ''}${rest.join('')}${trouble}\n`;
}
