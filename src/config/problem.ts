/** One thing that is wrong with what was configured. Nothing here ever holds the value of a secret. */
export interface Problem {
  readonly key: string;
  /** `environment`, or the file and where in it: `latchkey.json: projects.shop.policy`. */
  readonly source: string;
  /** Completes "the key …": `is not a known key`. */
  readonly problem: string;
  readonly nearest?: string | null;
  readonly mend: string;
}

/** Everything that is wrong, at once: nobody should restart a server five times to learn of five mistakes. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super([`Configuration has ${count}:`, ...problems.map(line)].join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const line = ({ key, source, problem, nearest, mend }: Problem): string =>
  `  ${key} (${source}) ${problem}.${nearest ? ` The nearest known key is ${nearest}.` : ''} ${mend}`;
